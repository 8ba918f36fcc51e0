"""Every probe says what it asks, and where a standard has a say, which one."""

import json
import re
from collections import Counter
from io import StringIO
from wsgiref.validate import check_environ

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


def test_a_probe_is_one_plain_sentence_and_whole_requests():
    for probe in PROBES:
        assert re.fullmatch(r"[A-Z0-9][^\n]{5,100}[.?]", probe.sentence), probe.id
        assert all(b"\r\n\r\n" in one or b"\n\n" in one for one in probe.requests), probe.id


def test_who_judges_names_the_clause_and_says_what_meets_it():
    for probe in PROBES:
        assert probe.grade in GRADES
        if probe.grade == "free":
            assert probe.meets is None, probe.id
        else:
            assert probe.meets, probe.id
            assert probe.clause, probe.id
            assert probe.clause.title
            assert probe.clause.link.startswith("https://")


def test_an_ordinary_request_becomes_an_environ_that_wsgiref_takes():
    asked = [request for probe in PROBES if probe.group in ORDINARY for request in probe.requests]
    assert len(asked) > 80
    for request in asked:
        check_environ(parse_environ(request, StringIO()))


def not_json(constant):
    raise ValueError(constant)


def test_json_cases_are_many_and_each_is_there_once():
    assert len(CASES) >= 100
    assert len({case.id for case in CASES}) == len(CASES)
    assert len({case.text for case in CASES}) == len(CASES)
    assert min(Counter(case.triage for case in CASES).values()) >= 20


def is_json(case):
    try:
        json.loads(case.text.decode("utf-8"), parse_constant=not_json)
    except ValueError:
        return False
    return True


def test_what_must_be_accepted_is_json_and_what_should_be_refused_is_none():
    for case in CASES:
        if case.triage != "free":
            assert is_json(case) == (case.triage == "accept"), case.id


def test_notes_are_ten_or_more_and_about_probes_and_frameworks_that_are_there():
    told = notes.read_notes()
    known = {probe.id for probe in PROBES}
    titles = {one.title for one in discover_frameworks(Paths().apps).frameworks.values()}
    assert len(told) >= 10
    assert {note.probe for note in told} <= known
    assert len({note.probe for note in told}) == len(told)
    for note in told:
        assert any(title in note.prose for title in titles)


def test_an_idiom_explains_a_probe_of_a_framework_that_is_there():
    names = set(discover_frameworks(Paths().apps).frameworks)
    for idiom in attribution.read_idioms():
        assert idiom.framework in names
        for pattern in idiom.probes:
            one = [attribution.Idiom(idiom.framework, (pattern,), idiom.reason)]
            assert any(attribution.find_reasons(probe.id, one) for probe in PROBES), pattern
