"""Error replies: HTML pages, and problem+json under /api."""

import logging
from functools import partial
from json import JSONDecodeError

from pyramid import httpexceptions as http
from pyramid.exceptions import BadCSRFOrigin, BadCSRFToken, PredicateMismatch
from pyramid.renderers import render
from pyramid.view import exception_view_config, forbidden_view_config

from shared_db import errors

HTTP_ERRORS = {
    errors.NotFoundError: http.HTTPNotFound,
    errors.InvalidSearchError: http.HTTPBadRequest,
    errors.InvalidInputError: http.HTTPUnprocessableEntity,
    errors.KeyReusedError: http.HTTPUnprocessableEntity,
    errors.WrongStepError: http.HTTPConflict,
    errors.SoldOutError: http.HTTPConflict,
    errors.StaleVersionError: http.HTTPPreconditionFailed,
    errors.PhotoTooLargeError: http.HTTPRequestEntityTooLarge,
    errors.NotAPictureError: http.HTTPUnsupportedMediaType,
    errors.UnknownTokenError: partial(http.HTTPUnauthorized, www_authenticate="Bearer"),
}
log = logging.getLogger(__name__)


def includeme(config):
    """Add the exception views."""
    for larder_error in HTTP_ERRORS:
        config.add_exception_view(translate, context=larder_error)
    config.scan("problems")


@exception_view_config(http.HTTPError)
def explain(error, request):
    """Show what went wrong."""
    return describe(request, error)


def describe(request, error, sentence=None, fields=None):
    """Write the body of the HTTP error, which is also the response."""
    settings = request.registry.settings["site"]
    problem = {
        "status": error.code,
        "title": settings.phrase(error.code),
        "detail": sentence or settings.problems.get(error.code, error.explanation),
    }
    if request.path.startswith("/api/"):
        faults = {"errors": fields} if fields else {}
        error.content_type = "application/problem+json"
        error.json_body = {"type": "about:blank", **problem, **faults}
    else:
        error.text = render("error.jinja2", problem, request)
    return error


def translate(error, request):
    """Convert an error of the larder to the HTTP error that it stands for."""
    http_error = HTTP_ERRORS[type(error)]()
    return describe(request, http_error, str(error), getattr(error, "fields", None))


@exception_view_config(PredicateMismatch)
def refuse_method(error, request):
    """Answer 405 if no view accepts the method; Pyramid would answer 404."""
    return describe(request, http.HTTPMethodNotAllowed())


@exception_view_config(JSONDecodeError)
def refuse_json(error, request):
    """Answer 400 to a body that is not JSON."""
    return describe(request, http.HTTPBadRequest())


@exception_view_config(BadCSRFToken)
@exception_view_config(BadCSRFOrigin)
def refuse_forgery(error, request):
    """Answer a form without its session's token with 403; Pyramid would answer 400."""
    return describe(request, http.HTTPForbidden())


@forbidden_view_config()
def ask_to_sign_in(request):
    """Redirect guests who are not staff to the sign-in form."""
    # A text: in the values of a dict, Pyramid also quotes the slash.
    goal = f"next={request.route_path('kitchen')}"
    return http.HTTPSeeOther(request.route_path("login", _query=goal))


@exception_view_config(Exception)
def report_failure(error, request):
    """Answer and log an unexpected error."""
    log.error("The kitchen failed.", exc_info=error)
    return describe(request, http.HTTPInternalServerError())
