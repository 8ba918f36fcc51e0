"""Merge two changes of the same data (a three-way merge of dictionaries)."""

from typing import Any


def merge_changes(
    base: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any]
) -> dict[str, Any]:
    """Return theirs, with the changes that lead from base to ours.

    Where both changed one key, the result has our value. Where the value is a list, such as the
    flash messages, the result has what each of the two added and lacks what each removed.
    """
    merged = dict(theirs)
    for key in {**base, **ours}:
        before, after = base.get(key), ours.get(key)
        if before == after:
            continue
        if isinstance(before or after, list):
            after = _merge_lists(before or [], after or [], merged.get(key) or [])
        if after is None or after == []:
            merged.pop(key, None)
        else:
            merged[key] = after
    return merged


def _merge_lists(before: list[Any], after: list[Any], current: list[Any]) -> list[Any]:
    removed = _without(before, after)
    return _without(current, removed) + _without(after, before)


def _without(items: list[Any], others: list[Any]) -> list[Any]:
    """Return the items, less one equal item for each of the others."""
    rest = list(items)
    for other in others:
        if other in rest:
            rest.remove(other)
    return rest
