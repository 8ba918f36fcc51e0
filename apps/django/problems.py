"""Error replies: HTML pages, and problem+json under /api."""

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.template.loader import render_to_string

from shared_db import errors


class UnsupportedMediaType(Exception):
    """The body is not of the type that the view reads."""


class PreconditionRequired(Exception):
    """The request does not name the version that it changes."""


STATUS_OF_ERROR = {
    errors.NotFoundError: 404,
    errors.InvalidSearchError: 400,
    errors.InvalidInputError: 422,
    errors.KeyReusedError: 422,
    errors.SoldOutError: 409,
    errors.WrongStepError: 409,
    errors.StaleVersionError: 412,
    errors.PhotoTooLargeError: 413,
    errors.NotAPictureError: 415,
    errors.UnknownTokenError: 401,
    UnsupportedMediaType: 415,
    PreconditionRequired: 428,
}


def explain(request, exception=None, *, status, headers=None):
    """Show what went wrong."""
    problem = {
        "status": status,
        "title": settings.SITE.phrase(status),
        "detail": settings.SITE.problems[status],
    }
    if isinstance(exception, errors.LarderError):
        problem["detail"] = str(exception)
    if request.path.startswith("/api/"):
        document = {"type": "about:blank", **problem}
        if isinstance(exception, errors.InvalidInputError):
            document["errors"] = exception.fields
        kind = "application/problem+json"
        return JsonResponse(document, status=status, headers=headers, content_type=kind)
    # Without the request no context processor runs, so the page shows no data of the guest.
    page = render_to_string("error.html", {**problem, "framework": settings.SITE.framework})
    return HttpResponse(page, status=status, headers=headers)


def refuse_forgery(request, reason=""):
    """Answer a form without its session's token."""
    return explain(request, status=403)
