"""The Larder in web2py: web2py's own WSGI callable, and what every reply carries."""

import sys

import workplace
from shared_db import open_larder

LONGEST_RANGE = 100


def create_app(settings):
    """Open the larder, start web2py, and return the WSGI callable."""
    # Compiled beforehand is what web2py advises for production; the names of the files are lost,
    # so it is left while a debugger or coverage looks on.
    compiled = not (settings.debug or is_traced())
    gluon = workplace.start("larder", settings, "routes.py", compiled=compiled)
    from session import LarderSession

    # web2py makes each request's session of the class by this name.
    gluon.main.Session = LarderSession
    larder = open_larder(settings.database_url, settings.photos_dir)
    # What is in global_settings, every request finds in request.env.
    gluon.settings.global_settings.update(larder=larder, settings=settings)
    # Without this option a traceback goes into a ticket on disk, and nowhere else.
    gluon.settings.global_settings.cmd_options = gluon.storage.Storage(errors_to_console=True)
    return Door(gluon.main.wsgibase, larder, settings)


def is_traced():
    """Whether a debugger or coverage looks on: both go by the names of files."""
    if sys.gettrace() is not None:
        return True
    monitoring = getattr(sys, "monitoring", None)  # new in Python 3.12
    return monitoring is not None and any(
        monitoring.get_tool(tool) for tool in (monitoring.DEBUGGER_ID, monitoring.COVERAGE_ID)
    )


class Door:
    """What is done around web2py: its models see no request for a static file."""

    def __init__(self, web2py, larder, settings):
        self.web2py = web2py
        self.larder = larder
        self.static_dir = settings.static_dir
        self.headers = [
            ("Content-Security-Policy", settings.content_security_policy),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "same-origin"),
        ]

    def __call__(self, environ, start_response):
        self.larder.begin_request()
        # No proxy is trusted here, and web2py refuses the request when this holds no IP address.
        environ.pop("HTTP_X_FORWARDED_FOR", None)
        # A server may leave a Range unheeded; one this long asks for nothing sensible.
        if len(environ.get("HTTP_RANGE", "")) > LONGEST_RANGE:
            del environ["HTTP_RANGE"]
        # For a static file that is not there it has words of its own, past routes_onerror.
        if not self.has(environ["PATH_INFO"]):
            environ["PATH_INFO"] = "/nothing"

        def start(status, headers):
            return start_response(status, [*headers, *self.headers, self.timing()])

        return self.web2py(environ, start)

    def has(self, path):
        """Whether a path that names a static file names one that is there."""
        root, static, file = path.partition("/static/")
        try:
            return root or not static or (self.static_dir / file).is_file()
        except OSError:  # a name too long, say
            return False

    def timing(self):
        """Return the header that says how long the larder took."""
        usage = self.larder.usage
        return "Server-Timing", f'db;dur={usage.milliseconds};desc="{usage.queries} queries"'
