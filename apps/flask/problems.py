"""Error replies: HTML pages, and problem+json under /api."""

from functools import partial

from flask import current_app, json, render_template, request
from werkzeug import exceptions as http
from werkzeug.datastructures import WWWAuthenticate

from shared_db import errors

HTTP_ERRORS = {
    errors.NotFoundError: http.NotFound,
    errors.InvalidSearchError: http.BadRequest,
    errors.InvalidInputError: http.UnprocessableEntity,
    errors.KeyReusedError: http.UnprocessableEntity,
    errors.WrongStepError: http.Conflict,
    errors.SoldOutError: http.Conflict,
    errors.StaleVersionError: http.PreconditionFailed,
    errors.PhotoTooLargeError: http.RequestEntityTooLarge,
    errors.NotAPictureError: http.UnsupportedMediaType,
    errors.UnknownTokenError: partial(
        http.Unauthorized, www_authenticate=WWWAuthenticate("bearer")
    ),
}


def describe(error, sentence=None):
    """Return the status, the title and the sentence of an error."""
    settings = current_app.config["SETTINGS"]
    return {
        "status": error.code,
        "title": settings.phrase(error.code),
        "detail": sentence or settings.problems.get(error.code, error.description),
    }


def explain(error, sentence=None, fields=None):
    """Show what went wrong."""
    problem = describe(error, sentence)
    response = error.get_response()  # with the error's status and headers, such as Allow
    if request.path.startswith("/api/"):
        faults = {"errors": fields} if fields else {}
        response.data = json.dumps({"type": "about:blank", **problem, **faults})
        response.content_type = "application/problem+json"
    else:
        response.data = render_template("error.html", **problem)
    return response


def translate(error):
    """Convert an error of the larder to the HTTP error that it stands for."""
    return explain(HTTP_ERRORS[type(error)](), str(error), getattr(error, "fields", None))


def refuse_forgery(error):
    """Answer a form without its session's token with 403; Flask-WTF raises a 400."""
    return explain(http.Forbidden())
