"""The Larder in web2py: web2py's WSGI callable, with the common headers."""

import sys
from os.path import isfile

import workplace
from shared_db import open_larder


def create_app(settings):
    """Open the larder, start web2py, and return the WSGI callable."""
    # Production: web2py's book recommends compiled applications (chapter 13, "Efficiency").
    # https://github.com/web2py/web2py-book/blob/master/sources/29-web2py-english/13.markmin
    # They lose the names of the files, so the application is not compiled while a debugger or
    # coverage is active.
    compiled = not (settings.debug or is_traced())
    gluon = workplace.start("larder", settings, "routes.py", compiled=compiled)
    from session import LarderSession

    gluon.main.Session = LarderSession  # web2py has no setting for the class of its sessions
    larder = open_larder(settings.database_url, settings.photos_dir)
    # Every request finds the contents of global_settings in request.env.
    gluon.settings.global_settings.update(larder=larder, settings=settings)
    # Without this option a traceback goes only into a ticket file.
    gluon.settings.global_settings.cmd_options = gluon.storage.Storage(errors_to_console=True)
    site = Site(gluon.main.wsgibase, larder, settings)
    if settings.hardened:
        from hardening import harden  # it imports web2py, so web2py must have started

        harden(site)
    return site


def is_traced():
    """Return whether a debugger or coverage is active, which need the names of files."""
    if sys.gettrace() is not None:
        return True
    monitoring = getattr(sys, "monitoring", None)  # new in Python 3.12
    return monitoring is not None and any(
        monitoring.get_tool(tool) for tool in (monitoring.DEBUGGER_ID, monitoring.COVERAGE_ID)
    )


class Site:
    """web2py with the common headers, which a model cannot add to static files or redirects."""

    def __init__(self, web2py, larder, settings):
        self.web2py = web2py
        self.larder = larder
        self.settings = settings

    def __call__(self, environ, start_response):
        self.larder.begin_request()
        # web2py answers for a missing static file with its own text, without routes_onerror.
        if self.lacks(environ["PATH_INFO"]):
            environ["PATH_INFO"] = "/nothing"

        def start(status, headers):
            return start_response(status, [*headers, *self.common_headers(dict(headers))])

        return self.web2py(environ, start)

    def lacks(self, path):
        """Return whether a path names a static file that does not exist."""
        name = path.removeprefix("/static/")
        # Path.is_file() fails on a long name.
        return name != path and not isfile(self.settings.static_dir / name)  # noqa: PTH113

    def common_headers(self, present):
        """Yield the common headers of a reply."""
        yield "Content-Security-Policy", self.settings.content_security_policy
        yield "X-Content-Type-Options", "nosniff"
        yield "Referrer-Policy", "same-origin"
        if "Cache-Control" not in present:
            yield "Cache-Control", "private, no-cache"
        usage = self.larder.usage
        yield "Server-Timing", f'db;dur={usage.milliseconds};desc="{usage.queries} queries"'
