"""The Larder in web2py: web2py's own WSGI callable, and what every reply carries."""

import sys
from email.utils import formatdate
from pathlib import Path

import workplace
from shared_db import open_larder

BODY_LIMIT_BYTES = 2 * 1024 * 1024 + 64 * 1024
TYPES = ("application/x-www-form-urlencoded", "multipart/form-data", "application/json")


def create_app(settings):
    """Open the larder, start web2py, and return the WSGI callable."""
    # Compiled beforehand is what web2py advises for production; the names of the files are lost,
    # so it is left while a debugger or coverage looks on.
    compiled = not (settings.debug or is_traced())
    gluon = workplace.start("larder", settings, "routes.py", compiled=compiled)
    from forms import StrictParser
    from session import LarderSession

    # web2py makes each request's session and form parser of the classes by these names.
    gluon.main.Session = LarderSession
    gluon.globals.MultipartParser = StrictParser
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
        self.folders = {"static": settings.static_dir, "photos": settings.photos_dir}
        self.headers = [
            ("Content-Security-Policy", settings.content_security_policy),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "same-origin"),
        ]

    def __call__(self, environ, start_response):
        self.larder.begin_request()
        # No proxy is trusted here, and web2py refuses the request when this holds no IP address.
        environ.pop("HTTP_X_FORWARDED_FOR", None)
        # From a port without a name web2py cannot tell where in a route the method begins.
        if environ.get("HTTP_HOST", "").startswith(":"):
            environ["HTTP_HOST"] = "localhost"
        # web2py takes anything for a range and reads no If-Range; ranges may be ignored (RFC 9110).
        environ.pop("HTTP_RANGE", None)
        # It knows a type by its first letters, if they are small: "application/jsonp" is JSON.
        kind, semicolon, parameters = environ.get("CONTENT_TYPE", "").partition(";")
        kind = kind.strip().lower()
        environ["CONTENT_TYPE"] = kind + semicolon + parameters if kind in TYPES else ""
        path = environ["PATH_INFO"] or "/"  # "GET http://host" has none (RFC 9112, 3.2.2)
        file = self.file_of(path)
        # For a static file that is not there it has words of its own, past routes_onerror; and
        # before it sends one, no model looks at the length of the body.
        lost = path.startswith("/static/") and (file is None or is_oversize(environ))
        environ["PATH_INFO"] = "/nothing" if lost else path
        # It knows a file by its date; a tag goes before that, and "*" is any (RFC 9110, 13.1).
        if file and (known := environ.get("HTTP_IF_NONE_MATCH")):
            date = formatdate(int(file.stat().st_mtime), usegmt=True)
            environ["HTTP_IF_MODIFIED_SINCE"] = date if known.strip() == "*" else ""

        def start(status, headers):
            return start_response(
                status, [*cached_headers(status, headers), *self.headers, self.timing()]
            )

        return self.web2py(environ, start)

    def file_of(self, path):
        """Return the file that a path names, where there is one."""
        if path == "/api/openapi.json":
            path = "/static/openapi.json"
        folder, _, name = path[1:].partition("/")
        try:
            file = Path(self.folders[folder], name)
            return file if file.is_file() else None
        except (KeyError, OSError, ValueError):  # no folder, or a name too long, say
            return None

    def timing(self):
        """Return the header that says how long the larder took."""
        usage = self.larder.usage
        return "Server-Timing", f'db;dur={usage.milliseconds};desc="{usage.queries} queries"'


def is_oversize(environ):
    """Whether a request brings a body over the limit, or says so in words that are no number."""
    length = environ.get("CONTENT_LENGTH") or "0"
    return not length.isdecimal() or int(length) > BODY_LIMIT_BYTES


def cached_headers(status, headers):
    """Return the headers; a reply that says nothing else is for one browser, checked again.

    A file of web2py's says less ("private"), and its 304 nothing, but has a type of its own.
    """
    headers = [header for header in headers if header != ("Cache-Control", "private")]
    names = {name for name, _ in headers}
    if "Cache-Control" not in names:
        headers.append(("Cache-Control", "private, no-cache"))
    if status.startswith("304"):
        headers = [(name, value) for name, value in headers if name != "Content-Type"]
    return headers
