"""Tests of the part "behaviour": groups of equal outcomes, equal runs, and reported changes."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bench.behaviour import diff, normalize, outcomes, raw_requests, result
from bench.behaviour.attribution import attribute_outcome
from bench.behaviour.channel import CHANNELS, IN_PROCESS, WAITRESS, WSGIREF, RequestResult
from bench.behaviour.evaluate import ProbeResult
from bench.behaviour.http_response import Reply
from bench.behaviour.json_cases import CASES
from bench.behaviour.json_suite import count_outcomes, meets_rfc8259
from bench.behaviour.limits import LIMITS, find_edge
from bench.behaviour.probe import Probe
from bench.behaviour.runner import Observations
from bench.cli import behaviour_tables
from bench.core.errors import UsageError
from bench.results import store
from bench.results.schema import BehaviourChange, Results

PROBES = [
    Probe(
        "type",
        "A type.",
        "errors",
        raw_requests.get("/hello"),
        outcomes.describe_fields("Content-Type"),
    ),
    Probe("page", "A page.", "paths", raw_requests.get("/hello"), outcomes.describe_body),
    Probe("token", "A token.", "errors", raw_requests.get("/token"), outcomes.describe_body),
    Probe("error", "An error.", "errors", raw_requests.get("/error"), outcomes.describe_status),
]
HTML = ('("Content-Type", "text/plain"), ("C', '("Content-Type", "text/html"), ("C')
IN_PROCESS_ONLY = (IN_PROCESS,)


@pytest.fixture(scope="module")
def observations():
    """Return observations of the small application, written by hand."""
    outcomes_by_probe = {
        "type": "200, Content-Type: text/plain",
        "page": "200 hello",
        "token": "200 [token]",
    }
    cells = {
        name: dict.fromkeys(CHANNELS, build_cell(outcome))
        for name, outcome in outcomes_by_probe.items()
    }
    raising = build_cell("raises RuntimeError", exception_name="RuntimeError")
    cells["error"] = {IN_PROCESS: raising, WAITRESS: build_cell("500"), WSGIREF: build_cell("500")}
    return Observations("probed", "Probed", cells)


def build_part(*observations, channels=CHANNELS):
    return result.build_part(observations, {}, PROBES, channels)


def groups(part, probe_id):
    probe = next(probe for probe in part.probes if probe.id == probe_id)
    return [group.frameworks for group in probe.outcomes]


def test_a_planted_difference_separates_equal_frameworks(probed, observe):
    frameworks = probed("one"), probed("two"), probed("other", HTML)
    observations = [observe(framework, PROBES, IN_PROCESS_ONLY) for framework in frameworks]
    part = build_part(*observations, channels=IN_PROCESS_ONLY)
    assert groups(part, "type") == [["one", "two"], ["other"]]
    assert groups(part, "page") == [["one", "two", "other"]]


def test_two_runs_are_equal_although_tokens_times_and_ports_differ(probed, observe):
    first, second = (build_part(observe(probed(name), PROBES, CHANNELS)) for name in ("a", "b"))
    text = store.format_json(first)
    assert store.format_json(second).replace('"b"', '"a"') == text
    assert "[token]" in text


def test_diff_reports_exactly_the_outcomes_that_changed(observations, tmp_path):
    before, changed = build_part(observations), build_part(observations)
    file = tmp_path / "old.json"
    file.write_text(store.format_json(Results(behaviour=before)))
    changed.probes[1].outcomes[0].outcome["waitress"] = "404"
    assert list(diff.find_changes(diff.read_part(file), before)) == []
    (only,) = diff.find_changes(diff.read_part(file), changed)
    assert only == BehaviourChange("probed", "page", "waitress", before="200 hello", after="404")


@pytest.mark.parametrize(
    "text",
    ["", "{}", '{"schema": 2}', '{"schema": 3}', '{"schema": 3, "behaviour": {"probes": []}}'],
)
def test_results_without_behaviour_are_refused(tmp_path, text):
    file = tmp_path / "old.json"
    file.write_text(text)
    with pytest.raises(UsageError, match=r"; create the file with: cookoff behaviour$"):
        diff.read_part(file)


@pytest.mark.parametrize(
    ("text", "normalized"),
    [
        ("Date: Wed, 25 Nov 2026 21:58:33 GMT", "Date: [date]"),
        ("127.0.0.1.2026-11-26.01-12-58.8d5e957f-2978", "127.0.0.1.[time].8d5e957f-2978"),
        ("<object at 0x7f3a5c0d2e80>", "<object at [address]>"),
        ("http://127.0.0.1:41873/hello", "http://127.0.0.1:[port]/hello"),
        ('\nETag: W/"1764107913.5-19642"', '\nETag: W/"[tag]"'),
        ("\nSet-Cookie: id=eyJ2aXNpdHMiOjF9.aSYz; Path=/", "\nSet-Cookie: id=[token]; Path=/"),
        ("\nSet-Cookie: taste=salt; Path=/", "\nSet-Cookie: taste=salt; Path=/"),
        ("key 8d5e957f297893487bd98fa830fa6413 ends", "key [token] ends"),
        ("a" * 40, "a" * 40),
    ],
)  # fmt: skip
def test_texts_that_differ_from_run_to_run_become_markers(text, normalized):
    assert normalize.normalize_text(text) == normalized


def test_a_length_becomes_a_marker_only_if_the_body_varies():
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n"
    assert "Content-Length: 40" in normalize.normalize_message(head + b"soup")
    assert "Content-Length: [length]" in normalize.normalize_message(head + b"0f" * 20)


def build_cell(outcome, meets=None, exception_name="", status=200):
    result = RequestResult(Reply(status), exception_name=exception_name)
    return ProbeResult(outcome, meets, (b"",), (result,))


@pytest.mark.parametrize(
    ("inside", "outside", "verdict"),
    [
        (build_cell("200"), build_cell("200"), "framework"),
        (build_cell("a line break", False), build_cell("500", True), "masked"),
        (build_cell("cut short", True), build_cell("looks whole", False), "caused"),
        (
            build_cell("raises KeyError", False, "KeyError"),
            build_cell("500", False, status=500),
            "500",
        ),
        (build_cell("200 a"), build_cell("200 b"), "changed"),
        (ProbeResult("not applicable: reason"), build_cell("400", True), "server"),
        (build_cell("200"), ProbeResult("not applicable: reason"), ""),
    ],
)
def test_an_outcome_is_attributed_to_the_framework_or_the_server(inside, outside, verdict):
    assert attribute_outcome(inside, outside) == verdict


def test_the_grid_marks_outcomes_that_equal_those_of_the_first_channel(observations):
    part = build_part(observations)
    rows = {row["probe"]: row for row in behaviour_tables.build_rows(part)}
    assert rows["page"]["in-process"] == "200 hello"
    assert rows["page"]["waitress"] == rows["page"]["wsgiref"] == "="
    assert rows["error"]["waitress"] == "500"


def test_a_json_outcome_is_judged_by_the_expected_outcome_of_its_case():
    kinds = ("accept", "reject", "free")
    accept, reject, free = (next(case for case in CASES if case.expected == kind) for kind in kinds)
    assert meets_rfc8259(accept, "accepted")
    assert not meets_rfc8259(accept, "accepted as another value")
    assert meets_rfc8259(reject, "refused, 400")
    assert not meets_rfc8259(reject, "fails, 500")
    assert meets_rfc8259(free, "hangs") is None
    assert count_outcomes({accept.id: "accepted", reject.id: "refused, 400"}) == {
        "accept": {"accepted": 1},
        "reject": {"refused": 1},
        "free": {},
    }


def get_limit(name, **changes):
    return replace(next(limit for limit in LIMITS if limit.id == name), **changes)


def test_a_limit_is_exact_and_has_the_refusal_of_a_larger_size(probed):
    edge = find_edge(get_limit("json-bytes"), probed().get_channel(IN_PROCESS))
    assert (edge.max_accepted, edge.reached_ceiling, edge.refusal) == (1000, False, "413 Too Much")


def test_without_a_limit_the_search_ends_at_the_ceiling(probed):
    edge = find_edge(get_limit("header-bytes", ceiling=5000), probed().get_channel(IN_PROCESS))
    assert (edge.max_accepted, edge.reached_ceiling, edge.refusal) == (5000, True, "")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("behaviour --probe head-is-anserd", "did you mean head-is-answered"),
        ("behaviour --show soup flask", "no probe is called 'soup'"),
        ("behaviour --diff /no/such/file.json", "does not exist"),
        ("behaviour --show head-is-answered nobody", "no framework is called 'nobody'"),
        ("behaviour --show head-is-answered", "--show"),
        ("behaviour --group soup", "'soup' is not known"),
        ("behaviour --channel soup", "use one of: in-process, waitress, wsgiref"),
    ],
)
def test_wrong_usage_gets_one_line_with_a_hint(line, message):
    command = [Path(sys.executable).with_name("cookoff"), *line.split()]
    process = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert process.returncode == 2
    assert message in process.stderr
    assert process.stderr.count("\n") == 1
