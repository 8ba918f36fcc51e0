"""Tests of the merge of two changes of a session's data."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared_db.merging import merge_changes

KEYS = ("flash", "staff_id", "csrf_token")
VALUES = st.sampled_from((None, 0, 1, "", "t")) | st.lists(st.integers(0, 3), max_size=4)
DATA = st.dictionaries(st.sampled_from(KEYS), VALUES)
MESSAGES = st.lists(st.sampled_from("abcd"), max_size=4)
without_time_limits = settings(
    deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merged"),
    [
        pytest.param({}, {"a": 1}, {"b": 2}, {"a": 1, "b": 2}, id="each added a key"),
        pytest.param({"a": 1}, {"a": 2}, {"a": 1, "b": 1}, {"a": 2, "b": 1}, id="we changed a key"),
        pytest.param({"a": 1}, {"a": 1}, {"a": 2}, {"a": 2}, id="they changed a key"),
        pytest.param({"a": 1}, {"a": 2}, {"a": 3}, {"a": 2}, id="both changed a key"),
        pytest.param({"a": 1}, {}, {"a": 1, "b": 1}, {"b": 1}, id="we removed a key"),
        pytest.param({"a": 1, "b": 1}, {"a": 1, "b": 2}, {"b": 1}, {"b": 2}, id="they removed it"),
        pytest.param({"a": 1}, {}, {"a": 2}, {}, id="we removed what they changed"),
        pytest.param({}, {"a": None}, {}, {"a": None}, id="a value of null"),
        pytest.param({"f": ["x"]}, {}, {"f": ["x", "y"]}, {"f": ["y"]}, id="removed, added"),
        pytest.param({"f": ["x"]}, {"f": ["x", "y"]}, {}, {"f": ["y"]}, id="added, removed"),
        pytest.param({"f": ["x"]}, {}, {}, {}, id="both removed"),
        pytest.param({}, {"f": ["x"]}, {"f": ["x"]}, {"f": ["x", "x"]},
                     id="the same message twice"),
        pytest.param({"f": ["x"]}, {"f": []}, {"f": ["x"], "a": 1}, {"f": [], "a": 1},
                     id="an empty list is not removed"),
        pytest.param({"f": ["x"]}, {"f": []}, {"f": 1}, {"f": []}, id="a list and a number"),
    ],
)  # fmt: skip
def test_the_result_contains_both_changes(
    base: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any], merged: dict[str, Any]
) -> None:
    before = repr((base, ours, theirs))
    assert merge_changes(base, ours, theirs) == merged
    assert repr((base, ours, theirs)) == before


@without_time_limits
@given(DATA, DATA)
def test_if_they_changed_nothing_the_result_is_ours(
    base: dict[str, Any], ours: dict[str, Any]
) -> None:
    assert merge_changes(base, ours, base) == ours


@without_time_limits
@given(DATA, DATA)
def test_if_we_changed_nothing_the_result_is_theirs(
    base: dict[str, Any], theirs: dict[str, Any]
) -> None:
    assert merge_changes(base, base, theirs) == theirs


@without_time_limits
@given(DATA, DATA, st.sets(st.sampled_from(KEYS)))
def test_changes_of_different_keys_can_be_merged_in_either_order(
    base: dict[str, Any], changed: dict[str, Any], keys_of_ours: set[str]
) -> None:
    ours = select_keys(changed, keys_of_ours) | select_keys(base, set(KEYS) - keys_of_ours)
    theirs = select_keys(base, keys_of_ours) | select_keys(changed, set(KEYS) - keys_of_ours)
    assert merge_changes(base, ours, theirs) == changed
    assert merge_changes(base, theirs, ours) == changed


def select_keys(data: dict[str, Any], keys: set[str]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key in keys}


@without_time_limits
@given(MESSAGES, MESSAGES, MESSAGES)
def test_the_messages_that_two_requests_add_all_stay(
    before: list[str], ours: list[str], theirs: list[str]
) -> None:
    merged = merge_changes({"flash": before}, {"flash": before + ours}, {"flash": before + theirs})
    assert merged == {"flash": before + theirs + ours}


@without_time_limits
@given(MESSAGES, MESSAGES)
def test_a_message_that_one_request_shows_is_removed_and_an_added_message_stays(
    before: list[str], added: list[str]
) -> None:
    base, emptied, extended = {"flash": before}, {"flash": []}, {"flash": before + added}
    assert merge_changes(base, emptied, extended) == {"flash": added}
    assert merge_changes(base, extended, emptied) == {"flash": added}
