"""Tests of the tables of probes, JSON cases, notes and idioms."""

import json
import re
from collections import Counter
from io import StringIO
from wsgiref.validate import check_environ

import pytest

from bench.agent.wsgi_environ import parse_environ
from bench.behaviour import attribution, notes
from bench.behaviour.json_cases import CASES
from bench.behaviour.probe import GRADES, GROUPS
from bench.behaviour.probes import PROBES
from bench.core.paths import Paths
from bench.frameworks.manifest import discover_frameworks

ORDINARY = ("query", "json", "forms", "uploads", "errors")


def test_there_are_enough_probes_in_every_group():
    assert len(PROBES) >= 80
    assert {probe.group for probe in PROBES} == set(GROUPS)
    assert max(Counter(probe.id for probe in PROBES).values()) == 1


def test_a_probe_has_one_sentence_and_complete_requests():
    for probe in PROBES:
        assert re.fullmatch(r"[A-Z0-9][^\n]{5,100}[.]", probe.sentence), probe.id
        assert all(b"\r\n\r\n" in raw or b"\n\n" in raw for raw in probe.requests), probe.id


def test_a_graded_probe_has_a_clause_and_a_predicate():
    for probe in PROBES:
        assert probe.grade in GRADES
        if probe.grade == "free":
            assert probe.meets is None, probe.id
        else:
            assert probe.meets, probe.id
            assert probe.clause, probe.id
            assert probe.clause.title
            assert probe.clause.link.startswith("https://")


def test_an_ordinary_request_becomes_an_environ_that_wsgiref_accepts():
    requests = [
        request for probe in PROBES if probe.group in ORDINARY for request in probe.requests
    ]
    assert len(requests) > 80
    for request in requests:
        check_environ(parse_environ(request, StringIO()))


def reject_constant(constant):
    raise ValueError(constant)


def test_there_are_enough_json_cases_and_no_duplicates():
    assert len(CASES) >= 100
    assert len({case.id for case in CASES}) == len(CASES)
    assert len({case.text for case in CASES}) == len(CASES)
    assert min(Counter(case.expected for case in CASES).values()) >= 20


def is_json(case):
    try:
        json.loads(case.text.decode("utf-8"), parse_constant=reject_constant)
    except ValueError:
        return False
    return True


def test_exactly_the_texts_to_accept_are_json():
    for case in CASES:
        if case.expected != "free":
            assert is_json(case) == (case.expected == "accept"), case.id


def test_there_are_ten_notes_about_known_probes_and_frameworks():
    all_notes = notes.read_notes()
    known = {probe.id for probe in PROBES}
    titles = {
        framework.title for framework in discover_frameworks(Paths().apps).frameworks.values()
    }
    assert len(all_notes) >= 10
    assert {note.probe for note in all_notes} <= known
    assert len({note.probe for note in all_notes}) == len(all_notes)
    for note in all_notes:
        assert any(title in note.prose for title in titles)


def test_every_pattern_of_an_idiom_matches_a_probe():
    names = set(discover_frameworks(Paths().apps).frameworks)
    idioms = attribution.read_idioms()
    assert idioms
    for idiom in idioms:
        assert idiom.framework in names
        for pattern in idiom.probes:
            single = [attribution.Idiom(idiom.framework, (pattern,), idiom.reason)]
            assert any(attribution.find_reasons(probe.id, single) for probe in PROBES), pattern


def test_the_idioms_of_an_app_are_in_its_folder(tmp_path):
    file = tmp_path / "pan" / "idioms.toml"
    file.parent.mkdir()
    file.write_text('[[idioms]]\nprobes = ["json-*"]\nwhy = "Because."\n', encoding="utf-8")
    assert attribution.read_idioms(tmp_path) == [attribution.Idiom("pan", ("json-*",), "Because.")]
    file.write_text("[[idioms]]\nprobes = 3\n", encoding="utf-8")
    with pytest.raises(attribution.IdiomsError, match=r"^apps/pan/idioms.toml: "):
        attribution.read_idioms(tmp_path)
