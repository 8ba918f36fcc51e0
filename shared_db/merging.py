"""Merge two changes of the same data (a three-way merge of dictionaries)."""

from typing import Any

_MISSING: Any = object()


def merge_changes(
    base: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any]
) -> dict[str, Any]:
    """Return theirs, with the changes that lead from base to ours.

    Where both changed one key, the result has our value. Where the value is a list, such as the
    flash messages, the result has what each of the two added and lacks what each removed.
    """
    merged = dict(theirs)
    for key in {**base, **ours}:
        before, after = base.get(key, _MISSING), ours.get(key, _MISSING)
        if before == after:
            continue
        value = _merge_values(before, after, theirs.get(key, _MISSING))
        if value is _MISSING:
            merged.pop(key, None)
        else:
            merged[key] = value
    return merged


def _merge_values(before: Any, after: Any, current: Any) -> Any:
    """Return the value of one key that we changed, or _MISSING if the key is to be removed."""
    present = [value for value in (before, after, current) if value is not _MISSING]
    if current == before or not all(isinstance(value, list) for value in present):
        return after
    before, ours, theirs = ([] if one is _MISSING else one for one in (before, after, current))
    kept = _without(theirs, _without(before, ours))
    return kept + _without(ours, before) or (_MISSING if after is _MISSING else [])


def _without(items: list[Any], others: list[Any]) -> list[Any]:
    """Return the items, less one equal item for each of the others."""
    rest = list(items)
    for other in others:
        if other in rest:
            rest.remove(other)
    return rest
