"""The forms that @validate checks by the larder's rules."""

from tg.validation import TGValidationError

from shared_db.errors import InvalidInputError
from shared_db.reviews import read_form


class ReviewForm:
    """A review. @validate takes any object with a method validate(params)."""

    def validate(self, params):
        """Return the fields; raise TGValidationError with the error of each wrong field."""
        try:
            read_form(params)
        except InvalidInputError as error:
            raise TGValidationError(str(error), params, error.fields) from error
        return params
