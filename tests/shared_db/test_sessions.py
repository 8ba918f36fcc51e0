"""Tests of shared_db.sessions."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from shared_db import Larder
from shared_db.schema import sessions
from tests.shared_db.helpers import contents, create_session, put, quantities

DATA: dict[str, Any] = {
    "flash": ["Thank you, Zoë 🥣", "a\x00b", "\ud800"],
    "staff_id": 1,
    "csrf_token": "t",
}
TWO_WEEKS = 14 * 24 * 60 * 60


def count_sessions(larder: Larder) -> int:
    return int(larder.fetch_all(select(func.count()).select_from(sessions))[0][0])


def test_load_returns_the_saved_data(larder: Larder) -> None:
    assert larder.sessions.load(larder.sessions.save(None, DATA)) == DATA


def test_every_new_session_has_a_unique_token(larder: Larder) -> None:
    tokens = {larder.sessions.save(None, {}) for _ in range(20)}
    assert len(tokens) == 20
    assert all(len(token) == 43 for token in tokens)


def test_saving_again_keeps_the_token(larder: Larder) -> None:
    token = larder.sessions.save(None, DATA)
    assert larder.sessions.save(token, {"staff_id": 2}) == token
    assert larder.sessions.load(token) == {"staff_id": 2}
    assert count_sessions(larder) == 1


def test_only_a_hash_of_the_token_is_stored(larder: Larder) -> None:
    token = larder.sessions.save(None, DATA)
    everything = repr(contents(larder))
    assert token not in everything
    assert hashlib.sha256(token.encode()).hexdigest() in everything


@pytest.mark.parametrize("token", ["", "unknown", "\x00", "\ud800", "é" * 5000])
def test_an_unknown_token_has_no_session_and_is_never_used(larder: Larder, token: str) -> None:
    assert larder.sessions.load(token) is None
    larder.sessions.delete(token)
    new = larder.sessions.save(token, DATA)
    assert new != token
    assert larder.sessions.load(token) is None
    assert larder.sessions.load(new) == DATA


def test_a_deleted_session_is_stored_under_a_new_token(larder: Larder) -> None:
    token = larder.sessions.save(None, DATA)
    larder.sessions.delete(token)
    assert larder.sessions.load(token) is None
    new = larder.sessions.save(token, {"staff_id": 2})
    assert new != token
    assert larder.sessions.load(token) is None


def test_a_session_that_another_request_deleted_is_not_stored_again(
    larder: Larder, open_another: Callable[[], Larder]
) -> None:
    token, other = larder.sessions.save(None, DATA), open_another()
    data = larder.sessions.load(token)
    assert data == DATA
    other.sessions.delete(token)
    assert larder.sessions.save(token, {**data, "flash": ["Saved."]}) == token
    assert larder.sessions.load(larder.sessions.rename(token)) is None
    assert count_sessions(larder) == 0


def test_a_session_that_this_request_deleted_is_not_stored_again(larder: Larder) -> None:
    token = larder.sessions.save(None, DATA)
    larder.sessions.load(token)
    larder.sessions.delete(token)
    assert larder.sessions.save(token, {"flash": ["Saved."]}) == token
    assert count_sessions(larder) == 0


def test_begin_request_forgets_the_loaded_session(
    larder: Larder, open_another: Callable[[], Larder]
) -> None:
    """Otherwise a token that is no longer valid would still select the session."""
    token, other = create_session(larder, {1: 1}), open_another()
    larder.sessions.load(token)
    new = other.sessions.rename(token)
    larder.begin_request()
    put(larder, token, 2, 2)
    larder.sessions.save(token, DATA)
    larder.sessions.rename(token)
    larder.sessions.delete(token)
    assert (larder.sessions.load(new), quantities(larder, new)) == ({}, {1: 1})


def test_delete_removes_only_one_session(larder: Larder) -> None:
    remaining, deleted = (larder.sessions.save(None, DATA) for _ in range(2))
    larder.sessions.delete(deleted)
    assert larder.sessions.load(remaining) == DATA


def test_a_session_expires_after_two_weeks(larder: Larder, clock: list[float]) -> None:
    token = larder.sessions.save(None, DATA)
    clock[0] += TWO_WEEKS - 1
    assert larder.sessions.load(token) == DATA
    clock[0] += 1
    assert larder.sessions.load(token) is None


def test_save_extends_a_session_by_two_weeks(larder: Larder, clock: list[float]) -> None:
    token = larder.sessions.save(None, DATA)
    clock[0] += TWO_WEEKS - 1
    larder.sessions.save(token, DATA)
    clock[0] += TWO_WEEKS - 1
    assert larder.sessions.load(token) == DATA


def test_save_does_not_renew_an_expired_session(larder: Larder, clock: list[float]) -> None:
    token = larder.sessions.save(None, DATA)
    clock[0] += TWO_WEEKS
    assert larder.sessions.save(token, DATA) != token
    assert larder.sessions.load(token) is None


def test_a_new_session_purges_expired_sessions(larder: Larder, clock: list[float]) -> None:
    for _ in range(3):
        larder.sessions.save(None, DATA)
    clock[0] += TWO_WEEKS - 1
    active = larder.sessions.save(None, DATA)
    assert count_sessions(larder) == 4
    clock[0] += 1
    larder.sessions.save(active, DATA)
    assert count_sessions(larder) == 4
    larder.sessions.save(None, DATA)
    assert count_sessions(larder) == 2
    assert larder.sessions.load(active) == DATA


@pytest.mark.parametrize("loaded", [False, True], ids=["unread", "loaded"])
def test_a_renamed_session_keeps_its_data_and_its_cart(larder: Larder, loaded: bool) -> None:
    old = create_session(larder, {1: 2})
    larder.sessions.save(old, DATA)
    other = create_session(larder, {3: 4})
    if loaded:
        larder.sessions.load(old)
    new = larder.sessions.rename(old)
    assert len(new) == 43
    assert (larder.sessions.load(new), quantities(larder, new)) == (DATA, {1: 2})
    assert (larder.sessions.load(old), quantities(larder, old)) == (None, {})
    assert quantities(larder, other) == {3: 4}


def test_after_a_rename_the_data_is_saved_under_the_new_token(larder: Larder) -> None:
    old = larder.sessions.save(None, {})
    data = larder.sessions.load(old)
    new = larder.sessions.rename(old)
    assert larder.sessions.save(new, {**(data or {}), "staff_id": 1}) == new
    assert (larder.sessions.load(new), count_sessions(larder)) == ({"staff_id": 1}, 1)


def test_the_later_token_of_two_simultaneous_renames_is_valid(
    larder: Larder, open_another: Callable[[], Larder]
) -> None:
    """A guest who clicks on "Sign in" twice sees the reply to the second request."""
    token, other = create_session(larder, {1: 2}), open_another()
    for database in (larder, other):
        database.sessions.load(token)
    first = larder.sessions.rename(token)
    second = other.sessions.rename(token)
    other.sessions.save(second, {"staff_id": 1})
    larder.begin_request()
    assert larder.sessions.load(first) is None
    assert larder.sessions.load(second) == {"staff_id": 1}
    assert quantities(larder, second) == {1: 2}


@pytest.mark.parametrize("token", ["", "unknown", "\x00", "\ud800"])
def test_renaming_an_unknown_session_creates_none(larder: Larder, token: str) -> None:
    assert larder.sessions.load(larder.sessions.rename(token)) is None
    assert count_sessions(larder) == 0


def test_signing_out_while_another_tab_signs_in_deletes_the_session(
    larder: Larder, open_another: Callable[[], Larder]
) -> None:
    token, other = larder.sessions.save(None, DATA), open_another()
    larder.sessions.load(token)
    new = other.sessions.rename(token)
    larder.sessions.delete(token)
    assert larder.sessions.load(new) is None
    assert count_sessions(larder) == 0
