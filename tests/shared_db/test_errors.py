"""Tests of the errors and their sentences."""

import inspect

import pytest

from shared_db import errors

EXAMPLES = [
    errors.NotFoundError("dish"),
    errors.InvalidInputError({"guest": "Please fill this in.", "cart": "The cart is empty."}),
    errors.InvalidSearchError({"page": "A page is a whole number from 1."}),
    errors.SoldOutError("Fish pie"),
    errors.StaleVersionError(),
    errors.WrongStepError("served", "cooking"),
    errors.WrongPasswordError(),
    errors.UnknownTokenError(),
    errors.PhotoTooLargeError(),
    errors.NotAPictureError(),
    errors.KeyReusedError(),
    errors.SchemaMismatchError(),
    errors.DatabaseMissingError(),
    errors.DatabaseUnavailableError(),
]


def test_every_error_class_is_a_larder_error_and_has_an_example() -> None:
    kinds = {kind for _, kind in inspect.getmembers(errors, inspect.isclass)
             if issubclass(kind, Exception)}  # fmt: skip
    assert kinds == {type(error) for error in EXAMPLES} | {errors.LarderError}
    assert all(issubclass(kind, errors.LarderError) for kind in kinds)


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_every_error_is_one_line(error: errors.LarderError) -> None:
    assert str(error)[0].isupper()
    assert "\n" not in str(error)
    assert str(error).endswith(".") or isinstance(error, errors.SchemaMismatchError)


def test_an_error_names_its_subject() -> None:
    assert str(errors.SoldOutError("Fish pie")) == "There is not enough Fish pie left."
    assert str(EXAMPLES[1]) == "Please fill this in. The cart is empty."
    assert str(errors.WrongStepError("a", "b")) == "An order that is a cannot become b."
