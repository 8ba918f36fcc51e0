"""Build the profile of each framework from apps/NAME/profile.toml: sentences that rest on findings.

A profile says when to choose the framework, its strengths, its cautions, and what surprised us. A
sentence appears only if this run bears out every finding in `rests_on`; otherwise the framework's
page lists the sentence with the figure that contradicts it.

A text takes its figures from its findings: {python_lines} is the value of the finding with this
figure, or with this `name`. {frameworks}, {needs}, {released} and {version} are always known.
bench/report/findings.py describes the kinds of findings, bench/report/figures.py the figures.
Bounds leave 15 % or more for changes of the code and for the noise of another machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import msgspec

from bench.core.errors import CookoffError, collapse_whitespace, suggest_names
from bench.core.toml_files import Text, TomlFile
from bench.frameworks.manifest import NEEDS, PROFILE_FILE
from bench.report.findings import PLACEHOLDER, Evidence, Finding, parse_finding
from bench.results.schema import ComparedResults, FrameworkFacts

MAX_SENTENCES = 3  # of strengths, cautions and surprises
UNKNOWN_VALUE = "…"
KNOWN_WORDS = ("frameworks", "needs", "released", "version")  # placeholders of every sentence


class ProfilesError(CookoffError):
    """A profile.toml that cannot be read, with file, line and key."""


class SentenceTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sentence of the file."""

    text: Text
    rests_on: Annotated[tuple[dict[str, Any], ...], msgspec.Meta(min_length=1)]


SentenceTables = Annotated[tuple[SentenceTable, ...], msgspec.Meta(max_length=MAX_SENTENCES)]


class ProfileTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of a profile.toml."""

    choose: SentenceTable
    strengths: SentenceTables
    cautions: SentenceTables
    surprises: SentenceTables = ()


@dataclass(frozen=True)
class Rule:
    """A sentence with placeholders, and the findings that must hold for it."""

    text: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class ProfileRules:
    """The sentences of one framework as its file has them."""

    choose: Rule
    strengths: list[Rule]
    cautions: list[Rule]
    surprises: list[Rule]


@dataclass(frozen=True)
class Sentence:
    """A sentence that the results bear out, with its findings."""

    text: str
    findings: list[str]  # "lines of Python as taught: 371 (at most 430)"
    links: list[str]  # for each finding, the page that shows it from the report's root, or ""


@dataclass(frozen=True)
class Profile:
    """What the results say about one framework, in sentences."""

    choose: Sentence | None = None
    strengths: list[Sentence] = field(default_factory=list)
    cautions: list[Sentence] = field(default_factory=list)
    surprises: list[Sentence] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)  # each sentence not shown, with the reason


def build_profiles(results: ComparedResults, apps: Path) -> dict[str, Profile]:
    """Return the profile of each framework of the results, empty if its folder has none.

    Raises ProfilesError for a file that cannot be read.
    """
    rules = read_profiles(apps)
    return {
        name: build_profile(rules[name], results, name) if name in rules else Profile()
        for name in results.frameworks
    }


def build_profile(rules: ProfileRules, results: ComparedResults, name: str) -> Profile:
    """Return the profile of one framework."""
    dropped: list[str] = []

    def select(rules: list[Rule]) -> list[Sentence]:
        outcomes = [apply_rule(rule, results, name) for rule in rules]
        dropped.extend(outcome for outcome in outcomes if isinstance(outcome, str))
        return [outcome for outcome in outcomes if isinstance(outcome, Sentence)]

    chosen = select([rules.choose])
    return Profile(
        chosen[0] if chosen else None,
        select(rules.strengths),
        select(rules.cautions),
        select(rules.surprises),
        dropped,
    )


def apply_rule(rule: Rule, results: ComparedResults, name: str) -> Sentence | str:
    """Return a sentence, or why it is dropped."""
    evidence = [finding.check(results, name) for finding in rule.findings]
    text = fill(rule.text, results.frameworks[name], results, evidence)
    contradictions = [each.statement for each in evidence if not each.holds]
    if contradictions:
        return f"“{text}”: {'; '.join(dict.fromkeys(contradictions))}"
    return Sentence(text, [each.statement for each in evidence], [each.link for each in evidence])


def fill(
    text: str, facts: FrameworkFacts, results: ComparedResults, evidence: list[Evidence]
) -> str:
    """Return a text with values in place of its placeholders."""
    words = dict(zip(KNOWN_WORDS, describe(facts, results), strict=True))
    for each in evidence:
        words |= each.words
    return PLACEHOLDER.sub(lambda match: words.get(match[1], UNKNOWN_VALUE), text)


def describe(facts: FrameworkFacts, results: ComparedResults) -> tuple[str, ...]:
    """Return the values of KNOWN_WORDS."""
    counts = str(len(results.frameworks)), str(len(NEEDS))
    return *counts, facts.release_date, facts.code.version


def read_profiles(apps: Path) -> Mapping[str, ProfileRules]:
    """Return the sentences about each framework by name; raise ProfilesError for a mistake."""
    files = sorted(apps.glob(f"*/{PROFILE_FILE}"))
    return {path.parent.name: parse_profile(TomlFile.read(path, ProfilesError)) for path in files}


def parse_profile(file: TomlFile) -> ProfileRules:
    """Return the sentences of a file."""
    table = file.convert(file.content, ProfileTable)

    def parse_list(key: str, tables: tuple[SentenceTable, ...]) -> list[Rule]:
        return [
            parse_rule(file, f"{key}[{number}]", sentence) for number, sentence in enumerate(tables)
        ]

    return ProfileRules(
        parse_rule(file, "choose", table.choose),
        parse_list("strengths", table.strengths),
        parse_list("cautions", table.cautions),
        parse_list("surprises", table.surprises),
    )


def parse_rule(file: TomlFile, key: str, sentence: SentenceTable) -> Rule:
    """Return one sentence; raise ProfilesError for a placeholder that no finding has."""
    findings = tuple(
        parse_finding(file, f"{key}.rests_on[{number}]", table)
        for number, table in enumerate(sentence.rests_on)
    )
    known = [*KNOWN_WORDS, *(finding.get_placeholder() for finding in findings)]
    for placeholder in PLACEHOLDER.findall(sentence.text):
        if placeholder not in known:
            hint = suggest_names(placeholder, known, "add a finding of this name")
            raise file.build_error(
                f"{key}.text", f"no finding has the placeholder {{{placeholder}}}; {hint}"
            )
    return Rule(collapse_whitespace(sentence.text), findings)
