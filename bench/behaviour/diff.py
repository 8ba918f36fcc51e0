"""Compare the outcomes of two runs of the probes."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.core.errors import CookoffError, UsageError
from bench.results import store
from bench.results.schema import Behaviour, BehaviourChange

OutcomesByKey = Mapping[
    tuple[str, str, str], str
]  # (framework, probe or JSON case, channel): outcome


def read_part(file: Path) -> Behaviour:
    """Return the part "behaviour" of a results.json; raise UsageError if the file has none."""
    part = store.read_named_results(file, "cookoff behaviour").behaviour
    if not part:
        raise UsageError(
            f"{file} has no default behaviour; create the file with: cookoff behaviour"
        )
    return part


def read_last_part() -> Behaviour | None:
    """Return the part that the last full run saved, None if there is no usable one."""
    try:
        return store.read_results().behaviour or None
    except CookoffError:
        return None


def collect_outcomes(part: Behaviour) -> OutcomesByKey:
    """Return every outcome of a part by framework, probe (or JSON case) and channel."""
    outcomes = {
        (name, probe.id, channel): words
        for probe in part.probes
        for group in probe.outcomes
        for name in group.frameworks
        for channel, words in group.outcome.items()
    }
    first = part.channels[0]
    for row in part.json.outcomes:
        outcomes |= {(name, row.case, first): row.outcome for name in row.frameworks}
    outcomes |= {
        (name, case, kind): outcome for kind, name, case, outcome in part.json.server_changes
    }
    return outcomes


def find_changes(before: Behaviour, after: Behaviour) -> Iterator[BehaviourChange]:
    """Yield each outcome that both runs have and that differs between them."""
    old, new = collect_outcomes(before), collect_outcomes(after)
    for key in sorted(old.keys() & new.keys()):
        if old[key] != new[key]:
            yield BehaviourChange(*key, old[key], new[key])


def find_changes_between(part: Behaviour, before: str, after: str) -> Iterator[BehaviourChange]:
    """Yield each outcome that differs between two frameworks of one run."""
    outcomes = collect_outcomes(part)
    for (name, probe, channel), old in sorted(outcomes.items()):
        new = outcomes.get((after, probe, channel), old)
        if name == before and new != old:
            yield BehaviourChange(after, probe, channel, old, new)


def describe_unmatched(before: Behaviour, after: Behaviour) -> Iterator[str]:
    """Yield a line for the frameworks and for the probes that only one of the runs has."""
    old, new = collect_outcomes(before), collect_outcomes(after)
    for position, kind in ((0, "frameworks"), (1, "probes")):
        earlier, current = ({key[position] for key in outcomes} for outcomes in (old, new))
        if added := sorted(current - earlier):
            yield f"{kind} missing in the earlier run: {', '.join(added)}"
        if removed := sorted(earlier - current):
            yield f"{kind} missing in this run: {', '.join(removed)}"
