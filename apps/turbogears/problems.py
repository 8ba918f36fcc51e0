"""Error replies: HTML pages, and problem+json under /api."""

from tg import TGController, abort, expose, request, response, use_custom_format
from tg import app_globals as g
from webob.exc import status_map

from shared_db import errors

STATUS_OF_REFUSAL = {
    errors.NotFoundError: 404,
    errors.InvalidSearchError: 400,
    errors.InvalidInputError: 422,
    errors.KeyReusedError: 422,
    errors.WrongStepError: 409,
    errors.SoldOutError: 409,
    errors.StaleVersionError: 412,
    errors.PhotoTooLargeError: 413,
    errors.NotAPictureError: 415,
    errors.UnknownTokenError: 401,
}
STATUS_CODES = sorted({*STATUS_OF_REFUSAL.values(), 403, 405, 416, 428, 500})


def translate_refusals(caller):
    """Wrap every controller, to convert an error of the larder to the HTTP error it stands for."""

    def call(*args, **kwargs):
        try:
            return caller(*args, **kwargs)
        except tuple(STATUS_OF_REFUSAL) as error:
            status = STATUS_OF_REFUSAL[type(error)]
            headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
            raise status_map[status](headers=headers) from error

    return call


def no_such_dish(*args, **kwargs):
    """Answer 404 if @validate finds that the id in the address is no number."""
    raise errors.NotFoundError("dish")


class ErrorController(TGController):
    """The controller that TurboGears calls for every request that ended in an error."""

    @expose("error.xhtml")
    @expose("json", content_type="application/problem+json", custom_format="problem")
    def document(self, *args, **kwargs):
        """Show what went wrong."""
        original = request.state.get("original_response") or abort(404)
        keep_headers(original)
        refusal = getattr(original, "__cause__", None)
        status = original.status_int
        problem = {
            "status": status,
            "title": g.settings.phrase(status),
            "detail": str(refusal or g.settings.problems[status]),
        }
        # Not request.path, which fails on invalid UTF-8.
        if not request.state["original_request"].environ["PATH_INFO"].startswith("/api/"):
            return problem
        use_custom_format(self.document, "problem")
        fields = getattr(refusal, "fields", None)
        return {"type": "about:blank"} | problem | ({"errors": fields} if fields else {})


def keep_headers(original):
    """Copy the headers of the error, such as Allow, to the error page."""
    for name, text in original.headers.items():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = text
