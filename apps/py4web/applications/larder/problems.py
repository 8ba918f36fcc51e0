"""Error replies: HTML pages, and problem+json under /api."""

import json
from pathlib import Path

from py4web import URL, render, request, response

from shared_db import errors
from workplace import given

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


def explain(error):
    """Show what went wrong."""
    settings, status = given["settings"], error.status_code
    refusal = error.exception if isinstance(error.exception, errors.LarderError) else None
    detail = str(refusal or settings.problems[status])
    problem = {"title": settings.phrase(status), "status": status, "detail": detail}
    if not request.path.startswith("/api/"):
        # This page shows no data of the guest, because the session may have failed.
        guest = {"cart_count": int, "flash": "", "framework": settings.framework}
        return render(
            filename=str(TEMPLATES / "error.html"),
            path=str(TEMPLATES),
            context={"URL": URL, **guest, **problem},
        )
    response.content_type = "application/problem+json"
    faults = {"errors": refusal.fields} if isinstance(refusal, errors.InvalidInputError) else {}
    return json.dumps({"type": "about:blank", **problem, **faults})
