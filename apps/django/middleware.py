"""The middleware around every view."""

from django.conf import settings

from larder import larder
from problems import STATUS_OF_ERROR, explain


class HouseMiddleware:
    """Add the common headers and Server-Timing to every reply."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        larder.begin_request()
        response = self.get_response(request)
        response["Content-Security-Policy"] = settings.SITE.content_security_policy
        response.setdefault("Cache-Control", "private, no-cache")
        usage = larder.usage
        response["Server-Timing"] = f'db;dur={usage.milliseconds};desc="{usage.queries} queries"'
        return response


class ProblemMiddleware:
    """Render the error pages that Django has no handlers for."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code in (405, 412) and not response.content:
            # Django's decorators and class-based views answer these without a body.
            del response["Content-Type"]
            return explain(request, status=response.status_code, headers=response.headers)
        return response

    def process_exception(self, request, exception):
        """Answer an error of the larder; Django has its own handlers for other errors."""
        status = STATUS_OF_ERROR.get(type(exception))
        if status is None:
            return None
        headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
        return explain(request, exception, status=status, headers=headers)
