"""Check the findings on which a sentence of profile.toml rests, against the results.

A finding is an inline table. Its first key decides its kind, a key of KINDS:
- figure: a figure of bench/report/figures.py, with `of` (a page, a feature, a group of clauses)
  where the figure needs it, and a bound: at_most, at_least, among_lowest or among_highest. Both
  ends of a confidence interval must be within the bound.
- probe: the outcome of a probe of the atlas as its text, or whether it meets the clause; with
  others_at_most or others_at_least, how many other frameworks do the same.
- need: the provider of a need, "framework", "hand" or the name of an add-on.
- fact: a text of the framework's facts, such as its range of Pythons.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import msgspec

from bench.core.errors import suggest_names
from bench.core.toml_files import Text, TomlFile
from bench.report.figures import COMPARE, FIGURES, IN_PROCESS, Figure, Measured
from bench.report.missing_parts import PARTS
from bench.results.schema import ComparedResults, ProbeOutcome, ProbeResults

PLACEHOLDER = re.compile(r"\{(\w+)\}")
MAX_OUTCOME_CHARACTERS = 80


@dataclass(frozen=True)
class Evidence:
    """What the results show of a finding, in words."""

    holds: bool
    statement: str  # "packages: 9 (at most 12)", or "packages is 13 (at most 12)"
    link: str = ""  # the page of the report that shows it
    words: Mapping[str, str] = field(default_factory=dict)  # the values of placeholders


class Finding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The base class of all kinds of findings; `name` is the placeholder of its value."""

    def get_placeholder(self) -> str:
        """Return the placeholder that a text can have for the finding's value."""
        raise NotImplementedError

    def explain_mistake(self) -> tuple[str, str]:
        """Return the key of a mistake, and the mistake; both are "" if there is none."""
        return "", ""

    def check(self, results: ComparedResults, name: str) -> Evidence:
        """Return what the results show of the finding for a framework."""
        raise NotImplementedError


class FigureFinding(Finding, frozen=True):
    """A figure with a bound."""

    figure: Text
    of: str = ""
    at_most: float | None = None
    at_least: float | None = None
    among_lowest: int | None = None  # a tie with a lower value counts as that value
    among_highest: int | None = None
    name: str = ""
    BOUNDS: ClassVar = ("at_most", "at_least", "among_lowest", "among_highest")

    def get_placeholder(self) -> str:
        """Return the given name, or that of the figure."""
        return self.name or self.figure

    def explain_mistake(self) -> tuple[str, str]:
        """Return the first mistake that the types cannot show."""
        if self.figure not in FIGURES:
            return "figure", f"no figure is called {self.figure!r}; " + suggest_names(
                self.figure, FIGURES, "see bench/report/figures.py"
            )
        subject = FIGURES[self.figure].subject
        if bool(self.of) != bool(subject):
            return "of", f"name the {subject} in 'of'" if subject else "remove 'of'"
        if all(getattr(self, bound) is None for bound in self.BOUNDS):
            return "", f"the finding has no bound; add one of {', '.join(self.BOUNDS)}"
        return "", ""

    def check(self, results: ComparedResults, name: str) -> Evidence:
        """Return the figure, and whether it is within its bounds."""
        figure = FIGURES[self.figure]
        measured = figure.measure(results, name, self.of)
        page = self.of.replace(" ", "-")
        if measured is None:
            return build_unmeasured(figure.command.format(of=page))
        number = format_number(measured.value)
        values = {self.get_placeholder(): number}
        if len(results.frameworks) < (least := self.count_needed_frameworks()):
            return build_unmeasured(f"{COMPARE}, with {least} frameworks or more", values)
        words = f"{number}{figure.unit}{format_interval(measured)}"
        holds = self.is_within(results, name, measured)
        label = figure.label.format(of=self.of)
        return Evidence(
            holds,
            build_statement(holds, label, words, self.format_bounds(results, figure)),
            figure.link.format(of=page, name=name),
            values,
        )

    def count_needed_frameworks(self) -> int:
        """Return how many frameworks a place needs: no more than half of them may have it."""
        return 2 * max(self.among_lowest or 0, self.among_highest or 0)

    def is_within(self, results: ComparedResults, name: str, measured: Measured) -> bool:
        """Return whether the whole interval is within each bound."""
        figure = FIGURES[self.figure]
        lowest, highest = self.among_lowest, self.among_highest
        return (
            (self.at_most is None or measured.high <= self.at_most)
            and (self.at_least is None or measured.low >= self.at_least)
            and (lowest is None or figure.count_lower(results, name, self.of) < lowest)
            and (highest is None or figure.count_higher(results, name, self.of) < highest)
        )

    def format_bounds(self, results: ComparedResults, figure: Figure) -> str:
        """Return the bounds as text."""
        total = len(results.frameworks)
        texts = [
            f"{words} {format_number(bound)}{figure.unit}"
            for words, bound in (("at most", self.at_most), ("at least", self.at_least))
            if bound is not None
        ]
        for end, number in (("lowest", self.among_lowest), ("highest", self.among_highest)):
            if number is not None:
                place = end if number == 1 else f"among the {number} {end}"
                texts.append(f"{place} of {total}")
        return ", ".join(texts)


class ProbeFinding(Finding, frozen=True):
    """The outcome of a probe of the atlas."""

    probe: Text
    outcome: str | None = None
    meets: bool | None = None
    channel: Text = IN_PROCESS
    others_at_most: int | None = None
    others_at_least: int | None = None
    name: str = ""

    def get_placeholder(self) -> str:
        """Return the given name, or "outcome"."""
        return self.name or "outcome"

    def explain_mistake(self) -> tuple[str, str]:
        """Return whether the finding states neither an outcome nor whether the clause is met."""
        if self.outcome is None and self.meets is None:
            return "", "the finding states no outcome; add 'outcome' or 'meets'"
        return "", ""

    def check(self, results: ComparedResults, name: str) -> Evidence:
        """Return the outcome, and whether the finding states it."""
        probe = find_probe(results, self.probe)
        outcome = find_outcome(probe, name) if probe else None
        if probe is None or outcome is None or self.channel not in outcome.outcome:
            return build_unmeasured(PARTS["behaviour"][1])
        others = self.count_others(probe, results, name)
        holds = self.states(outcome) and self.allows(others)
        words = shorten(outcome.outcome[self.channel])
        where = "" if self.channel == IN_PROCESS else f" through {self.channel}"
        label = f"outcome of “{probe.sentence.rstrip('.')}”{where}"
        return Evidence(
            holds,
            build_statement(holds, label, words, self.format_claim(probe, others, words)),
            f"behaviour/{probe.group}.html#{probe.id}",
            {self.get_placeholder(): words},
        )

    def states(self, outcome: ProbeOutcome) -> bool:
        """Return whether an outcome is the one that the finding states."""
        meets = outcome.meets.get(self.channel)
        return self.outcome in (None, outcome.outcome.get(self.channel)) and (
            self.meets is None or meets is self.meets
        )

    def count_others(self, probe: ProbeResults, results: ComparedResults, name: str) -> int:
        """Return how many other frameworks have an outcome that the finding states."""
        outcomes = [find_outcome(probe, other) for other in results.frameworks if other != name]
        return sum(self.states(outcome) for outcome in outcomes if outcome)

    def allows(self, others: int) -> bool:
        """Return whether a number of other frameworks is within the bounds."""
        least, most = self.others_at_least, self.others_at_most
        return (least is None or others >= least) and (most is None or others <= most)

    def format_claim(self, probe: ProbeResults, others: int, words: str) -> str:
        """Return what the finding states beyond these words of the outcome, as text."""
        clause = probe.clause.title if probe.clause else "the standard"
        texts = [] if self.outcome is None else [state(words, shorten(self.outcome))]
        if self.meets is not None:
            texts.append(f"stated: {'meets' if self.meets else 'misses'} {clause}")
        for limit, bound in (("at most", self.others_at_most), ("at least", self.others_at_least)):
            if bound is not None:
                texts.append(f"the same in {others} others, stated: {limit} {bound}")
        return ", ".join(filter(None, texts))


class NeedFinding(Finding, frozen=True):
    """The provider of a need."""

    need: Text
    provider: Text

    def get_placeholder(self) -> str:
        """Return the need."""
        return self.need

    def check(self, results: ComparedResults, name: str) -> Evidence:
        """Return the provider, and whether the finding states it."""
        provision = results.frameworks[name].provisions.get(self.need)
        if provision is None:
            return build_unmeasured(COMPARE)
        holds, words = provision.provider == self.provider, provision.provider
        return Evidence(
            holds,
            build_statement(holds, f"provider of {self.need}", words, state(words, self.provider)),
            f"frameworks/{name}.html",
            {self.need: words},
        )


class FactFinding(Finding, frozen=True):
    """A text of the framework's facts."""

    fact: Literal["licence", "python", "templates"]
    equals: Text

    def get_placeholder(self) -> str:
        """Return the fact."""
        return self.fact

    def check(self, results: ComparedResults, name: str) -> Evidence:
        """Return the text, and whether it is the one that the finding states."""
        words = getattr(results.frameworks[name], self.fact)
        holds = words == self.equals
        return Evidence(
            holds,
            build_statement(holds, self.fact, words, state(words, self.equals)),
            f"frameworks/{name}.html",
            {self.fact: words},
        )


KINDS: Mapping[str, type[Finding]] = {
    "figure": FigureFinding,
    "probe": ProbeFinding,
    "need": NeedFinding,
    "fact": FactFinding,
}


def parse_finding(file: TomlFile, key: str, table: Mapping[str, Any]) -> Finding:
    """Return the finding of an inline table; raise the file's error for a mistake."""
    kind = next((kind for first, kind in KINDS.items() if first in table), None)
    if kind is None:
        raise file.build_error(key, f"{key!r} has none of the keys {', '.join(KINDS)}; add one")
    finding = file.convert(table, kind, key)
    part, mistake = finding.explain_mistake()
    if mistake:
        where = f"{key}.{part}" if part else key
        raise file.build_error(where, f"{where!r}: {mistake}")
    return finding


def find_probe(results: ComparedResults, id: str) -> ProbeResults | None:
    """Return the results of a probe."""
    probes = results.behaviour.probes if results.behaviour else []
    return next((probe for probe in probes if probe.id == id), None)


def find_outcome(probe: ProbeResults, name: str) -> ProbeOutcome | None:
    """Return the outcome of a framework."""
    return next((outcome for outcome in probe.outcomes if name in outcome.frameworks), None)


def build_unmeasured(command: str, words: Mapping[str, str] | None = None) -> Evidence:
    """Return the evidence for a finding that this run did not measure."""
    return Evidence(False, f"not measured: {command}", words=words or {})


def build_statement(holds: bool, label: str, words: str, claim: str) -> str:
    """Return a finding as text, with its present value and what the sentence needs it to be."""
    value = f"{words} ({claim})" if claim else words
    return f"{label}: {value}" if holds else f"{label} is {value}"


def state(words: str, stated: str) -> str:
    """Return what a sentence states, "" if the results have the same words."""
    return "" if words == stated else f"stated: {stated}"


def format_number(value: float) -> str:
    """Return a number with three digits, or with all digits before its point."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.3g}"


def format_interval(measured: Measured) -> str:
    """Return the interval of a value as text, "" for a value without one."""
    if measured.low == measured.high:
        return ""
    return f", {format_number(measured.low)} to {format_number(measured.high)}"


def shorten(outcome: str) -> str:
    """Return an outcome with at most MAX_OUTCOME_CHARACTERS characters."""
    if len(outcome) <= MAX_OUTCOME_CHARACTERS:
        return outcome
    return outcome[: MAX_OUTCOME_CHARACTERS - 2] + " …"
