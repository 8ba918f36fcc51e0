"""Error replies: HTML pages, and problem+json under /api."""

import json
import logging
import sys

import cherrypy

from shared_db import errors

STATUS_OF_ERROR = {
    errors.NotFoundError: 404,
    errors.InvalidSearchError: 400,
    errors.InvalidInputError: 422,
    errors.KeyReusedError: 422,
    errors.WrongStepError: 409,
    errors.SoldOutError: 409,
    errors.StaleVersionError: 412,
    errors.PhotoTooLargeError: 413,
    errors.NotAPictureError: 415,
}


def explain(status, message, **_traceback_and_version):
    """Show what went wrong."""
    site = cherrypy.request.app.config["site"]
    error = sys.exc_info()[1]  # not the message, which CherryPy passes as HTML
    known = type(error) in STATUS_OF_ERROR
    code = int(status[:3])
    problem = {
        "status": code,
        "title": site["settings"].phrase(code),
        "detail": str(error) if known else site["settings"].problems.get(code, message),
    }
    if code == 401:
        cherrypy.response.headers["WWW-Authenticate"] = "Bearer"
    if cherrypy.request.path_info.startswith("/api/"):
        return problem_json(problem, getattr(error, "fields", None))
    cherrypy.response.headers["Content-Type"] = "text/html;charset=utf-8"
    return site["pages"].get_template("error.html").render(problem, phrase=problem["title"])


def problem_json(problem, fields):
    """Return a problem document as in RFC 9457."""
    cherrypy.response.headers["Content-Type"] = "application/problem+json"
    faults = {"errors": fields} if fields else {}
    return json.dumps({"type": "about:blank", **problem, **faults})


def translate():
    """Convert an error that is not CherryPy's to the HTTP error that it stands for."""
    error = sys.exc_info()[1]
    status = STATUS_OF_ERROR.get(type(error), 500)
    if status == 500:
        cherrypy.log("The kitchen failed.", severity=logging.ERROR, traceback=True)
    cherrypy.HTTPError(status).set_response()
