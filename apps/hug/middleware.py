"""The middleware around every request."""

import falcon

BODY_LIMIT_BYTES = 2 * 1024 * 1024 + 64 * 1024


class House:
    """Add the larder to the request, count its queries, and add the common headers to the reply."""

    def __init__(self, **stock):
        self._stock = stock
        self._headers = {
            "Content-Security-Policy": stock["settings"].content_security_policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
        }

    def process_request(self, request, response):
        self._stock["larder"].begin_request()
        request.context.update(self._stock)

    def process_response(self, request, response, resource, req_succeeded):
        usage = self._stock["larder"].usage
        response.set_headers(self._headers)
        if response.get_header("Cache-Control") is None:
            response.cache_control = ("private", "no-cache")
        response.set_header(
            "Server-Timing", f'db;dur={usage.milliseconds};desc="{usage.queries} queries"'
        )


class Limits:
    """Reject invalid targets, and a body over the limit before reading it."""

    def process_request(self, request, response):
        if request.env["PATH_INFO"][:1] not in "/":
            raise falcon.HTTPBadRequest
        if (request.content_length or 0) > BODY_LIMIT_BYTES:
            raise falcon.HTTPPayloadTooLarge


class Arguments:
    """Prevent that a query replaces arguments of the address, which it does in hug."""

    def process_request(self, request, response):
        request.params.pop("exception", None)  # an argument of the error handler
        for name, texts in request.params.items():
            if isinstance(texts, list):  # a repeated header
                request.params[name] = texts[-1]
        # hug fails on a range of last bytes; a server may send the whole file instead.
        request.env.pop("HTTP_RANGE", None)

    def process_resource(self, request, response, resource, params):
        for name in params:
            request.params.pop(name, None)
