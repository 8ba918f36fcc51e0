"""Merge two changes of the same dictionary (three-way merge)."""

from typing import Any

_MISSING: Any = object()


def merge_changes(
    base: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any]
) -> dict[str, Any]:
    """Return `theirs` with the changes between `base` and `ours` applied.

    If both sides changed the same key, the value of `ours` wins. If the value is a list, such as
    the flash messages, the result contains what either side added, without what either removed.
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
    """Return the merged value of a key that `ours` changed, or _MISSING to remove the key."""
    present = [value for value in (before, after, current) if value is not _MISSING]
    if current == before or not all(isinstance(value, list) for value in present):
        return after
    base, ours, theirs = ([] if v is _MISSING else v for v in (before, after, current))
    remaining = _without(theirs, _without(base, ours))
    return remaining + _without(ours, base) or (_MISSING if after is _MISSING else [])


def _without(items: list[Any], others: list[Any]) -> list[Any]:
    """Return the items, with one equal item removed for each of the others."""
    rest = list(items)
    for other in others:
        if other in rest:
            rest.remove(other)
    return rest
