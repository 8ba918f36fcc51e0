"""Errors: what the larder raises. The text of each is a sentence fit for a guest."""

from collections.abc import Mapping


class LarderError(Exception):
    """Any refusal of the larder. Nothing was changed."""

    sentence = "The larder refused."

    def __str__(self) -> str:
        """Return the sentence."""
        return self.sentence


class NotFound(LarderError):
    """There is no such dish, order or member of staff."""

    def __init__(self, what: str) -> None:
        """Keep what was looked for, a noun."""
        self.what = what
        self.sentence = f"There is no such {what}."


class Invalid(LarderError):
    """What was sent breaks a rule: fields maps each field's name to a sentence."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        """Keep the sentence for each field."""
        self.fields = dict(fields)
        self.sentence = " ".join(self.fields.values())


class BadSearch(Invalid):
    """A search names an unknown course or order, or a page that is no number from 1."""


class SoldOut(LarderError):
    """Fewer portions are left of a dish than were ordered."""

    def __init__(self, dish: str) -> None:
        """Keep the name of the dish."""
        self.dish = dish
        self.sentence = f"There is not enough {dish} left."


class StaleVersion(LarderError):
    """The dish was changed since the version the caller has."""

    sentence = "The dish was changed in the meantime."


class WrongStep(LarderError):
    """An order may not go from the old status to the new one."""

    def __init__(self, old: str, new: str) -> None:
        """Keep both statuses."""
        self.old, self.new = old, new
        self.sentence = f"An order that is {old} cannot become {new}."


class WrongPassword(LarderError):
    """The username is unknown or the password is wrong; which of them is not told."""

    sentence = "That name and password do not go together."


class BadToken(LarderError):
    """The API token is unknown."""

    sentence = "That token is not known here."


class TooLarge(LarderError):
    """The photo is larger than 2 MiB."""

    sentence = "A photo may have 2 MiB at most."


class NotAPicture(LarderError):
    """The photo's bytes are no PNG, JPEG or WebP picture."""

    sentence = "A photo must be a PNG, JPEG or WebP picture."


class KeyReused(LarderError):
    """The idempotency key came before with another order."""

    sentence = "That idempotency key was used for another order."


class SchemaMismatch(LarderError):
    """The database's tables were made by another version of this code."""

    sentence = "The larder was stocked by another version; run: cookoff larder reset"


class NotStocked(SchemaMismatch):
    """The database, or its tables, are not there."""

    sentence = "The larder is not stocked yet; run: cookoff larder create"


class LarderDown(LarderError):
    """The database does not answer; the cause is the driver's own error."""

    sentence = "The larder does not answer."
