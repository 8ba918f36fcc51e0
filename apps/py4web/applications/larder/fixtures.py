"""The site's own py4web fixtures."""

import logging
from hashlib import sha1

from ombott import HTTPError
from py4web import request, response
from py4web.core import Fixture

from .problems import STATUS_OF_ERROR


class Problems(Fixture):
    """Convert an exception of an action or a fixture to the HTTP error that it stands for.

    Otherwise py4web would answer with its own page, without calling the error handlers.
    """

    def on_error(self, context):
        """Replace the exception by the HTTP error, and log an unexpected exception."""
        error = context["exception"]
        if isinstance(error, HTTPError):
            return
        status = STATUS_OF_ERROR.get(type(error), 500)
        if status == 500:
            logging.error("%s %s failed", request.method, request.path, exc_info=error)
        headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
        context["exception"] = HTTPError(status, exception=error, **headers)


class Tagged(Fixture):
    """An entity tag of a page; a fixture before the template gets the rendered page."""

    def on_success(self, context):
        """Set the page's tag, or answer 304 if the client has this version."""
        etag = f'"{sha1(context["output"].encode(), usedforsecurity=False).hexdigest()}"'
        response.headers["ETag"] = etag
        if etag in request.headers.get("If-None-Match", ""):
            response.status = 304
            context["output"] = ""


class NotStored(Fixture):
    """Forbid caches and browsers to store a page that shows a session's own data."""

    def on_success(self, context):
        """Set Cache-Control."""
        response.headers["Cache-Control"] = "no-store"
