"""TurboGears' application wrappers around every request, the innermost first."""

import logging

from tg.appwrappers.base import ApplicationWrapper

log = logging.getLogger(__name__)


class FailureLog(ApplicationWrapper):
    """Log unexpected errors, which the wrapper of the error pages does not log."""

    def __call__(self, controller, environ, context):
        try:
            return self.next_handler(controller, environ, context)
        except Exception:
            log.exception("The kitchen failed.")
            raise


class CommonHeaders(ApplicationWrapper):
    """Set the common headers."""

    def __init__(self, next_handler, config):
        super().__init__(next_handler, config)
        self.larder = config["tg.app_globals"].larder
        self.settings = config["tg.app_globals"].settings

    def __call__(self, controller, environ, context):
        self.larder.begin_request()
        response = self.next_handler(controller, environ, context)
        if (response.content_type or "").endswith("json"):
            del response.charset  # JSON has no charset parameter; TurboGears adds it
        response.headers.setdefault("Cache-Control", "private, no-cache")
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
