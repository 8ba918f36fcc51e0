"""Sessions."""

import hashlib
from typing import Any

import pytest
from sqlalchemy import func, select

from shared_db import Larder
from shared_db import sessions as module
from shared_db.schema import sessions
from tests.shared_db.kitchen import contents

DATA: dict[str, Any] = {
    "cart": {"3": 2},
    "flash": ["Thank you, Zoë 🥣", "a\x00b", "\ud800"],
    "staff_id": 1,
    "csrf_token": "t",
}
TWO_WEEKS = 14 * 24 * 60 * 60


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1_795_000_000.0]
    monkeypatch.setattr(module, "time", lambda: now[0])
    return now


def how_many(larder: Larder) -> int:
    return int(larder.rows(select(func.count()).select_from(sessions))[0][0])


def test_what_was_saved_is_loaded(larder: Larder) -> None:
    assert larder.sessions.load(larder.sessions.save(None, DATA)) == DATA


def test_every_new_session_has_a_token_of_its_own(larder: Larder) -> None:
    tokens = {larder.sessions.save(None, {}) for _ in range(20)}
    assert len(tokens) == 20
    assert all(len(token) == 43 for token in tokens)


def test_saving_again_keeps_the_token(larder: Larder) -> None:
    token = larder.sessions.save(None, DATA)
    assert larder.sessions.save(token, {"cart": {}}) == token
    assert larder.sessions.load(token) == {"cart": {}}
    assert how_many(larder) == 1


def test_only_a_hash_of_the_token_is_stored(larder: Larder) -> None:
    token = larder.sessions.save(None, DATA)
    everything = repr(contents(larder))
    assert token not in everything
    assert hashlib.sha256(token.encode()).hexdigest() in everything


@pytest.mark.parametrize("token", ["", "unknown", "\x00", "\ud800", "é" * 5000])
def test_an_unknown_token_loads_nothing_and_is_never_adopted(larder: Larder, token: str) -> None:
    assert larder.sessions.load(token) is None
    larder.sessions.delete(token)
    new = larder.sessions.save(token, DATA)
    assert new != token
    assert larder.sessions.load(token) is None
    assert larder.sessions.load(new) == DATA


def test_a_session_deleted_meanwhile_does_not_come_back(larder: Larder) -> None:
    token = larder.sessions.save(None, DATA)
    larder.sessions.delete(token)
    assert larder.sessions.load(token) is None
    new = larder.sessions.save(token, {"cart": {"1": 1}})
    assert new != token
    assert larder.sessions.load(token) is None


def test_deleting_one_session_leaves_the_others(larder: Larder) -> None:
    kept, gone = (larder.sessions.save(None, DATA) for _ in range(2))
    larder.sessions.delete(gone)
    assert larder.sessions.load(kept) == DATA


def test_a_session_is_kept_for_two_weeks(larder: Larder, clock: list[float]) -> None:
    token = larder.sessions.save(None, DATA)
    clock[0] += TWO_WEEKS - 1
    assert larder.sessions.load(token) == DATA
    clock[0] += 1
    assert larder.sessions.load(token) is None


def test_saving_begins_the_two_weeks_anew(larder: Larder, clock: list[float]) -> None:
    token = larder.sessions.save(None, DATA)
    clock[0] += TWO_WEEKS - 1
    larder.sessions.save(token, DATA)
    clock[0] += TWO_WEEKS - 1
    assert larder.sessions.load(token) == DATA


def test_an_expired_session_is_not_renewed_by_saving(larder: Larder, clock: list[float]) -> None:
    token = larder.sessions.save(None, DATA)
    clock[0] += TWO_WEEKS
    assert larder.sessions.save(token, DATA) != token
    assert larder.sessions.load(token) is None


def test_expired_sessions_are_purged_when_a_new_one_is_made(
    larder: Larder, clock: list[float]
) -> None:
    for _ in range(3):
        larder.sessions.save(None, DATA)
    clock[0] += TWO_WEEKS - 1
    living = larder.sessions.save(None, DATA)
    assert how_many(larder) == 4
    clock[0] += 1
    larder.sessions.save(living, DATA)
    assert how_many(larder) == 4
    larder.sessions.save(None, DATA)
    assert how_many(larder) == 2
    assert larder.sessions.load(living) == DATA
