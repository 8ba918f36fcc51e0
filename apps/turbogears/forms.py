"""The forms that @validate checks by the larder's rules."""

from tg import app_globals as g
from tg.validation import TGValidationError

from shared_db.errors import InvalidInputError


class ReviewForm:
    """A review. @validate takes any object with a method validate(params)."""

    def validate(self, params):
        """Return the fields; raise TGValidationError with the error of each wrong field."""
        try:
            g.larder.reviews.check(params)
        except InvalidInputError as error:
            raise TGValidationError(str(error), params, error.fields) from error
        return params
