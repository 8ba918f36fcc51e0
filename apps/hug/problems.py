"""Error replies: HTML pages, and problem+json under /api."""

import logging

import falcon
import hug

from shared_db import errors

STATUS_OF_ERROR = {
    errors.NotFoundError: falcon.HTTP_404,
    errors.InvalidSearchError: falcon.HTTP_400,
    errors.InvalidInputError: falcon.HTTP_422,
    errors.KeyReusedError: falcon.HTTP_422,
    errors.SoldOutError: falcon.HTTP_409,
    errors.WrongStepError: falcon.HTTP_409,
    errors.StaleVersionError: falcon.HTTP_412,
    errors.PhotoTooLargeError: falcon.HTTP_413,
    errors.NotAPictureError: falcon.HTTP_415,
    errors.UnknownTokenError: falcon.HTTP_401,
}
log = logging.getLogger(__name__)


@hug.format.content_type("text/html; charset=utf-8")
def explain(problem, request, response):
    """Show what went wrong."""
    settings, status = request.context["settings"], int(response.status[:3])
    phrase = settings.phrase(status)
    if status == 401:
        response.set_header("WWW-Authenticate", "Bearer")
    ours = isinstance(problem, errors.LarderError)
    detail = str(problem) if ours else settings.problems.get(status, phrase)
    if not request.path.startswith("/api/"):
        page = request.context["pages"].get_template("error.html")
        return page.render(status=status, phrase=phrase, detail=detail).encode()
    response.content_type = "application/problem+json"
    document = {"type": "about:blank", "title": phrase, "status": status, "detail": detail}
    faults = {"errors": problem.fields} if isinstance(problem, errors.InvalidInputError) else {}
    return hug.output_format.json(document | faults)


@hug.exception(tuple(STATUS_OF_ERROR), output=explain)
def translate(exception, response):
    """Answer an error of the larder with its HTTP status."""
    response.status = STATUS_OF_ERROR[type(exception)]
    return exception


@hug.exception(Exception, exclude=(falcon.HTTPError, falcon.HTTPStatus), output=explain)
def report_failure(exception, response):
    """Answer and log an unexpected error."""
    log.error("The kitchen failed.", exc_info=exception)
    response.status = falcon.HTTP_500


@hug.not_found(output=explain)
def find_nothing():
    """Answer 404 by the output format, instead of hug's list of all routes."""


def serialize(request, response, error):
    """Write the body of an error that Falcon answers, such as a wrong method."""
    response.content_type = explain.content_type
    response.data = explain(error, request, response)
