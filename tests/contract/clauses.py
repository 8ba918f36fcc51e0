"""Collect the clauses: tests with an id in plain words and a feature, run against one site."""

import re
from pathlib import Path

import pytest

from bench.conformance.levels import CORE
from bench.core.paths import Paths
from bench.frameworks.features import FEATURES_BY_ID
from bench.frameworks.manifest import Framework, discover_frameworks
from tests.contract.levels import find_group, find_unknown_cases

HERE = Path(__file__).parent
# A lone surrogate stays escaped: UTF-8 cannot encode it, so a worker could not send the id.
ESCAPE = re.compile(r"\\(?:u(?!d[89a-f])[0-9a-f]{4}|U[0-9a-f]{8}|x[a-f][0-9a-f])")
# The pages are compared while the database is fresh; the log is read after the clauses that could
# write to it: once after the core clauses, and once after all clauses.
FIRST, LAST = "test_canonical", "test_log"


def site_of(item: pytest.Item) -> str:
    """Return the name of the site that a clause runs against, or "" if it uses no site."""
    assert isinstance(item, pytest.Function)
    return str(item.callspec.params.get("site", "")) if hasattr(item, "callspec") else ""


def claim_of(item: pytest.Item) -> str:
    """Return the claim of a clause: "a bad quantity is refused"."""
    assert isinstance(item, pytest.Function)
    return item.originalname.removeprefix("test_").replace("_", " ")


def case_of(item: pytest.Item) -> str:
    """Return the case of a clause, "minus one", or "" if the claim has one case only."""
    assert isinstance(item, pytest.Function)
    case = item.callspec.id if hasattr(item, "callspec") else ""
    site = site_of(item)
    case = "" if case == site else case.removeprefix(f"{site}-").removesuffix(f"-{site}")
    # pytest escapes characters that are not ASCII; control characters stay escaped.
    return ESCAPE.sub(lambda found: found[0].encode().decode("unicode_escape"), case)


def id_of(item: pytest.Item) -> str:
    """Return a clause's id: "a bad quantity is refused: minus one"."""
    claim, case = claim_of(item), case_of(item)
    return f"{claim}: {case}" if case else claim


def group_of(item: pytest.Item) -> str:
    """Return the hardening group of a clause, "" for a core clause."""
    return find_group(item, case_of(item))


def features_of(item: pytest.Item) -> tuple[str, ...]:
    """Return the ids of the features that a clause tests."""
    mark = item.get_closest_marker("feature")
    return tuple(mark.args) if mark else ()


def collected(item: pytest.Item) -> None:
    """Record the site and the id of a clause, and run the clauses of a site on one worker."""
    site = site_of(item)
    if HERE not in item.path.parents or not site:
        return
    item.add_marker(pytest.mark.xdist_group(site))
    item.user_properties += [("site", site), ("clause", id_of(item)), ("group", group_of(item))]


def check_and_arrange(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Check ids and features, mark declared deviations, select features, and sort the clauses."""
    ours = [item for item in items if HERE in item.path.parents and site_of(item)]
    _check(ours)
    _mark_deviations(config, ours)
    items[:] = _select(config, items, ours)
    items.sort(
        key=lambda item: (site_of(item), _rank(item)) if item in set(ours) else ("", (False, 0))
    )


def _select(
    config: pytest.Config, items: list[pytest.Item], ours: list[pytest.Item]
) -> list[pytest.Item]:
    """Return the items without the clauses of other features or other groups."""
    features = set(config.getoption("--feature", None) or ())
    if unknown := features - set(FEATURES_BY_ID):
        raise pytest.UsageError(f"no feature is called {', '.join(sorted(unknown))}")
    groups = {"" if group == CORE else group for group in config.getoption("--group", None) or ()}
    left_out = {
        item
        for item in ours
        if (features and not features.intersection(features_of(item)))
        or (groups and group_of(item) not in groups)
    }
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
    return [item for item in items if item not in left_out]


def _rank(item: pytest.Item) -> tuple[bool, int]:
    stem = item.path.stem
    return (bool(group_of(item)), {FIRST: 0, LAST: 2}.get(stem, 1))


def _check(items: list[pytest.Item]) -> None:
    """Raise UsageError for a clause without a feature, and for two clauses with the same id."""
    seen: dict[tuple[str, str], str] = {}
    for item in items:
        features = features_of(item)
        if not features or not set(features) <= set(FEATURES_BY_ID):
            raise pytest.UsageError(f"{item.nodeid} is about no known feature: {features}")
        key = (site_of(item), id_of(item))
        if key in seen:
            raise pytest.UsageError(f"two clauses are called {key[1]!r}: {item.nodeid}")
        seen[key] = item.nodeid
    _check_cases(items)


def _check_cases(items: list[pytest.Item]) -> None:
    """Raise UsageError if a mark puts a case in a hardening group that the clause does not have."""
    cases: dict[str, list[str]] = {}
    for item in items:
        cases.setdefault(item.nodeid.partition("[")[0], []).append(case_of(item))
    for item in items:
        if unknown := find_unknown_cases(item, cases[item.nodeid.partition("[")[0]]):
            raise pytest.UsageError(f"{claim_of(item)!r} has no case {unknown[0][:60]!r}")


def framework_of(site: str) -> Framework | None:
    """Return the framework of a site, or None for a site that is not an app of the project."""
    return discover_frameworks(Paths.from_environ().apps).frameworks.get(site.partition("@")[0])


def _mark_deviations(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Expect declared deviations to fail. One that passes, or has no clause, is an error."""
    ids = {id_of(item) for item in items}
    for site in {site_of(item) for item in items}:
        framework = framework_of(site)
        deviations = framework.deviations if framework else ()
        reasons = {one.clause: one.reason for one in deviations}
        for item in items:
            if site_of(item) == site and id_of(item) in reasons:
                reason = reasons[id_of(item)]
                # Another version of the framework may meet the clause.
                item.add_marker(pytest.mark.xfail(strict="@" not in site, reason=reason))
        if _is_whole(items):
            config.stash.setdefault(UNKNOWN, {})[site] = sorted(set(reasons) - ids)


def _is_whole(items: list[pytest.Item]) -> bool:
    """Return whether the clauses of every module were collected, so that every id is known."""
    return {item.path for item in items} == set(HERE.glob("test_*.py"))


UNKNOWN: pytest.StashKey[dict[str, list[str]]] = pytest.StashKey()
