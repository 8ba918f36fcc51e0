"""Tests of passwords and API tokens of the staff."""

import pytest

from shared_db import Larder, passwords
from shared_db import staff as module
from shared_db.errors import NotFoundError, UnknownTokenError, WrongPasswordError
from tests.shared_db.helpers import contents


def sign_in(larder: Larder, username: str, password: str) -> object:
    return larder.staff.sign_in({"username": username, "password": password})


@pytest.mark.parametrize(
    ("username", "password", "staff_id"),
    [("ada", "leek-and-potato", 1), ("grace", "apple-crumble", 2)],
)
def test_the_seed_staff_can_sign_in(
    larder: Larder, username: str, password: str, staff_id: int
) -> None:
    assert sign_in(larder, username, password) == (staff_id, username)
    assert larder.staff.get(staff_id) == (staff_id, username)


@pytest.mark.parametrize(
    ("username", "password"),
    [
        pytest.param("ada", "apple-crumble", id="the password of another user"),
        pytest.param("ada", "", id="no password"),
        pytest.param("ada", "leek-and-potato ", id="a trailing space"),
        pytest.param("ada", "\ud800\x00", id="an invalid text as a password"),
        pytest.param("Ada", "leek-and-potato", id="a capital letter"),
        pytest.param("", "", id="empty fields"),
        pytest.param("nobody", "leek-and-potato", id="an unknown name"),
        pytest.param("ada\x00", "leek-and-potato", id="a NUL in the name"),
        pytest.param("\ud800", "leek-and-potato", id="a lone surrogate for a name"),
        pytest.param("' OR 1=1 --", "x", id="SQL for a name"),
    ],
)
def test_every_wrong_pair_gets_the_same_message_after_the_same_work(
    larder: Larder, username: str, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = []

    def record_and_verify(password: str, password_hash: str) -> bool:
        work.append(password_hash.split("$")[:4])
        return passwords.verify_password(password, password_hash)

    monkeypatch.setattr(module, "verify_password", record_and_verify)
    larder.begin_request()
    with pytest.raises(WrongPasswordError, match=r"^That name and password do not go together\.$"):
        sign_in(larder, username, password)
    assert work == [["scrypt", "16384", "8", "1"]]
    assert larder.usage.queries == 1


def test_an_empty_form_is_a_wrong_password(larder: Larder) -> None:
    with pytest.raises(WrongPasswordError):
        larder.staff.sign_in({})


def test_the_dummy_hash_does_not_match_the_empty_password() -> None:
    assert not passwords.verify_password("", passwords.DUMMY_HASH)


def test_every_hash_of_a_password_is_different() -> None:
    first, second = passwords.hash_password("soup"), passwords.hash_password("soup")
    assert first != second
    assert passwords.verify_password("soup", first)
    assert not passwords.verify_password("Soup", first)


@pytest.mark.parametrize("staff_id", [0, 3, -1, 2**31, 10**30])
def test_unknown_staff_is_not_found(larder: Larder, staff_id: int) -> None:
    with pytest.raises(NotFoundError):
        larder.staff.get(staff_id)


def test_the_seed_token_belongs_to_ada(larder: Larder) -> None:
    assert larder.staff.check_token("kitchen-token-for-trying-out") == (1, "ada")


@pytest.mark.parametrize("token", ["", "kitchen-token", "\x00", "\ud800", "x" * 100_000])
def test_an_unknown_token_is_rejected(larder: Larder, token: str) -> None:
    with pytest.raises(UnknownTokenError):
        larder.staff.check_token(token)


def test_neither_passwords_nor_tokens_are_stored(larder: Larder) -> None:
    everything = contents(larder)
    stored = repr((everything["staff"], everything["api_tokens"]))
    for secret in ("leek-and-potato", "apple-crumble", "kitchen-token-for-trying-out"):
        assert secret not in stored
