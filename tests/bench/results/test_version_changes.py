"""What changed between versions is told once, and the gate fails only for what is worse."""

import pytest
from msgspec.structs import replace

from bench.core import machine
from bench.results.schema import (
    TIE,
    Cost,
    InstalledPackage,
    LayerCalls,
    Noise,
    Ratio,
    VersionClause,
    VersionLines,
    VersionProbe,
)
from bench.results.version_changes import (
    WANTED_UNCERTAINTY,
    build_changes,
    decide_pair,
    describe_provenance,
    find_pair_ratio,
    find_unmeasured_pages,
)
from tests.bench.results.version_samples import NEW, OLD, column, comparison


def clause(old, new, site="hardened"):
    return VersionClause("a page is shown", site, "core", {OLD: old, NEW: new}, {NEW: "500"})


def probe(old, new, grade="must"):
    outcomes = {OLD: f"was {old}", NEW: f"is {new}"}
    return VersionProbe(
        "head", "HEAD /", "Methods", grade, ["in-process"], outcomes, {OLD: old, NEW: new}, [], {}
    )


def cost(ratio=1.1, low=1.08, high=1.12, floor=1.01):
    return Cost(
        baseline=OLD,
        control=f"control of {OLD}",
        launches=8,
        cycles=15,
        slice_seconds=0.004,
        seed=1,
        max_control_ratio=floor,
        machine=machine.collect_facts(),
        noise=Noise(),
        failed={},
        pages={"menu": {}},
        noise_floors={"menu": floor},
        degrees_of_freedom={"menu": 7.0},
        ties={},
        faster_than={},
        pairs={"menu": {OLD: {NEW: Ratio(ratio, low, high)}}},
        floor_ratio=None,
        template_costs={},
        versions={},
    )


def failing(part):
    return [change.kind for change in build_changes(part) if change.fails_gate]


def test_equal_versions_have_no_changes():
    assert build_changes(comparison(clauses=[clause("passed", "passed")])) == []


@pytest.mark.parametrize(
    ("old", "new", "verdict", "fails"),
    [
        pytest.param("passed", "failed", "worse", True, id="fails now"),
        pytest.param("passed", "unmet", "worse", True, id="as taught no longer"),
        pytest.param("failed", "passed", "better", False, id="passes now"),
        pytest.param("failed", "unmet", "changed", False, id="never met"),
    ],
)
def test_a_clause_that_passed_and_fails_now_fails_the_gate(old, new, verdict, fails):
    (change,) = build_changes(comparison(clauses=[clause(old, new)]))
    assert (change.kind, change.verdict, change.fails_gate) == ("clause", verdict, fails)
    assert (change.before, change.after) == (OLD, NEW)
    assert change.text.startswith(f"hardened: {old} → {new}")


@pytest.mark.parametrize("other", ["skipped", ""])
def test_a_clause_that_did_not_run_is_no_change(other):
    assert build_changes(comparison(clauses=[clause("passed", other)])) == []


@pytest.mark.parametrize(
    ("met", "meets", "grade", "verdict", "fails"),
    [
        pytest.param(True, False, "must", "worse", True, id="a must-probe turns wrong"),
        pytest.param(None, False, "must", "worse", True, id="a must-probe applies and is wrong"),
        pytest.param(True, False, "should", "worse", False, id="a should-probe turns wrong"),
        pytest.param(False, True, "must", "better", False, id="a must-probe is repaired"),
        pytest.param(True, True, "must", "changed", False, id="another right outcome"),
        pytest.param(False, False, "must", "changed", False, id="another wrong outcome"),
    ],
)
def test_a_must_probe_that_turns_wrong_fails_the_gate(met, meets, grade, verdict, fails):
    part = comparison(probes=[probe(met, meets, grade)])
    part.probes[0].outcomes = {OLD: "404", NEW: "500"}
    (change,) = build_changes(part)
    assert (change.verdict, change.fails_gate) == (verdict, fails)
    assert change.text == "in-process: 404 → 500"


AGAIN = {"menu": {NEW: Ratio(1.09, 1.07, 1.11)}}


def test_a_page_that_is_slower_in_both_runs_fails_the_gate():
    (change,) = build_changes(comparison(cost=cost(), repeated_costs=AGAIN))
    assert (change.kind, change.verdict, change.fails_gate) == ("cost", "worse", True)
    assert change.text == ("+10.0 % (+8.0 to +12.0 %); in a second run +9.0 % (+7.0 to +11.0 %)")


@pytest.mark.parametrize(
    ("times", "again"),
    [
        pytest.param(cost(), {}, id="equal in the second run"),
        pytest.param(cost(), {"menu": {NEW: Ratio(0.9, 0.88, 0.92)}}, id="faster in the second"),
        pytest.param(cost(1.02, 1.01, 1.03), AGAIN, id="below the smallest effect"),
        pytest.param(cost(floor=1.15), AGAIN, id="below the noise floor"),
        pytest.param(cost(1.1, 0.99, 1.21), AGAIN, id="the interval includes 1"),
    ],
)
def test_a_page_that_may_be_as_fast_does_not_fail_the_gate(times, again):
    assert build_changes(comparison(cost=times, repeated_costs=again)) == []


def test_a_faster_page_is_told_and_passes_the_gate():
    part = comparison(
        cost=cost(0.9, 0.88, 0.92), repeated_costs={"menu": {NEW: Ratio(0.9, 0.88, 0.92)}}
    )
    (change,) = build_changes(part)
    assert (change.verdict, change.fails_gate) == ("better", False)


def test_the_ratio_of_a_pair_is_known_in_both_directions():
    assert find_pair_ratio(cost(2, 1.6, 2.5), "menu", NEW, OLD) == Ratio(0.5, 0.4, 0.625)
    assert decide_pair(cost(), "menu", OLD, NEW) == "slower"
    assert decide_pair(cost(), "menu", NEW, OLD) == "faster"
    assert decide_pair(cost(), "menu", OLD, "newt@3.0") == TIE


def test_a_page_with_too_much_noise_counts_as_not_measured():
    assert not list(find_unmeasured_pages(cost(1.01, 0.98, 1.04), [OLD, NEW]))
    assert not list(find_unmeasured_pages(cost(1.5, 1.2, 1.9), [OLD, NEW]))
    for noisy in (cost(floor=1.2), cost(1.0, 0.8, 1.25)):
        (line,) = find_unmeasured_pages(noisy, [OLD, NEW])
        assert "noise" in line
    assert list(find_unmeasured_pages(cost(1.01, 0.95, 1.07), [OLD, NEW], WANTED_UNCERTAINTY))
    assert not list(find_unmeasured_pages(cost(1.01, 0.95, 1.07), [OLD, NEW]))
    (line,) = find_unmeasured_pages(cost(), [OLD, "newt@3.0"])
    assert line == "menu: not timed for newt@1.0 and newt@3.0"


def test_packages_that_came_went_and_moved_are_told():
    def packages(**versions):
        return [InstalledPackage(name, each, 1000, "MIT") for name, each in versions.items()]

    old, new = (
        packages(newt="1.0", gill="1.0", tail="1.0"),
        packages(newt="2.0", gill="1.0", fin="3"),
    )
    columns = [column(OLD, packages=old), column(NEW, packages=new)]
    changes = build_changes(comparison(columns=columns))
    assert {change.subject: change.text for change in changes} == {
        "newt": "1.0 → 2.0",
        "tail": "went: 1.0",
        "fin": "came: 3",
    }


def test_a_site_that_no_longer_starts_fails_the_gate_and_hides_nothing_between_its_neighbours():
    last = "newt@3.0"
    columns = [
        column(OLD),
        column(NEW, error="ImportError: no newt", is_startable=False),
        column(last),
    ]
    part = comparison(columns=columns, clauses=[clause("passed", "failed")])
    part.clauses[0].outcomes[last] = "failed"
    changes = build_changes(part)
    texts = [(each.before, each.after, each.subject, each.fails_gate) for each in changes]
    assert texts == [
        (OLD, NEW, "the site starts", True),
        (OLD, last, "a page is shown", True),
        (NEW, last, "the site starts", False),
    ]
    assert changes[0].text == "ImportError: no newt"


def test_a_version_that_is_not_installed_is_no_change():
    broken = replace(column(NEW), version="", error="no such version")
    assert failing(comparison(columns=[column(OLD), broken])) == []


def test_calls_and_lines_that_changed_are_told():
    calls = {"menu": {OLD: LayerCalls(1, 100, 1, 1, 1), NEW: LayerCalls(1, 103, 1, 1, 1)}}
    lines = [VersionLines("newt/app.py", {OLD: "3-5", NEW: ""})]
    changes = build_changes(comparison(calls_by_layer=calls, lines=lines))
    assert [(each.kind, each.text) for each in changes] == [
        ("calls", "in the framework: 100 → 103"),
        ("lines", "of the lines that not all versions run: 3-5 → none"),
    ]


def test_the_provenance_of_a_dirty_checkout_has_its_commit_and_its_digest():
    dirty = column(NEW, source_digest="abcdef0123456789", commit="f" * 40, is_dirty=True)
    dirty.kind = "checkout"
    assert describe_provenance(dirty) == (
        "commit ffffffffffff with changes, checkout, SHA-256 abcdef012345"
    )
    assert describe_provenance(column(OLD)) == "package index"
