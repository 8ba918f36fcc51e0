"""Error replies: HTML pages, and problem+json under /api."""

import json
import logging
from pathlib import Path

from ombott import HTTPError
from py4web import URL, render, request, response
from py4web.core import Fixture

from shared_db import errors
from workplace import given

from .hardening import tell_length

TEMPLATES = Path(__file__).parent / "templates"
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
}


class Problems(Fixture):
    """Convert an exception of an action or a fixture to the HTTP error that it stands for.

    Otherwise py4web would answer with its own page, without calling the error handlers.
    """

    def on_error(self, context):
        """Replace the exception by the HTTP error."""
        if not isinstance(context["exception"], HTTPError):
            context["exception"] = as_http_error(context["exception"])


def as_http_error(error):
    """Return the HTTP error that an exception stands for, and log an unexpected exception."""
    status = STATUS_OF_ERROR.get(type(error), 500)
    if status == 500:
        logging.error("%s %s failed", request.method, request.path, exc_info=error)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return HTTPError(status, exception=error, **headers)


def explain(error):
    """Show what went wrong."""
    settings, status = given["settings"], error.status_code
    if "GET" in (allowed := response.headers.get("Allow", "")):
        # ombott answers HEAD wherever it answers GET, but omits HEAD from Allow.
        response.headers["Allow"] = f"{allowed},HEAD"
    if status == 416:
        tell_length()
    refusal = error.exception if type(error.exception) in STATUS_OF_ERROR else None
    detail = str(refusal or settings.problems.get(status, settings.problems[400]))
    problem = {"title": settings.phrase(status), "status": status, "detail": detail}
    if not request.path.startswith("/api/"):
        # This page shows no data of the guest, because the session may have failed.
        guest = {"cart_count": int, "flash": []}
        return render(
            filename=str(TEMPLATES / "error.html"),
            path=str(TEMPLATES),
            context={"URL": URL, **guest, **problem},
        )
    response.content_type = "application/problem+json"
    faults = {"errors": refusal.fields} if isinstance(refusal, errors.InvalidInputError) else {}
    return json.dumps({"type": "about:blank", **problem, **faults})
