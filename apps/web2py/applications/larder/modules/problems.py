"""The HTTP status of each error of the larder."""

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
