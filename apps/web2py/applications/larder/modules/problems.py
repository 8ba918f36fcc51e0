"""The HTTP status of each error of the larder."""

from shared_db import errors

STATUS_OF_ERROR = {
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
