"""Build the tables of `cookoff behaviour`: a row for each outcome, with its frameworks."""

from collections.abc import Iterator, Sequence

from bench.core.tables import Row
from bench.results.schema import Behaviour, ProbeOutcome

MARKS = {True: "met", False: "missed", None: ""}
SAME_AS_FIRST = "="


def build_rows(part: Behaviour) -> Iterator[Row]:
    """Yield a row for each group of frameworks with the same outcome of a probe."""
    framework_count = len(part.frameworks)
    for probe in part.probes:
        for number, group in enumerate(probe.outcomes):
            yield {
                "probe": "" if number else probe.id,
                "class": "" if number else probe.grade,
                "frameworks": format_frameworks(group.frameworks, framework_count),
                **build_columns(group, part.channels),
            }


def build_columns(group: ProbeOutcome, channels: Sequence[str]) -> Row:
    """Return a column for each channel; a sign marks the same outcome as on the first channel."""
    first = format_outcome(group, channels[0])
    outcomes = {channel: format_outcome(group, channel) for channel in channels[1:]}
    return {channels[0]: first} | {
        channel: SAME_AS_FIRST if outcome == first else outcome
        for channel, outcome in outcomes.items()
    }


def format_outcome(group: ProbeOutcome, channel: str) -> str:
    """Return an outcome, and whether it meets the clause if a clause applies."""
    mark = MARKS[group.meets[channel]]
    outcome = group.outcome[channel]
    return f"{outcome} [{mark}]" if mark else outcome


def format_frameworks(names: Sequence[str], framework_count: int) -> str:
    """Return the frameworks' names, or "all" with their number."""
    return f"all {framework_count}" if len(names) == framework_count > 1 else " ".join(names)


def build_summary_rows(part: Behaviour) -> list[Row]:
    """Return a row for each framework: clauses met, PEP 3333 rules broken, JSON cases accepted."""
    return [build_summary_row(name, part) for name in part.frameworks]


def build_summary_row(name: str, part: Behaviour) -> Row:
    """Return the summary of one framework on the first channel."""
    first = part.channels[0]
    evidence = [
        probe.evidence[name][first]
        for probe in part.probes
        if first in probe.evidence.get(name, {})
    ]
    counts = part.json.counts.get(name, {}).get(first)
    return {
        "framework": name,
        "must": format_clause_ratio(name, "must", part),
        "should": format_clause_ratio(name, "should", part),
        "WSGI rules broken": len({rule for each in evidence for rule in each.violations}),
        "replies with bad lint": sum(
            any(level == "bad" for level, *_ in each.lint) for each in evidence
        ),
        "JSON accepted": counts and counts["accept"].get("accepted", 0),
        "JSON refused": counts and counts["reject"].get("refused", 0),
    }


def format_clause_ratio(name: str, grade: str, part: Behaviour) -> str:
    """Return how many of the clauses of a class that apply to a framework it meets."""
    first = part.channels[0]
    verdicts = [
        bool(group.meets[first])
        for probe in part.probes
        if probe.grade == grade
        for group in probe.outcomes
        if name in group.frameworks and group.meets[first] is not None
    ]
    return f"{sum(verdicts)} of {len(verdicts)}"
