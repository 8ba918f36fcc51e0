"""Errors of the database layer.

`str()` of an error is a sentence that a page or an API reply may show to the client.
"""

from collections.abc import Mapping


class LarderError(Exception):
    """Base class of all errors of the database layer. The database is unchanged."""

    sentence = "The request was refused."

    def __str__(self) -> str:
        """Return the sentence."""
        return self.sentence


class NotFoundError(LarderError):
    """The dish, order or member of staff does not exist."""

    def __init__(self, what: str) -> None:
        """Store the sentence with the noun of the missing item, such as "dish"."""
        self.sentence = f"There is no such {what}."


class InvalidInputError(LarderError):
    """The input breaks a rule; `fields` maps the name of each wrong field to a sentence."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        """Store the sentence for each field."""
        self.fields = dict(fields)
        self.sentence = " ".join(self.fields.values())


class InvalidSearchError(InvalidInputError):
    """A search names an unknown course or sort order, or its page is not a number from 1."""


class SoldOutError(LarderError):
    """An order asks for more portions of a dish than are left."""

    def __init__(self, dish: str) -> None:
        """Store the name of the dish."""
        self.dish = dish
        self.sentence = f"There is not enough {dish} left."


class StaleVersionError(LarderError):
    """The dish was changed after the version that the caller read."""

    sentence = "The dish was changed in the meantime."


class WrongStepError(LarderError):
    """An order cannot go from the old status to the new status."""

    def __init__(self, old: str, new: str) -> None:
        """Store both statuses."""
        self.old, self.new = old, new
        self.sentence = f"An order that is {old} cannot become {new}."


class WrongPasswordError(LarderError):
    """The username is unknown or the password is wrong; the error does not say which."""

    sentence = "That name and password do not go together."


class UnknownTokenError(LarderError):
    """The API token is unknown."""

    sentence = "That token is not known here."


class PhotoTooLargeError(LarderError):
    """The photo is larger than 2 MiB."""

    sentence = "A photo may have 2 MiB at most."


class NotAPictureError(LarderError):
    """The first bytes of the photo are not those of a PNG, JPEG or WebP file."""

    sentence = "A photo must be a PNG, JPEG or WebP picture."


class KeyReusedError(LarderError):
    """The idempotency key was used before, for an order with other contents."""

    sentence = "That idempotency key was used for another order."


class SchemaMismatchError(LarderError):
    """The tables of the database were created by another version of this code."""

    sentence = "The database was created by another version; run: make database-reset"


class DatabaseMissingError(SchemaMismatchError):
    """The database, or its tables, do not exist."""

    sentence = "The database has not been created yet; run: make database-create"


class DatabaseUnavailableError(LarderError):
    """The database does not answer; `__cause__` is the error of the driver."""

    sentence = "The database does not answer."
