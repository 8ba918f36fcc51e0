"""The Larder in py4web: py4web's WSGI callable, with the common headers."""

import workplace
from shared_db import open_larder

# py4web trusts these headers of any client, but here is no proxy that sends them.
PROXY_HEADERS = ("HTTP_X_PY4WEB_APPNAME", "HTTP_X_SCRIPT_NAME")
CACHING = ("Cache-Control", "private, no-cache")


def create_app(settings):
    """Open the larder, let py4web load the application, and return the WSGI callable."""
    larder = open_larder(settings.database_url, settings.photos_dir)
    return Door(workplace.start("larder", settings, larder=larder), larder, settings)


class Door:
    """A WSGI wrapper: py4web's fixtures do not see requests that no action answers."""

    def __init__(self, py4web, larder, settings):
        self.py4web = py4web
        self.larder = larder
        self.headers = [
            ("Content-Security-Policy", settings.content_security_policy),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "same-origin"),
        ]

    def __call__(self, environ, start_response):
        self.larder.begin_request()
        for name in PROXY_HEADERS:
            environ.pop(name, None)
        # Invalid UTF-8 becomes characters that no address contains, so the answer is 404.
        path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
        environ["PATH_INFO"] = path.encode().decode("latin-1")

        def start(status, headers, *error):
            names = {name.lower() for name, _ in headers}
            caching = [] if "cache-control" in names else [CACHING]
            headers = [*headers, *caching, *self.headers, self.timing()]
            return start_response(status, headers, *error)

        return self.py4web(environ, start)

    def timing(self):
        """Return the Server-Timing header with the database's time and number of queries."""
        usage = self.larder.usage
        return "Server-Timing", f'db;dur={usage.milliseconds};desc="{usage.queries} queries"'
