"""What happens around every view."""

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig

from larder import larder
from problems import STATUS_OF_ERROR, explain


class HouseMiddleware:
    """Put on every reply what every reply carries, and say how long the larder took."""

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
    """Keep the headers only. Django leaves this to the server, and waitress to the application."""
    if response.streaming:
        response.streaming_content = ()
    else:
        response.content = b""


class ProblemMiddleware:
    """Refuse a body that is too large unread, and turn refusals into pages."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        refuse_unreadable(request)
        response = self.get_response(request)
        if response.status_code >= 400 and not response.streaming and not response.content:
            # Django's decorators refuse without a word: 405 with its Allow, 412.
            del response["Content-Type"]
            return explain(request, status=response.status_code, headers=response.headers)
        return response

    def process_exception(self, request, exception):
        """Answer an error of the larder; Django has handlers of its own for others."""
        status = STATUS_OF_ERROR.get(type(exception))
        if status is None:
            return None
        headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
        return explain(request, exception, status=status, headers=headers)


def refuse_unreadable(request):
    """Refuse a target without a slash before it, and a body over the limit.

    Django adds the slash, and looks at the length only of a body that a view asks for.
    """
    if not request.META["PATH_INFO"].startswith("/"):
        raise BadRequest("The target does not begin with a slash.")
    length = request.headers.get("Content-Length") or "0"
    if not length.isdecimal():
        raise BadRequest("Content-Length is no number.")
    if int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise RequestDataTooBig
