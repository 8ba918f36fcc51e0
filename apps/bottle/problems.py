"""Error replies: HTML pages, and problem+json under /api."""

import json

from bottle import request, response, template

from larder_plugin import STATUS_OF_REFUSAL
from shared_db.errors import InvalidInputError


def explain(error):
    """Show what went wrong."""
    if error.status_code == 500:  # Bottle drops the headers of hooks after an exception
        request.app.trigger_hook("after_request")
    settings, status = request.app.config["settings"], error.status_code
    refusal = error.exception if type(error.exception) in STATUS_OF_REFUSAL else None
    detail = str(refusal or settings.problems[status])
    facts = {"title": settings.phrase(status), "status": status, "detail": detail}
    if not request.path.startswith("/api/"):
        return template("error", facts)
    response.content_type = "application/problem+json"
    fields = {"errors": refusal.fields} if isinstance(refusal, InvalidInputError) else {}
    return json.dumps({"type": "about:blank"} | facts | fields)
