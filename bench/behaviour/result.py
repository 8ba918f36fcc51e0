"""What is kept of a run: the part "behaviour" of results.json.

{"channels": [name], "groups": {id: title}, "verdicts": {verdict: what it means},
 "frameworks": {name: {"title"}}, "failed": {name: reason},
 "fallen": {name: [a line for each host that ended by itself between two probes]},
 "probes": [{"id", "sentence", "group", "grade", "clause": {"title", "link"} or null, "debug",
   "requests": [text], "command",
   "outcomes": [{"frameworks": [name], "outcome": {channel: words},
                 "meets": {channel: true, false or null}}], the largest group first,
   "cells": {name: {channel: {"verdict", "hits": [rule], "lint": [[level, note, about]],
                              "replies": [text], none where waitress gave the same}}},
   "idioms": {name: why the outcome is our handler's doing}}],
 "json": {"cases": [{"id", "triage", "text"}],
          "outcomes": [{"case", "frameworks", "outcome", "meets"}], in its own process,
          "masked": [[channel, name, case, outcome]], "counts": {name: {channel: counts}}},
 "notes": [{"probe", "title", "prose"}], "notes_left_out": {title: the outcome that speaks against}}

Every text is normalised (bench/behaviour/normalize.py): two runs with equal outcomes are equal.
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
MAX_CASE_CHARACTERS = 80  # of a JSON case


def build_part(
    found: Sequence[Observations],
    failed: Mapping[str, str],
    probes: Sequence[Probe],
    channels: Sequence[str] = CHANNELS,
) -> Part:
    """Return the whole part."""
    idioms = attribution.read_idioms()
    part = {
        "channels": list(channels),
        "groups": GROUPS,
        "verdicts": attribution.VERDICTS,
        "frameworks": {one.name: {"title": one.title} for one in found},
        "failed": dict(failed),
        "fallen": {one.name: one.crashes for one in found if one.crashes},
        "probes": [build_probe(probe, found, channels, idioms) for probe in probes],
        "json": build_json_cases(found, channels),
    }
    return {**part, **build_notes(diff.collect_outcomes(part))}


def build_notes(outcomes: notes.OutcomesByKey) -> Part:
    """Return the notes that a run bears out, and why the others are left out."""
    told = [(note, notes.find_contradiction(note, outcomes)) for note in notes.read_notes()]
    return {
        "notes": [
            {"probe": note.probe, "title": note.title, "prose": note.prose}
            for note, why in told
            if not why
        ],
        "notes_left_out": {note.title: why for note, why in told if why},
    }


def build_probe(
    probe: Probe, found: Sequence[Observations], channels: Sequence[str], idioms: list[Idiom]
) -> Part:
    """Return one probe's row of the grid, with its evidence."""
    cells = {one.name: one.probe_results[probe.id] for one in found}
    names = set(cells)
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
        "idioms": {
            k: v for k, v in attribution.find_reasons(probe.id, idioms).items() if k in names
        },
    }


def group_by_outcome(
    cells: Mapping[str, Mapping[str, ProbeResult]], channels: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the frameworks in groups whose outcomes are equal on every channel."""
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
    """Return the evidence of one framework, channel by channel."""
    return {kind: build_cell(kind, row) for kind, cell in row.items() if cell.applies}


def build_cell(kind: str, row: Mapping[str, ProbeResult]) -> Part:
    """Return the evidence of one cell; replies only where waitress did not give the same."""
    cell, inside, seen = row[kind], row.get(IN_PROCESS), row.get(WAITRESS)
    repeated = seen and kind != WAITRESS and seen.outcome == cell.outcome
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
        else [normalize.normalize_message(answer.reply.raw) for answer in cell.request_results],
    }


def build_json_cases(found: Iterable[Observations], channels: Sequence[str]) -> Part:
    """Return the JSON cases: who agrees in its own process, and what servers changed."""
    asked = [one for one in found if one.json_outcomes]
    rows: list[Part] = []
    for case in CASES:
        groups: dict[str, list[str]] = {}
        for one in asked:
            groups.setdefault(one.json_outcomes[channels[0]][case.id], []).append(one.name)
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
            [kind, one.name, case.id, one.json_outcomes[kind][case.id]]
            for one in asked
            for kind in channels[1:]
            for case in CASES
            if not is_same_outcome(
                one.json_outcomes[channels[0]][case.id], one.json_outcomes[kind][case.id]
            )
        ],
        "counts": {
            one.name: {
                kind: json_suite.count_outcomes(one.json_outcomes[kind]) for kind in channels
            }
            for one in asked
        },
    }


def is_same_outcome(inside: str, outside: str) -> bool:
    """Tell whether a JSON outcome is the same behind a server, which makes 500 of exceptions."""
    return inside == outside or (inside.startswith("raises") and outside == "fails, 500")
