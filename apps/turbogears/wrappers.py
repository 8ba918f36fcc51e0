"""What happens around every request: TurboGears' application wrappers, the innermost first."""

import logging

from tg.appwrappers.base import ApplicationWrapper
from tg.exceptions import HTTPBadRequest, HTTPNotFound, HTTPRequestEntityTooLarge
from webob.etag import AnyETag

BODY_LIMIT_BYTES = 2 * 1024 * 1024 + 64 * 1024
log = logging.getLogger(__name__)


class FailureLog(ApplicationWrapper):
    """Tell the house what nobody foresaw; the error pages' wrapper would keep it to itself."""

    def __call__(self, controller, environ, context):
        try:
            return self.next_handler(controller, environ, context)
        except Exception:
            log.exception("The kitchen failed.")
            raise


class ReadableRequests(ApplicationWrapper):
    """Refuse a body over the limit before reading it, and what parsers overlook or trip over."""

    def __call__(self, controller, environ, context):
        request = context.request
        refusal = refusal_of(request)
        if refusal is None:
            return self.next_handler(controller, environ, context)
        # The error page is a second dispatch, with a copy of the request, and reads both.
        request.body, request.args_params = b"", {}
        return refusal


def refusal_of(request):
    """Return the error for a request that never gets to a controller, else None."""
    if (request.content_length or 0) > BODY_LIMIT_BYTES:
        return HTTPRequestEntityTooLarge()
    try:
        path, _ = request.path_info, request.args_params
    except Exception:  # UnicodeDecodeError, ValueError, LookupError, even DeprecationWarning
        return HTTPBadRequest()
    # TurboGears drops a last slash, and an encoded one cannot be told from it.
    return HTTPNotFound() if path.endswith("/") and path != "/" else None


class CommonHeaders(ApplicationWrapper):
    """Put on the reply what every reply carries, and send none that the guest holds already."""

    def __init__(self, next_handler, config):
        super().__init__(next_handler, config)
        self.larder = config["tg.app_globals"].larder
        self.settings = config["tg.app_globals"].settings

    def __call__(self, controller, environ, context):
        self.larder.begin_request()
        response = self.next_handler(controller, environ, context)
        if response.etag and context.request.if_none_match is AnyETag:
            # WebOb leaves the asterisk unheeded, and so does TurboGears' etag_cache.
            environ["HTTP_IF_NONE_MATCH"] = response.headers["ETag"]
        response.conditional_response = True
        if (response.content_type or "").endswith("json"):
            del response.charset  # JSON has no such parameter; TurboGears adds it
        usage = self.larder.usage
        response.headers.update(
            {
                "Content-Security-Policy": self.settings.content_security_policy,
                "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "same-origin",
                "Server-Timing": f'db;dur={usage.milliseconds};desc="{usage.queries} queries"',
            }
        )
        return response
