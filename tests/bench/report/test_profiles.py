"""Sentences of the profiles appear only if the results bear out all of their findings."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from bench.behaviour.limits import LIMITS
from bench.behaviour.probes import PROBES
from bench.conformance.levels import CORE, HARDENING_GROUPS
from bench.core.paths import ROOT
from bench.frameworks.features import FEATURES_BY_ID
from bench.frameworks.manifest import NEEDS, discover_frameworks
from bench.measure.cost.scaling import AXES
from bench.measure.workload.scenarios import OVERVIEW_PAGE_NAMES, PAGE_NAMES
from bench.report.figures import ALL_CLAUSES, COMPARE, FIGURES
from bench.report.findings import FigureFinding, Finding, NeedFinding, ProbeFinding
from bench.report.missing_parts import PARTS
from bench.report.profiles import (
    MAX_SENTENCES,
    Profile,
    ProfileRules,
    ProfilesError,
    build_profiles,
    read_profiles,
)
from tests.bench.results.samples import build_full_results, build_results, parse

# Frameworks of the samples: bare has 500 lines; flask and bottle have 300, flask is 50 µs slower.
PROFILE = """
[choose]
text = "Choose it: {text}."
rests_on = [{ {finding} }]
[[strengths]]
text = "It is there."
rests_on = [{ figure = "python_lines", at_most = 300 }]
[[cautions]]
text = "It has a price."
rests_on = [{ figure = "packages", at_least = 1 }]
"""
HOLDING = {
    "lines": ("python_lines", 'figure = "python_lines", at_most = 300'),
    "lowest": ("python_lines", 'figure = "python_lines", among_lowest = 1'),
    "highest": ("packages", 'figure = "packages", among_highest = 1'),
    "hardening": ("hardening_lines", 'figure = "hardening_lines", at_least = 3'),
    "packages": ("packages", 'figure = "packages", at_most = 1'),
    "megabytes": ("megabytes", 'figure = "megabytes", at_most = 3.0'),
    "names": ("names_used", 'figure = "names_used", of = "pan", at_least = 1'),
    "own": ("needs_from_framework", 'figure = "needs_from_framework", at_least = 1'),
    "add-ons": ("needs_from_addons", 'figure = "needs_from_addons", at_most = 0'),
    "by hand": ("needs_by_hand", 'figure = "needs_by_hand", at_most = 1'),
    "need": ("need_lines", 'figure = "need_lines", of = "csrf", at_most = 3'),
    "release": ("release_age_days", 'figure = "release_age_days", at_least = 276'),
    "all clauses": ("clauses_met", 'figure = "clauses_met", of = "all", at_least = 80'),
    "group": ("clauses_met", 'figure = "clauses_met", of = "json", at_most = 66.7'),
    "missed": ("missed_clauses", 'figure = "missed_clauses", at_most = 0'),
    "start": ("first_reply_seconds", 'figure = "first_reply_seconds", at_most = 0.3'),
    "memory": ("memory_mib", 'figure = "memory_mib", at_most = 40'),
    "cost": ("added_microseconds", 'figure = "added_microseconds", of = "menu", at_least = 39'),
    "ratio": ("cost_ratio", 'figure = "cost_ratio", of = "menu", at_most = 1.6'),
    "slowest": ("cost_ratio", 'figure = "cost_ratio", of = "menu", among_highest = 1'),
    "hardened": (
        "hardening_microseconds",
        'figure = "hardening_microseconds", of = "menu", at_most = 15',
    ),
    "calls": (
        "calls_before_handler",
        'figure = "calls_before_handler", of = "show-the-menu", at_most = 70',
    ),
    "depth": ("handler_depth", 'figure = "handler_depth", of = "show-the-menu", at_most = 2'),
    "template": (
        "template_calls",
        'figure = "template_calls", of = "show-the-menu", at_least = 20',
    ),
    "framework": (
        "framework_calls",
        'figure = "framework_calls", of = "show-the-menu", at_most = 100',
    ),
    "growth": ("growth_exponent", 'figure = "growth_exponent", of = "rows", at_most = 1'),
    "limit": ("limit", 'figure = "limit", of = "form-fields", at_most = 1023'),
    "outcome": ("outcome", 'probe = "head", outcome = "200"'),
    "clause": ("outcome", 'probe = "head", meets = true, channel = "wsgiref"'),
    "alone": ("outcome", 'probe = "options", meets = true, others_at_most = 1'),
    "not alone": ("outcome", 'probe = "head", meets = true, others_at_least = 2'),
    "provider": ("csrf", 'need = "csrf", provider = "hand"'),
    "fact": ("licence", 'fact = "licence", equals = "MIT"'),
}
FAILING = {
    "lines": 'figure = "python_lines", at_most = 299',
    "lowest": 'figure = "python_lines", among_highest = 1',
    "fewer": 'figure = "hardening_lines", at_least = 4',
    "tie": 'figure = "python_lines", among_lowest = 0',
    "names": 'figure = "names_used", of = "pa", at_least = 1',
    "cost": 'figure = "added_microseconds", of = "menu", at_least = 41',
    "ratio": 'figure = "cost_ratio", of = "menu", at_most = 1.59',
    "fastest": 'figure = "cost_ratio", of = "menu", among_lowest = 1',
    "hardened": 'figure = "hardening_microseconds", of = "menu", at_most = 14.9',
    "group": 'figure = "clauses_met", of = "json", at_least = 66.7',
    "outcome": 'probe = "head", outcome = "405"',
    "clause": 'probe = "head", meets = false',
    "alone": 'probe = "options", meets = true, others_at_most = 0',
    "not alone": 'probe = "options", meets = true, others_at_least = 2',
    "provider": 'need = "csrf", provider = "framework"',
    "fact": 'fact = "licence", equals = "BSD"',
}
UNMEASURED = {
    "behaviour": ('probe = "head", meets = true', "cookoff behaviour"),
    "traces": ('figure = "handler_depth", of = "show-the-menu", at_most = 9', "cookoff trace all"),
    "startup": ('figure = "memory_mib", at_most = 99', "cookoff cost"),
    "limits": (
        'figure = "limit", of = "form-fields", at_most = 9999',
        "cookoff behaviour --limits",
    ),
    "cost": (
        'figure = "cost_ratio", of = "order by form", at_most = 9',
        "cookoff cost --page order-by-form",
    ),
    "hardening": (
        'figure = "hardening_microseconds", of = "menu", at_most = 99',
        "cookoff cost --hardening",
    ),
}
MISTAKES = {
    "unknown key": ('figure = "packages", at_mots = 3', "unknown key", "at_mots", "at_most"),
    "no kind": ("at_most = 3", "has none of the keys figure, probe, need, fact"),
    "no figure": ('figure = "package", at_most = 3', "no figure is called 'package'", "packages"),
    "no bound": ('figure = "packages"', "no bound"),
    "no subject": ('figure = "cost_ratio", at_most = 3', "name the page in 'of'"),
    "a subject too many": ('figure = "packages", of = "menu", at_most = 3', "remove 'of'"),
    "no outcome": ('probe = "head"', "'outcome' or 'meets'"),
    "a bound that is a text": ('figure = "packages", at_most = "3"', "Expected `float | null`"),
}


def write_profile(apps: Path, text: str) -> None:
    """Write the profile of flask."""
    (apps / "flask").mkdir(exist_ok=True)
    (apps / "flask" / "profile.toml").write_text(text, encoding="utf-8")


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., Profile]:
    """Return a function that builds flask's profile, whose sentence "choose" has one finding."""

    def build(finding: str, text: str = "so", content: dict[str, Any] | None = None) -> Profile:
        profile = PROFILE.replace("{finding}", finding).replace("{text}", text)
        write_profile(tmp_path, profile)
        return build_profiles(parse(content or build_full_results()), tmp_path)["flask"]

    return build


@pytest.mark.parametrize(("placeholder", "finding"), HOLDING.values(), ids=HOLDING)
def test_a_sentence_whose_finding_holds_is_shown_with_its_figure(
    build: Callable[..., Profile], placeholder: str, finding: str
) -> None:
    profile = build(finding, f"{{{placeholder}}}")
    assert profile.dropped == []
    assert profile.choose is not None
    value = profile.choose.text.removeprefix("Choose it: ").removesuffix(".")
    assert value
    assert "{" not in value
    assert f": {value}" in profile.choose.findings[0]
    assert len(profile.choose.links) == 1


@pytest.mark.parametrize("finding", FAILING.values(), ids=FAILING)
def test_a_sentence_whose_finding_fails_is_dropped_by_name(
    build: Callable[..., Profile], finding: str
) -> None:
    profile = build(finding, "it is best")
    assert profile.choose is None
    assert len(profile.dropped) == 1
    assert profile.dropped[0].startswith("“Choose it: it is best.”: ")
    assert len(profile.strengths) == len(profile.cautions) == 1


def test_a_dropped_sentence_states_the_figure_and_the_bound(build: Callable[..., Profile]) -> None:
    profile = build('figure = "python_lines", at_most = 299', "{python_lines} lines")
    assert profile.dropped == [
        "“Choose it: 300 lines.”: lines of Python as taught is 300 (at most 299)"
    ]


def test_a_sentence_needs_all_of_its_findings(build: Callable[..., Profile]) -> None:
    both = 'figure = "packages", at_most = 1 }, { figure = "python_lines", at_most = 299'
    assert build(both).choose is None


def test_a_finding_names_its_figure_its_bound_and_its_page(build: Callable[..., Profile]) -> None:
    found = build('figure = "added_microseconds", of = "menu", at_most = 90').choose
    assert found is not None
    assert found.findings == ["time added to the page menu: 50 µs, 40 to 60 (at most 90 µs)"]
    assert found.links == ["cost/menu.html"]
    probe = build('probe = "head", meets = true').choose
    assert probe is not None
    assert probe.findings == ["outcome of “HEAD of a page”: 200 (stated: meets RFC 9110, 9.1)"]
    assert probe.links == ["behaviour/methods.html#head"]


def test_a_tie_in_the_cost_is_no_difference(build: Callable[..., Profile]) -> None:
    content = build_full_results()
    content["cost"]["faster_than"]["menu"] = {name: [] for name in content["frameworks"]}
    assert build('figure = "cost_ratio", of = "menu", among_lowest = 1', content=content).choose


@pytest.mark.parametrize(("part", "finding", "command"), [
    (part, *rest) for part, rest in UNMEASURED.items()
])  # fmt: skip
def test_a_sentence_about_a_missing_part_names_the_command(
    build: Callable[..., Profile], part: str, finding: str, command: str
) -> None:
    content = build_full_results()
    del content[part]
    if part == "cost":
        content[part] = None
    profile = build(finding, "well", content)
    assert profile.choose is None
    assert profile.dropped == [f"“Choose it: well.”: not measured: {command}"]


def test_a_place_of_every_second_framework_is_no_distinction(
    build: Callable[..., Profile],
) -> None:
    profile = build('figure = "packages", among_lowest = 2', "{packages}")
    assert profile.dropped == [
        "“Choose it: 1.”: not measured: cookoff compare, with 4 frameworks or more"
    ]


def test_a_leak_needs_many_requests(build: Callable[..., Profile]) -> None:
    finding, content = 'figure = "leaked_blocks", at_least = 2', deepcopy(build_full_results())
    assert build(finding, content=content).choose is None
    content["startup"]["flask"] = content["startup"]["flask"] | {"requests": 20_000}
    assert build(finding, content=content).choose


def test_a_framework_without_a_file_has_an_empty_profile(tmp_path: Path) -> None:
    assert build_profiles(parse(build_results()), tmp_path)["bare"] == Profile()


@pytest.mark.parametrize("parts", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_refused_with_file_line_and_key(
    build: Callable[..., Profile], tmp_path: Path, parts: tuple[str, ...]
) -> None:
    finding, *words = parts
    with pytest.raises(ProfilesError) as caught:
        build(finding)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'flask' / 'profile.toml'}:4: ")
    assert "choose.rests_on[0]" in message
    assert [word for word in words if word not in message] == []


def test_a_placeholder_without_a_finding_is_refused(build: Callable[..., Profile]) -> None:
    with pytest.raises(ProfilesError, match=r"flask/profile.toml:3: .*\{pages\}.*packages"):
        build('figure = "packages", at_most = 3', "{pages}")


def test_a_fourth_sentence_of_a_kind_is_refused(tmp_path: Path) -> None:
    head, tail = PROFILE.replace("{ {finding} }", '{ figure = "packages", at_most = 3 }').split(
        "[[cautions]]"
    )
    text = head.replace("{text}", "so") + (MAX_SENTENCES + 1) * f"[[cautions]]{tail}"
    write_profile(tmp_path, text)
    with pytest.raises(ProfilesError, match=r"cautions.*length <= 3"):
        read_profiles(tmp_path)


def list_findings() -> list[tuple[str, Finding]]:
    """Return each finding of the project's files, with its framework."""
    return [
        (name, finding)
        for name, rules in read_profiles(ROOT / "apps").items()
        for rule in [rules.choose, *rules.strengths, *rules.cautions, *rules.surprises]
        for finding in rule.findings
    ]


def test_a_profile_has_three_strengths_and_three_cautions() -> None:
    def count(rules: ProfileRules) -> tuple[int, int]:
        return len(rules.strengths), len(rules.cautions)

    profiles = read_profiles(ROOT / "apps")
    assert profiles
    assert set(profiles) <= set(discover_frameworks(ROOT / "apps").frameworks)
    assert {name: count(rules) for name, rules in profiles.items() if count(rules) != (3, 3)} == {}


def test_each_finding_names_something_that_exists() -> None:
    known = {
        "page": PAGE_NAMES,
        "feature": FEATURES_BY_ID,
        "group": {CORE, ALL_CLAUSES, *HARDENING_GROUPS},
        "need": NEEDS,
        "axis": {axis.name for axis in AXES},
        "limit": {limit.id for limit in LIMITS},
    }
    probes = {probe.id for probe in PROBES}
    wrong = []
    for name, finding in list_findings():
        if isinstance(finding, FigureFinding):
            subject = FIGURES[finding.figure].subject
            exists = subject not in known or finding.of in known[subject]
        elif isinstance(finding, ProbeFinding):
            exists = finding.probe in probes
        else:
            exists = not isinstance(finding, NeedFinding) or finding.need in NEEDS
        if not exists:
            wrong.append((name, finding))
    assert wrong == []


def test_the_sentence_of_choice_needs_only_what_each_comparison_measures() -> None:
    commands = {COMPARE, PARTS["startup"][1], FIGURES["cost_ratio"].command}
    for name, rules in read_profiles(ROOT / "apps").items():
        for finding in rules.choose.findings:
            assert not isinstance(finding, ProbeFinding), name
            if isinstance(finding, FigureFinding):
                assert FIGURES[finding.figure].command in commands, name
                assert finding.count_needed_frameworks() == 0, name


def test_costs_are_of_pages_that_each_comparison_measures() -> None:
    costs = {
        finding.of
        for _, finding in list_findings()
        if isinstance(finding, FigureFinding) and FIGURES[finding.figure].is_cost
    }
    assert costs <= set(OVERVIEW_PAGE_NAMES)
