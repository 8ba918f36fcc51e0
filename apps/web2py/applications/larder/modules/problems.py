"""Error replies: HTML pages, and problem+json under /api."""

from gluon import HTTP, current
from gluon.storage import Storage

from applications.larder.modules.forms import check_form
from shared_db import errors

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


def answer(action):
    """Call an action, and convert its error to the error reply."""
    for_programs = current.request.controller == "api"
    try:
        check_form()
        return action()
    except HTTP as error:
        if error.status < 400:
            raise
        return describe(error.status, for_programs)
    except tuple(STATUS_OF_ERROR) as error:
        fields = getattr(error, "fields", None)
        return describe(STATUS_OF_ERROR[type(error)], for_programs, str(error), fields)


def describe(status, for_programs, sentence=None, fields=None):
    """Return the error reply: the values of an HTML page, or problem+json."""
    settings, response = current.request.env.settings, current.response
    detail = sentence or settings.problems.get(status, settings.problems[400])
    problem = dict(status=status, title=settings.phrase(status), detail=detail)
    response.status = status
    response.headers = {"Cache-Control": "private, no-cache"}
    if not for_programs:
        response.view = "errors/explain.html"
        return dict(problem, session=Storage())  # this page shows no data of the guest
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    response.headers["Content-Type"] = "application/problem+json"
    faults = dict(errors=fields) if fields else {}
    return response.json(dict(type="about:blank", **problem, **faults))
