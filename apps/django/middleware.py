"""The middleware around every view."""

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig

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
        if request.method == "HEAD":
            leave_out_body(response)
        return response


def leave_out_body(response):
    """Remove the body of a HEAD reply: Django leaves this to the server, waitress to the app."""
    if response.streaming:
        response.streaming_content = ()
    else:
        response.content = b""


class ProblemMiddleware:
    """Reject a body that is too large without reading it, and render the error pages."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        refuse_unreadable(request)
        response = self.get_response(request)
        if response.status_code >= 400 and not response.streaming and not response.content:
            # Django's decorators answer 405 (with Allow) and 412 without a body.
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


def refuse_unreadable(request):
    """Reject a target without a leading slash, and a body over the limit.

    Django adds the slash, and checks the length only of a body that a view reads.
    """
    if not request.META["PATH_INFO"].startswith("/"):
        raise BadRequest("The target does not begin with a slash.")
    length = request.headers.get("Content-Length") or "0"
    if not length.isdecimal():
        raise BadRequest("Content-Length is no number.")
    if int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise RequestDataTooBig
