"""The Larder in web2py: web2py's WSGI callable, with the common headers."""

import sys
from email.utils import formatdate
from pathlib import Path

import workplace
from shared_db import open_larder

BODY_LIMIT_BYTES = 2 * 1024 * 1024 + 64 * 1024
TYPES = ("application/x-www-form-urlencoded", "multipart/form-data", "application/json")


def create_app(settings):
    """Open the larder, start web2py, and return the WSGI callable."""
    # web2py recommends compiled applications for production. They lose the names of the files,
    # so the application is not compiled while a debugger or coverage is active.
    compiled = not (settings.debug or is_traced())
    gluon = workplace.start("larder", settings, "routes.py", compiled=compiled)
    from forms import StrictParser
    from session import LarderSession

    # web2py creates each request's session and form parser from the classes with these names.
    gluon.main.Session = LarderSession
    gluon.globals.MultipartParser = StrictParser
    larder = open_larder(settings.database_url, settings.photos_dir)
    # Every request finds the contents of global_settings in request.env.
    gluon.settings.global_settings.update(larder=larder, settings=settings)
    # Without this option a traceback goes only into a ticket file.
    gluon.settings.global_settings.cmd_options = gluon.storage.Storage(errors_to_console=True)
    return Door(gluon.main.wsgibase, larder, settings)


def is_traced():
    """Return whether a debugger or coverage is active, which need the names of files."""
    if sys.gettrace() is not None:
        return True
    monitoring = getattr(sys, "monitoring", None)  # new in Python 3.12
    return monitoring is not None and any(
        monitoring.get_tool(tool) for tool in (monitoring.DEBUGGER_ID, monitoring.COVERAGE_ID)
    )


class Door:
    """A WSGI wrapper: web2py's models do not run for static files."""

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
        # No proxy is trusted here, and web2py rejects a request in which this is not an IP address.
        environ.pop("HTTP_X_FORWARDED_FOR", None)
        # If the host name is empty before a port, web2py cannot find the method in a route.
        if environ.get("HTTP_HOST", "").startswith(":"):
            environ["HTTP_HOST"] = "localhost"
        # web2py accepts any text as a range and ignores If-Range; ranges may be ignored (RFC 9110).
        environ.pop("HTTP_RANGE", None)
        # web2py compares the first letters of a type in lower case: "application/jsonp" is JSON.
        kind, semicolon, parameters = environ.get("CONTENT_TYPE", "").partition(";")
        kind = kind.strip().lower()
        environ["CONTENT_TYPE"] = kind + semicolon + parameters if kind in TYPES else ""
        path = environ["PATH_INFO"] or "/"  # "GET http://host" has no path (RFC 9112, 3.2.2)
        file = self.file_of(path)
        # web2py answers for a missing static file with its own text, without routes_onerror, and
        # no model checks the length of the body before a static file is sent.
        lost = path.startswith("/static/") and (file is None or is_oversize(environ))
        environ["PATH_INFO"] = "/nothing" if lost else path
        # web2py compares only dates; tags come before dates, and "*" is any tag (RFC 9110, 13.1).
        if file and (known := environ.get("HTTP_IF_NONE_MATCH")):
            date = formatdate(int(file.stat().st_mtime), usegmt=True)
            environ["HTTP_IF_MODIFIED_SINCE"] = date if known.strip() == "*" else ""

        def start(status, headers):
            return start_response(
                status, [*cached_headers(status, headers), *self.headers, self.timing()]
            )

        return self.web2py(environ, start)

    def file_of(self, path):
        """Return the file that a path names, or None."""
        if path == "/api/openapi.json":
            path = "/static/openapi.json"
        folder, _, name = path[1:].partition("/")
        try:
            file = Path(self.folders[folder], name)
            return file if file.is_file() else None
        except (KeyError, OSError, ValueError):  # a missing folder, a long name
            return None

    def timing(self):
        """Return the Server-Timing header with the database's time and number of queries."""
        usage = self.larder.usage
        return "Server-Timing", f'db;dur={usage.milliseconds};desc="{usage.queries} queries"'


def is_oversize(environ):
    """Return whether the body is over the limit, or its length is not a number."""
    length = environ.get("CONTENT_LENGTH") or "0"
    return not length.isdecimal() or int(length) > BODY_LIMIT_BYTES


def cached_headers(status, headers):
    """Return the headers; the default Cache-Control is "private, no-cache".

    web2py sends files with "private" only, and a 304 without Cache-Control but with a type.
    """
    headers = [header for header in headers if header != ("Cache-Control", "private")]
    names = {name for name, _ in headers}
    if "Cache-Control" not in names:
        headers.append(("Cache-Control", "private, no-cache"))
    if status.startswith("304"):
        headers = [(name, value) for name, value in headers if name != "Content-Type"]
    return headers
