"""The plugin that passes the larder to handlers and translates its errors."""

from bottle import HTTPError

from shared_db import errors

STATUS_OF_REFUSAL = {
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


class LarderPlugin:
    """Pass app.config["larder"] to every handler with an argument named larder."""

    name = "larder"
    api = 2

    def setup(self, app):
        """Reset the query counters at the start of each request."""
        self.larder = app.config["larder"]
        app.add_hook("before_request", self.larder.begin_request)

    def apply(self, callback, route):
        """Return the handler with the larder as an argument."""
        if "larder" not in route.get_callback_args():
            return callback

        def with_larder(*args, **kwargs):
            try:
                return callback(*args, larder=self.larder, **kwargs)
            except tuple(STATUS_OF_REFUSAL) as error:
                raise as_http_error(error) from error

        return with_larder


def as_http_error(error):
    """Return the HTTPError for an error of the larder, which is its `exception`."""
    status = STATUS_OF_REFUSAL[type(error)]
    headers = {"WWW_Authenticate": "Bearer"} if status == 401 else {}
    return HTTPError(status, str(error), error, **headers)
