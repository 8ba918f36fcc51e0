"""Error replies: HTML pages, and problem+json under /api."""

import json

import falcon

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


def register(app, pages, settings):
    """Register the error handlers and the serializer of all HTTP errors."""
    for larder_error in STATUS_OF_ERROR:
        app.add_error_handler(larder_error, translate)
    app.set_error_serializer(Explainer(pages, settings).explain)


class Refusal(falcon.HTTPError):
    """An HTTP error with the larder's error as its cause."""

    def __init__(self, error):
        status = STATUS_OF_ERROR[type(error)]
        challenge = {"WWW-Authenticate": "Bearer"} if status == 401 else None
        super().__init__(status, description=str(error), headers=challenge)
        self.fields = getattr(error, "fields", None)


def translate(req, resp, error, params):
    """Convert an error of the larder to the HTTP error that it stands for."""
    raise Refusal(error)


class Explainer:
    """Write the site's body for an HTTP error; Falcon has set the status and the headers."""

    def __init__(self, pages, settings):
        self._page = pages.get_template("error.html")
        self._settings = settings

    def explain(self, req, resp, error):
        """Show what went wrong."""
        status = error.status_code
        phrase = self._settings.phrase(status)
        ours = isinstance(error, Refusal)
        detail = error.description if ours else self._settings.problems.get(status, phrase)
        if req.path.startswith("/api/"):
            document = {"type": "about:blank", "title": phrase, "status": status, "detail": detail}
            faults = {"errors": error.fields} if ours and error.fields else {}
            resp.content_type = "application/problem+json"
            resp.text = json.dumps({**document, **faults})
        else:
            resp.content_type = falcon.MEDIA_HTML
            resp.text = self._page.render(status=status, phrase=phrase, detail=detail)
