"""Compare the outcomes of one request at several sites."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bench.conformance.fuzz.freedoms import STATUS, Freedom, match_freedom
from bench.conformance.fuzz.judge import NO_ANSWER, SERVER_ERROR
from bench.conformance.fuzz.probes import Probe
from bench.conformance.fuzz.sites import DEAD, ProbeOutcome

ROWS = "rows"


class Verdict(NamedTuple):
    """One fault or disagreement; `groups` are statuses with the sites of each."""

    kind: str
    detail: str
    sites: tuple[str, ...]  # the sites that have the fault, or that differ from the majority
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def format_line(self) -> str:
        """Return the verdict as one line."""
        if not self.groups:
            return f"{', '.join(self.sites)}: {self.kind}: {self.detail}"
        groups = "; ".join(f"{label}: {', '.join(names)}" for label, names in self.groups)
        what = "store different rows" if self.kind == ROWS else "disagree"
        return f"sites {what}: {groups}"


def find_verdicts(
    probe: Probe, outcomes: Mapping[str, ProbeOutcome], freedoms: Sequence[Freedom]
) -> list[Verdict]:
    """Return the undeclared faults and disagreements of the sites' outcomes of a request."""
    faulty: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, outcome in outcomes.items():
        ended = any(fault.kind == DEAD for fault in outcome.faults)
        for fault in outcome.faults:
            if ended and fault.kind == NO_ANSWER:
                continue  # a host that ended does not answer
            if not match_freedom(freedoms, fault.kind, name, probe):
                faulty[fault].append(name)
    faults = [Verdict(*fault, tuple(names)) for fault, names in faulty.items()]
    differences = (
        find_disagreement(probe, outcomes, freedoms),
        find_row_differences(probe, outcomes, freedoms),
    )
    return [*faults, *filter(None, differences)]


def find_disagreement(
    probe: Probe, outcomes: Mapping[str, ProbeOutcome], freedoms: Sequence[Freedom]
) -> Verdict | None:
    """Return the disagreement in statuses, None if there is none.

    A site with a server error is not compared: that is a fault of its own.
    """
    statuses = {
        name: outcome.status
        for name, outcome in outcomes.items()
        if outcome.status and not any(fault.kind == SERVER_ERROR for fault in outcome.faults)
    }
    if any(outcome.rejected or not outcome.reply_due for outcome in outcomes.values()):
        return None
    labels = {name: label_status(status) for name, status in statuses.items()}
    for freedom in freedoms:
        if freedom.refusals and len(set(labels.values())) > 1:
            labels = remove_refusals(freedom, probe, statuses, labels)
    if len(set(labels.values())) > 1:
        statuses = {name: statuses[name] for name in labels}
        for freedom in freedoms:
            labels = apply_freedom(freedom, probe, statuses, labels)
    return group_sites(STATUS, labels)


def find_row_differences(
    probe: Probe, outcomes: Mapping[str, ProbeOutcome], freedoms: Sequence[Freedom]
) -> Verdict | None:
    """Return the disagreement in stored rows of the sites that accepted a request."""
    rows = {
        name: f"rows {outcome.rows_digest}" if outcome.rows_digest else "nothing"
        for name, outcome in outcomes.items()
        if 200 <= outcome.status < 400
    }
    if len(set(rows.values())) < 2:
        return None
    free = [name for name in rows if match_freedom(freedoms, ROWS, name, probe)]
    return group_sites(ROWS, {name: label for name, label in rows.items() if name not in free})


def group_sites(kind: str, labels: Mapping[str, str]) -> Verdict | None:
    """Return the disagreement of sites with different labels, None if all are equal."""
    if len(set(labels.values())) < 2:
        return None
    usual = Counter(labels.values()).most_common(1)[0][0]
    groups: dict[str, list[str]] = defaultdict(list)
    for name, label in labels.items():
        groups[label].append(name)
    ordered = sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    odd = tuple(name for name, label in labels.items() if label != usual)
    return Verdict(kind, "", odd, tuple((label, tuple(names)) for label, names in ordered))


def label_status(status: int) -> str:
    """Return the compared part of a status: its class, or the whole status of an error."""
    return str(status) if status >= 400 or status in (206, 304) else f"{status // 100}xx"


def remove_refusals(
    freedom: Freedom, probe: Probe, statuses: Mapping[str, int], labels: Mapping[str, str]
) -> dict[str, str]:
    """Return the labels without those of sites that refused the request as a freedom allows."""
    remaining = {
        name: label
        for name, label in labels.items()
        if statuses[name] not in freedom.refusals or not freedom.covers(STATUS, name, probe)
    }
    freedom.use_count += len(remaining) < len(labels)
    return remaining


def apply_freedom(
    freedom: Freedom, probe: Probe, statuses: Mapping[str, int], labels: Mapping[str, str]
) -> dict[str, str]:
    """Return the labels, with the label of other sites for each site that a freedom allows."""
    free = [
        name
        for name, status in statuses.items()
        if status in freedom.statuses and freedom.covers(STATUS, name, probe)
    ]
    allowed = {label_status(status) for status in freedom.statuses}
    others = {labels[name] for name in labels if name not in free}
    counted = Counter(labels.values()).most_common()
    usual = [label for label, _ in counted if label in allowed and label in others]
    usual += [label for label, _ in counted if label in {labels[name] for name in free}]
    if not usual:
        return dict(labels)
    if any(labels[name] != usual[0] for name in free):
        freedom.use_count += 1
    return {**labels, **dict.fromkeys(free, usual[0])}
