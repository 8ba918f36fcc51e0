"""The middleware around every request."""


class House:
    """Count the queries of each request, and add the common headers to every reply."""

    def __init__(self, larder, settings):
        self._larder = larder
        self._headers = {
            "Content-Security-Policy": settings.content_security_policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
        }

    def process_request(self, req, resp):
        self._larder.begin_request()

    def process_response(self, req, resp, resource, req_succeeded):
        usage = self._larder.usage
        resp.set_headers(self._headers)
        if resp.cache_control is None:
            resp.cache_control = ("private", "no-cache")
        resp.set_header(
            "Server-Timing", f'db;dur={usage.milliseconds};desc="{usage.queries} queries"'
        )
