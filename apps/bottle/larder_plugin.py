"""The larder's plugin: it hands the larder to handlers that ask for it, and translates refusals."""

from bottle import HTTPError

from shared_db import errors

STATUS_OF_REFUSAL = {
    errors.NotFound: 404,
    errors.BadSearch: 400,
    errors.Invalid: 422,
    errors.KeyReused: 422,
    errors.SoldOut: 409,
    errors.WrongStep: 409,
    errors.StaleVersion: 412,
    errors.TooLarge: 413,
    errors.NotAPicture: 415,
    errors.BadToken: 401,
}
# Bottle decodes queries as UTF-8 when a handler asks for them, and lets this out.
STATUS_OF_ERROR = STATUS_OF_REFUSAL | {UnicodeDecodeError: 400}


class LarderPlugin:
    """Pass the larder, app.config["larder"], to every handler with an argument of that name."""

    name = "larder"
    api = 2

    def setup(self, app):
        """Count each request's queries from its beginning."""
        self.config = app.config
        app.add_hook("before_request", lambda: self.config["larder"].begin_request())

    def apply(self, callback, route):
        """Return the handler with the larder in its hand."""
        if "larder" not in route.get_callback_args():
            return callback

        def with_larder(*args, **kwargs):
            try:
                return callback(*args, larder=self.config["larder"], **kwargs)
            except tuple(STATUS_OF_ERROR) as error:
                raise as_http_error(error) from error

        return with_larder


def as_http_error(error):
    """Return Bottle's error for one of the larder's, which it carries as `exception`."""
    status = STATUS_OF_ERROR[type(error)]
    headers = {"WWW_Authenticate": "Bearer"} if status == 401 else {}
    return HTTPError(status, str(error), error, **headers)
