"""Build the part "behaviour" of results.json from the observations of a run.

{"channels": [name], "groups": {id: title}, "verdicts": {verdict: meaning},
 "frameworks": {name: {"title"}}, "failed": {name: reason},
 "fallen": {name: [a line for each host that ended by itself between two probes]},
 "probes": [{"id", "sentence", "group", "grade", "clause": {"title", "link"} or null, "debug",
   "requests": [text], "command",
   "outcomes": [{"frameworks": [name], "outcome": {channel: text},
                 "meets": {channel: true, false or null}}], the largest group first,
   "cells": {name: {channel: {"verdict", "hits": [rule], "lint": [[level, note, subject]],
                              "replies": [text], empty if waitress gave the same outcome}}},
   "idioms": {name: why the project's handler decides the outcome}}],
 "json": {"cases": [{"id", "triage", "text"}],
          "outcomes": [{"case", "frameworks", "outcome", "meets"}] on the first channel,
          "masked": [[channel, name, case, outcome]], "counts": {name: {channel: counts}}},
 "notes": [{"probe", "title", "prose"}], "notes_left_out": {title: the contradiction}}

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

Part = dict[str, Any]
MAX_CASE_CHARACTERS = 80  # of a JSON case's text


def build_part(
    observations: Sequence[Observations],
    failed: Mapping[str, str],
    probes: Sequence[Probe],
    channels: Sequence[str] = CHANNELS,
) -> Part:
    """Return the part "behaviour" of results.json."""
    idioms = attribution.read_idioms()
    part = {
        "channels": list(channels),
        "groups": GROUPS,
        "verdicts": attribution.VERDICTS,
        "frameworks": {each.name: {"title": each.title} for each in observations},
        "failed": dict(failed),
        "fallen": {each.name: each.crashes for each in observations if each.crashes},
        "probes": [build_probe(probe, observations, channels, idioms) for probe in probes],
        "json": build_json_cases(observations, channels),
    }
    return {**part, **build_notes(diff.collect_outcomes(part))}


def build_notes(outcomes: notes.OutcomesByKey) -> Part:
    """Return the notes that a run confirms, and the contradiction of each other note."""
    checked = [(note, notes.find_contradiction(note, outcomes)) for note in notes.read_notes()]
    return {
        "notes": [
            {"probe": note.probe, "title": note.title, "prose": note.prose}
            for note, contradiction in checked
            if not contradiction
        ],
        "notes_left_out": {
            note.title: contradiction for note, contradiction in checked if contradiction
        },
    }


def build_probe(
    probe: Probe, observations: Sequence[Observations], channels: Sequence[str], idioms: list[Idiom]
) -> Part:
    """Return the entry of one probe, with its evidence."""
    cells = {each.name: each.probe_results[probe.id] for each in observations}
    reasons = attribution.find_reasons(probe.id, idioms)
    return {
        "id": probe.id,
        "sentence": probe.sentence,
        "group": probe.group,
        "grade": probe.grade,
        "clause": vars(probe.clause) if probe.clause else None,
        "debug": probe.debug,
        "requests": [normalize.normalize_message(request) for request in probe.requests],
        "command": f"cookoff behaviour --show {probe.id} NAME",
        "outcomes": group_by_outcome(cells, channels),
        "cells": {name: build_cells(row) for name, row in cells.items()},
        "idioms": {name: reason for name, reason in reasons.items() if name in cells},
    }


def group_by_outcome(
    cells: Mapping[str, Mapping[str, ProbeResult]], channels: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the frameworks grouped by equal outcomes on every channel, the largest group first."""
    groups: dict[tuple[Any, ...], list[str]] = {}
    for name, row in cells.items():
        key = tuple(
            (normalize.normalize_outcome(row[kind].outcome), row[kind].meets) for kind in channels
        )
        groups.setdefault(key, []).append(name)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[1]))
    return [
        {
            "frameworks": names,
            "outcome": {kind: words for kind, (words, _) in zip(channels, key, strict=True)},
            "meets": {kind: meets for kind, (_, meets) in zip(channels, key, strict=True)},
        }
        for key, names in ordered
    ]


def build_cells(row: Mapping[str, ProbeResult]) -> Part:
    """Return the evidence of one framework by channel."""
    return {kind: build_cell(kind, row) for kind, cell in row.items() if cell.applies}


def build_cell(kind: str, row: Mapping[str, ProbeResult]) -> Part:
    """Return the evidence of one cell; without replies if waitress gave the same outcome."""
    cell, inside, served = row[kind], row.get(IN_PROCESS), row.get(WAITRESS)
    repeated = served and kind != WAITRESS and served.outcome == cell.outcome
    last = cell.request_results[-1].reply
    head = cell.requests[-1].startswith(b"HEAD ")
    return {
        "verdict": attribution.attribute_outcome(inside, cell)
        if inside and kind != IN_PROCESS
        else "",
        "hits": list(cell.violations),
        "lint": [
            [note.level, note.name, note.subject] for note in http_lint.lint_reply(last, head)
        ],
        "replies": []
        if repeated
        else [normalize.normalize_message(result.reply.raw) for result in cell.request_results],
    }


def build_json_cases(observations: Iterable[Observations], channels: Sequence[str]) -> Part:
    """Return the JSON cases: groups of equal outcomes, and the outcomes that servers changed."""
    probed = [each for each in observations if each.json_outcomes]
    rows: list[Part] = []
    for case in CASES:
        groups: dict[str, list[str]] = {}
        for each in probed:
            groups.setdefault(each.json_outcomes[channels[0]][case.id], []).append(each.name)
        rows += [
            {
                "case": case.id,
                "frameworks": names,
                "outcome": outcome,
                "meets": json_suite.meets_rfc8259(case, outcome),
            }
            for outcome, names in sorted(groups.items(), key=lambda group: -len(group[1]))
        ]
    return {
        "cases": [
            {
                "id": case.id,
                "triage": case.triage,
                "text": normalize.escape_bytes(case.text)[:MAX_CASE_CHARACTERS],
            }
            for case in CASES
        ],
        "outcomes": rows,
        "masked": [
            [kind, each.name, case.id, each.json_outcomes[kind][case.id]]
            for each in probed
            for kind in channels[1:]
            for case in CASES
            if not is_same_outcome(
                each.json_outcomes[channels[0]][case.id], each.json_outcomes[kind][case.id]
            )
        ],
        "counts": {
            each.name: {
                kind: json_suite.count_outcomes(each.json_outcomes[kind]) for kind in channels
            }
            for each in probed
        },
    }


def is_same_outcome(inside: str, outside: str) -> bool:
    """Return whether a JSON outcome is the same behind a server; an exception there becomes 500."""
    return inside == outside or (inside.startswith("raises") and outside == "fails, 500")
