"""The level of a clause: core, or hardening in a named group."""

import pytest

from bench.conformance.levels import HARDENING_GROUPS


def hardening(group: str, *cases: str) -> pytest.MarkDecorator:
    """Mark a clause, or only its cases with these ids, as hardening clauses of a group."""
    if group not in HARDENING_GROUPS:
        raise ValueError(f"no hardening group is called {group!r}")
    return pytest.mark.hardening(group, *cases)


def find_group(item: pytest.Item, case: str) -> str:
    """Return the hardening group of a clause with this case, "" for a core clause."""
    groups = [
        str(mark.args[0])
        for mark in item.iter_markers("hardening")
        if not mark.args[1:] or any(is_named(case, name) for name in mark.args[1:])
    ]
    if len(groups) > 1:
        raise pytest.UsageError(f"{item.nodeid} is in several groups: {', '.join(groups)}")
    return groups[0] if groups else ""


def find_unknown_cases(item: pytest.Item, cases: list[str]) -> list[str]:
    """Return the names in the marks of a clause that are the id of none of its cases."""
    names = [name for mark in item.iter_markers("hardening") for name in mark.args[1:]]
    return [name for name in names if not any(is_named(case, name) for case in cases)]


def is_named(case: str, name: str) -> bool:
    """Return whether a name is the id of a case, or of its first or last parameter."""
    if not name:
        return not case
    return name == case or case.startswith(f"{name}-") or case.endswith(f"-{name}")
