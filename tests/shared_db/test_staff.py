"""Staff: passwords and tokens."""

import pytest

from shared_db import Larder, passwords
from shared_db import staff as module
from shared_db.errors import BadToken, NotFound, WrongPassword
from tests.shared_db.kitchen import contents


def sign_in(larder: Larder, username: str, password: str) -> object:
    return larder.staff.sign_in({"username": username, "password": password})


@pytest.mark.parametrize(
    ("username", "password", "staff_id"),
    [("ada", "leek-and-potato", 1), ("grace", "apple-crumble", 2)],
)
def test_the_staff_of_the_demonstration_can_sign_in(
    larder: Larder, username: str, password: str, staff_id: int
) -> None:
    assert sign_in(larder, username, password) == (staff_id, username)
    assert larder.staff.get(staff_id) == (staff_id, username)


@pytest.mark.parametrize(
    ("username", "password"),
    [
        pytest.param("ada", "apple-crumble", id="another's password"),
        pytest.param("ada", "", id="no password"),
        pytest.param("ada", "leek-and-potato ", id="a blank too many"),
        pytest.param("ada", "\ud800\x00", id="a password that is no text"),
        pytest.param("Ada", "leek-and-potato", id="a capital"),
        pytest.param("", "", id="nothing"),
        pytest.param("nobody", "leek-and-potato", id="an unknown name"),
        pytest.param("ada\x00", "leek-and-potato", id="a NUL in the name"),
        pytest.param("\ud800", "leek-and-potato", id="a lone surrogate for a name"),
        pytest.param("' OR 1=1 --", "x", id="SQL for a name"),
    ],
)
def test_any_wrong_pair_is_refused_with_the_same_words_and_work(
    larder: Larder, username: str, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = []

    def watched(password: str, password_hash: str) -> bool:
        work.append(password_hash.split("$")[:4])
        return passwords.is_right(password, password_hash)

    monkeypatch.setattr(module, "is_right", watched)
    larder.begin_request()
    with pytest.raises(WrongPassword, match=r"^That name and password do not go together\.$"):
        sign_in(larder, username, password)
    assert work == [["scrypt", "16384", "8", "1"]]
    assert larder.usage.queries == 1


def test_an_empty_form_is_a_wrong_password(larder: Larder) -> None:
    with pytest.raises(WrongPassword):
        larder.staff.sign_in({})


def test_nobodys_hash_fits_no_empty_password() -> None:
    assert not passwords.is_right("", passwords.NOBODYS_HASH)


def test_a_password_is_hashed_differently_every_time() -> None:
    first, second = passwords.hashed("soup"), passwords.hashed("soup")
    assert first != second
    assert passwords.is_right("soup", first)
    assert not passwords.is_right("Soup", first)


@pytest.mark.parametrize("staff_id", [0, 3, -1, 2**31, 10**30])
def test_unknown_staff_is_not_found(larder: Larder, staff_id: int) -> None:
    with pytest.raises(NotFound):
        larder.staff.get(staff_id)


def test_the_token_of_the_demonstration_is_adas(larder: Larder) -> None:
    assert larder.staff.check_token("kitchen-token-for-trying-out") == (1, "ada")


@pytest.mark.parametrize("token", ["", "kitchen-token", "\x00", "\ud800", "x" * 100_000])
def test_an_unknown_token_is_refused(larder: Larder, token: str) -> None:
    with pytest.raises(BadToken):
        larder.staff.check_token(token)


def test_neither_passwords_nor_tokens_are_stored(larder: Larder) -> None:
    everything = contents(larder)
    stored = repr((everything["staff"], everything["api_tokens"]))
    for secret in ("leek-and-potato", "apple-crumble", "kitchen-token-for-trying-out"):
        assert secret not in stored
