"""Error replies: HTML pages, and problem+json under /api."""

import logging
from functools import partial

from pyramid import httpexceptions as http
from pyramid.exceptions import BadCSRFOrigin, BadCSRFToken, PredicateMismatch, URLDecodeError
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
    config.scan(__name__)


@exception_view_config(http.HTTPError)
def explain(error, request):
    """Show what went wrong."""
    return told(request, error)


def told(request, error, sentence=None, fields=None):
    """Write the body of the HTTP error, which is also the response."""
    settings = request.registry.settings["site"]
    problem = {
        "status": error.code,
        "title": settings.phrase(error.code),
        "detail": sentence or settings.problems.get(error.code, error.explanation),
    }
    # Not request.path, which fails on invalid UTF-8.
    if request.environ["PATH_INFO"].startswith("/api/"):
        faults = {"errors": fields} if fields else {}
        error.content_type = "application/problem+json"
        error.json_body = {"type": "about:blank", **problem, **faults}
    else:
        error.text = render("error.jinja2", problem, request)
    return error


def translate(error, request):
    """Convert an error of the larder to the HTTP error that it stands for."""
    http_error = HTTP_ERRORS[type(error)]()
    return told(request, http_error, str(error), getattr(error, "fields", None))


@exception_view_config(PredicateMismatch)
def refuse_method(error, request):
    """Answer 405 if no view accepts the method; Pyramid would answer 404."""
    views = request.registry.introspector.get_category("views")
    route = request.matched_route.name
    allowed = {
        view["introspectable"]["request_methods"]
        for view in views
        if view["introspectable"]["route_name"] == route
    }
    if "GET" in allowed:
        allowed.add("HEAD")
    return told(request, http.HTTPMethodNotAllowed(allow=sorted(allowed)))


@exception_view_config(BadCSRFToken)
@exception_view_config(BadCSRFOrigin)
def refuse_forgery(error, request):
    """Answer a form without its session's token with 403; Pyramid would answer 400."""
    return told(request, http.HTTPForbidden())


@forbidden_view_config()
def ask_to_sign_in(request):
    """Redirect guests who are not staff to the sign-in form."""
    # A text, because in a dict's values Pyramid would also quote the slash.
    goal = f"next={request.route_path('kitchen')}"
    return http.HTTPSeeOther(request.route_path("login", _query=goal))


@exception_view_config(URLDecodeError)
def refuse_address(error, request):
    """Answer an address that is not valid UTF-8."""
    return told(request, http.HTTPBadRequest())


@exception_view_config(Exception)
def report_failure(error, request):
    """Answer and log an unexpected error."""
    log.error("The kitchen failed.", exc_info=error)
    return told(request, http.HTTPInternalServerError())
