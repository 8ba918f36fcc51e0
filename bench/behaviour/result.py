"""Build the part "behaviour" of results.json from the observations of a run.

{"channels": [name], "groups": {id: title}, "attributions": {id: meaning},
 "frameworks": {name: {"title"}}, "failed": {name: reason},
 "crashes": {name: [a line for each host that ended by itself between two probes]},
 "probes": [{"id", "sentence", "group", "grade", "clause": {"title", "link"} or null, "debug",
   "requests": [text], "command",
   "outcomes": [{"frameworks": [name], "outcome": {channel: text},
                 "meets": {channel: true, false or null}}], the largest group first,
   "evidence": {name: {channel: {"attribution", "violations": [rule],
                "lint": [[level, note, subject]],
                "replies": [text], empty if waitress gave the same outcome}}},
   "idioms": {name: why the project's handler decides the outcome}}],
 "json": {"cases": [{"id", "expected", "text"}],
          "outcomes": [{"case", "frameworks", "outcome", "meets"}] on the first channel,
          "server_changes": [[channel, name, case, outcome]],
          "counts": {name: {channel: counts}}},
 "notes": [{"probe", "title", "prose"}], "skipped_notes": {title: the contradiction}}

Every text is normalized (bench/behaviour/normalize.py), so two runs with equal outcomes are equal.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bench.behaviour import attribution, diff, http_lint, json_suite, normalize, notes
from bench.behaviour.attribution import Idiom
from bench.behaviour.channel import CHANNELS, IN_PROCESS, WAITRESS
from bench.behaviour.evaluate import ProbeResult
from bench.behaviour.json_cases import CASES
from bench.behaviour.probe import GROUPS, Probe
from bench.behaviour.runner import Observations
from bench.results.schema import (
    Behaviour,
    BehaviourNote,
    JsonCase,
    JsonOutcome,
    JsonResults,
    ProbedTitle,
    ProbeEvidence,
    ProbeOutcome,
    ProbeResults,
    StandardClause,
)

MAX_CASE_CHARACTERS = 80  # of a JSON case's text


def build_part(
    observations: Sequence[Observations],
    failed: Mapping[str, str],
    probes: Sequence[Probe],
    channels: Sequence[str] = CHANNELS,
) -> Behaviour:
    """Return the part "behaviour" of results.json."""
    idioms = attribution.read_idioms()
    part = Behaviour(
        channels=list(channels),
        groups=GROUPS,
        attributions=attribution.ATTRIBUTIONS,
        frameworks={each.name: ProbedTitle(each.title) for each in observations},
        failed=dict(failed),
        crashes={each.name: each.crashes for each in observations if each.crashes},
        probes=[build_probe(probe, observations, channels, idioms) for probe in probes],
        json=build_json_results(observations, channels),
        notes=[],
        skipped_notes={},
    )
    part.notes, part.skipped_notes = build_notes(diff.collect_outcomes(part))
    return part


def build_notes(outcomes: notes.OutcomesByKey) -> tuple[list[BehaviourNote], dict[str, str]]:
    """Return the notes that a run confirms, and the contradiction of each other note by title."""
    confirmed, skipped = [], {}
    for note in notes.read_notes():
        if contradiction := notes.find_contradiction(note, outcomes):
            skipped[note.title] = contradiction
        else:
            confirmed.append(BehaviourNote(note.probe, note.title, note.prose))
    return confirmed, skipped


def build_probe(
    probe: Probe, observations: Sequence[Observations], channels: Sequence[str], idioms: list[Idiom]
) -> ProbeResults:
    """Return the entry of one probe, with its evidence."""
    results = {each.name: each.probe_results[probe.id] for each in observations}
    reasons = attribution.find_reasons(probe.id, idioms)
    return ProbeResults(
        id=probe.id,
        sentence=probe.sentence,
        group=probe.group,
        grade=probe.grade,
        clause=StandardClause(**vars(probe.clause)) if probe.clause else None,
        debug=probe.debug,
        requests=[normalize.normalize_message(request) for request in probe.requests],
        command=f"cookoff behaviour --show {probe.id} NAME",
        outcomes=group_by_outcome(results, channels),
        evidence={name: collect_evidence(row) for name, row in results.items()},
        idioms={name: reason for name, reason in reasons.items() if name in results},
    )


def group_by_outcome(
    results: Mapping[str, Mapping[str, ProbeResult]], channels: Sequence[str]
) -> list[ProbeOutcome]:
    """Return the frameworks grouped by equal outcomes on every channel, the largest group first."""
    groups: dict[tuple[Any, ...], list[str]] = {}
    for name, row in results.items():
        key = tuple(
            (normalize.normalize_outcome(row[kind].outcome), row[kind].meets) for kind in channels
        )
        groups.setdefault(key, []).append(name)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[1]))
    return [
        ProbeOutcome(
            names,
            {kind: words for kind, (words, _) in zip(channels, key, strict=True)},
            {kind: meets for kind, (_, meets) in zip(channels, key, strict=True)},
        )
        for key, names in ordered
    ]


def collect_evidence(row: Mapping[str, ProbeResult]) -> dict[str, ProbeEvidence]:
    """Return the evidence of one framework by channel."""
    return {kind: build_evidence(kind, row) for kind, result in row.items() if result.applies}


def build_evidence(kind: str, row: Mapping[str, ProbeResult]) -> ProbeEvidence:
    """Return the evidence on one channel; without replies if waitress gave the same outcome."""
    result, inside, served = row[kind], row.get(IN_PROCESS), row.get(WAITRESS)
    repeated = served and kind != WAITRESS and served.outcome == result.outcome
    last = result.request_results[-1].reply
    head = result.requests[-1].startswith(b"HEAD ")
    return ProbeEvidence(
        attribution=attribution.attribute_outcome(inside, result)
        if inside and kind != IN_PROCESS
        else "",
        violations=list(result.violations),
        lint=[(note.level, note.name, note.subject) for note in http_lint.lint_reply(last, head)],
        replies=[]
        if repeated
        else [normalize.normalize_message(each.reply.raw) for each in result.request_results],
    )


def build_json_results(
    observations: Iterable[Observations], channels: Sequence[str]
) -> JsonResults:
    """Return the JSON cases: groups of equal outcomes, and the outcomes that servers changed."""
    probed = [each for each in observations if each.json_outcomes]
    rows: list[JsonOutcome] = []
    for case in CASES:
        groups: dict[str, list[str]] = {}
        for each in probed:
            groups.setdefault(each.json_outcomes[channels[0]][case.id], []).append(each.name)
        rows += [
            JsonOutcome(case.id, names, outcome, json_suite.meets_rfc8259(case, outcome))
            for outcome, names in sorted(groups.items(), key=lambda group: -len(group[1]))
        ]
    return JsonResults(
        cases=[
            JsonCase(
                case.id,
                case.expected,
                normalize.escape_bytes(case.text)[:MAX_CASE_CHARACTERS],
            )
            for case in CASES
        ],
        outcomes=rows,
        server_changes=[
            (kind, each.name, case.id, each.json_outcomes[kind][case.id])
            for each in probed
            for kind in channels[1:]
            for case in CASES
            if not is_same_outcome(
                each.json_outcomes[channels[0]][case.id], each.json_outcomes[kind][case.id]
            )
        ],
        counts={
            each.name: {
                kind: json_suite.count_outcomes(each.json_outcomes[kind]) for kind in channels
            }
            for each in probed
        },
    )


def is_same_outcome(inside: str, outside: str) -> bool:
    """Return whether a JSON outcome is the same behind a server; an exception there becomes 500."""
    return inside == outside or (inside.startswith("raises") and outside == "fails, 500")
