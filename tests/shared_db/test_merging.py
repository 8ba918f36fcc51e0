"""Merging two changes of one session's data."""

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
        pytest.param({"a": 1, "b": 1}, {"a": 1, "b": 2}, {"b": 1}, {"b": 2}, id="they removed one"),
        pytest.param({"a": 1}, {}, {"a": 2}, {}, id="we removed what they changed"),
        pytest.param({}, {"a": None}, {}, {"a": None}, id="a value of null"),
        pytest.param({"f": ["x"]}, {}, {"f": ["x", "y"]}, {"f": ["y"]}, id="shown and added"),
        pytest.param({"f": ["x"]}, {"f": ["x", "y"]}, {}, {"f": ["y"]}, id="added and shown"),
        pytest.param({"f": ["x"]}, {}, {}, {}, id="shown twice"),
        pytest.param({}, {"f": ["x"]}, {"f": ["x"]}, {"f": ["x", "x"]},
                     id="the same message twice"),
        pytest.param({"f": ["x"]}, {"f": []}, {"f": ["x"], "a": 1}, {"f": [], "a": 1},
                     id="an empty list is not removed"),
        pytest.param({"f": ["x"]}, {"f": []}, {"f": 1}, {"f": []}, id="no list any more"),
    ],
)  # fmt: skip
def test_both_changes_are_in_the_result(
    base: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any], merged: dict[str, Any]
) -> None:
    before = repr((base, ours, theirs))
    assert merge_changes(base, ours, theirs) == merged
    assert repr((base, ours, theirs)) == before


@without_time_limits
@given(DATA, DATA)
def test_with_an_unchanged_other_side_the_result_is_ours(
    base: dict[str, Any], ours: dict[str, Any]
) -> None:
    assert merge_changes(base, ours, base) == ours


@without_time_limits
@given(DATA, DATA)
def test_without_a_change_of_ours_the_result_is_theirs(
    base: dict[str, Any], theirs: dict[str, Any]
) -> None:
    assert merge_changes(base, base, theirs) == theirs


@without_time_limits
@given(DATA, DATA, st.sets(st.sampled_from(KEYS)))
def test_changes_of_different_keys_are_merged_in_any_order(
    base: dict[str, Any], changed: dict[str, Any], keys_of_ours: set[str]
) -> None:
    ours = pick(changed, keys_of_ours) | pick(base, set(KEYS) - keys_of_ours)
    theirs = pick(base, keys_of_ours) | pick(changed, set(KEYS) - keys_of_ours)
    assert merge_changes(base, ours, theirs) == changed
    assert merge_changes(base, theirs, ours) == changed


def pick(data: dict[str, Any], keys: set[str]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key in keys}


@without_time_limits
@given(MESSAGES, MESSAGES, MESSAGES)
def test_messages_added_by_two_requests_all_stay(
    before: list[str], ours: list[str], theirs: list[str]
) -> None:
    merged = merge_changes({"flash": before}, {"flash": before + ours}, {"flash": before + theirs})
    assert merged == {"flash": before + theirs + ours}


@without_time_limits
@given(MESSAGES, MESSAGES)
def test_of_messages_shown_by_one_request_only_those_added_by_another_stay(
    before: list[str], added: list[str]
) -> None:
    base, shown, changed = {"flash": before}, {"flash": []}, {"flash": before + added}
    assert merge_changes(base, shown, changed) == {"flash": added}
    assert merge_changes(base, changed, shown) == {"flash": added}
