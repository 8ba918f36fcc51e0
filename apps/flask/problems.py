"""What went wrong, told as a page to people and as problem+json to programs."""

from functools import partial

from flask import current_app, json, render_template, request
from werkzeug import exceptions as http
from werkzeug.datastructures import WWWAuthenticate

from shared_db import errors

HTTP_ERRORS = {
    errors.NotFound: http.NotFound,
    errors.BadSearch: http.BadRequest,
    errors.Invalid: http.UnprocessableEntity,
    errors.KeyReused: http.UnprocessableEntity,
    errors.WrongStep: http.Conflict,
    errors.SoldOut: http.Conflict,
    errors.StaleVersion: http.PreconditionFailed,
    errors.TooLarge: http.RequestEntityTooLarge,
    errors.NotAPicture: http.UnsupportedMediaType,
    errors.BadToken: partial(http.Unauthorized, www_authenticate=WWWAuthenticate("bearer")),
}


def explain(error, sentence=None, fields=None):
    """Show what went wrong."""
    settings = current_app.config["SETTINGS"]
    problem = {
        "status": error.code,
        "title": settings.phrase(error.code),
        "detail": sentence or settings.problems.get(error.code, error.description),
    }
    response = error.get_response()  # with the error's status and headers, such as Allow
    # Under a Host header that is no host, Flask builds no URL, and every page holds some.
    if request.path.startswith("/api/") or isinstance(request.routing_exception, http.BadHost):
        faults = {"errors": fields} if fields else {}
        response.data = json.dumps({"type": "about:blank", **problem, **faults})
        response.content_type = "application/problem+json"
    else:
        response.data = render_template("error.html", **problem)
    return response


def translate(error):
    """Answer an error of the larder with the HTTP error it stands for."""
    return explain(HTTP_ERRORS[type(error)](), str(error), getattr(error, "fields", None))


def refuse_forgery(error):
    """Answer a form without its session's token, which to Flask-WTF is a bad request."""
    return explain(http.Forbidden())
