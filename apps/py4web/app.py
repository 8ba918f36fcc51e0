"""The Larder in py4web: py4web's WSGI callable, with the common headers."""

import workplace
from shared_db import open_larder


def create_app(settings):
    """Open the larder, let py4web load the application, and return the WSGI callable."""
    larder = open_larder(settings.database_url, settings.photos_dir)
    return CommonHeaders(workplace.start("larder", settings, larder=larder), larder, settings)


class CommonHeaders:
    """A WSGI wrapper: py4web has no other place for headers of files and error pages.

    Fixtures see only requests of actions, and error replies and files drop the headers that were
    set before, even in a hook of ombott.
    """

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
        # Invalid UTF-8 becomes characters that no address contains, so the answer is 404.
        path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
        environ["PATH_INFO"] = path.encode().decode("latin-1")

        def start(status, headers, *error):
            names = {name.lower() for name, _ in headers}
            caching = [] if "cache-control" in names else [("Cache-Control", "private, no-cache")]
            headers = [*headers, *caching, *self.headers, self.timing()]
            return start_response(status, headers, *error)

        return self.py4web(environ, start)

    def timing(self):
        """Return the Server-Timing header with the database's time and number of queries."""
        usage = self.larder.usage
        return "Server-Timing", f'db;dur={usage.milliseconds};desc="{usage.queries} queries"'
