"""Error replies: HTML pages, and problem+json under /api."""

import logging

import reply
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
log = logging.getLogger("bare")


class Problem(Exception):
    """An error that ends a request with an HTTP status."""

    def __init__(self, status, detail=None, headers=(), fields=None):
        super().__init__(status)
        self.status = status
        self.detail = detail
        self.headers = list(headers)
        self.fields = fields


def explain(request, error):
    """Show what went wrong."""
    problem = _as_problem(error)
    phrase = request.settings.phrase(problem.status)
    detail = problem.detail or request.settings.problems[problem.status]
    if request.for_programs:
        answer = _problem_json(problem, phrase, detail)
    else:
        answer = reply.bare_page(
            request, "error.html", problem.status, phrase=phrase, detail=detail
        )
    answer.headers += problem.headers
    return answer


def _as_problem(error):
    if isinstance(error, Problem):
        return error
    status = STATUS_OF_ERROR.get(type(error))
    if status is None:
        log.error("The kitchen failed.", exc_info=error)
        return Problem(500)
    challenge = [("WWW-Authenticate", "Bearer")] if status == 401 else []
    return Problem(status, str(error), challenge, getattr(error, "fields", None))


def _problem_json(problem, phrase, detail):
    document = {
        "type": "about:blank",
        "title": phrase,
        "status": problem.status,
        "detail": detail,
    }
    if problem.fields:
        document["errors"] = problem.fields
    return reply.as_json(document, problem.status, "application/problem+json")
