"""Who agrees with whom is found, is the same in two runs, and every change is named."""

import json
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
def found_here():
    """What the small application's cells look like, without asking it."""
    words = {"type": "200, Content-Type: text/plain", "page": "200 hello", "token": "200 [token]"}
    cells = {name: dict.fromkeys(CHANNELS, cell(said)) for name, said in words.items()}
    raised = cell("raises RuntimeError", raised="RuntimeError")
    cells["error"] = {IN_PROCESS: raised, WAITRESS: cell("500"), WSGIREF: cell("500")}
    return Observations("probed", "Probed", cells)


def part_of(*found, channels=CHANNELS):
    return result.build_part(found, {}, PROBES, channels)


def groups(part, probe_id):
    probe = next(probe for probe in part["probes"] if probe["id"] == probe_id)
    return [group["frameworks"] for group in probe["outcomes"]]


def test_a_planted_difference_parts_those_who_agree(probed, found_by):
    frameworks = probed("one"), probed("two"), probed("other", HTML)
    found = [found_by(one, PROBES, IN_PROCESS_ONLY) for one in frameworks]
    part = part_of(*found, channels=IN_PROCESS_ONLY)
    assert groups(part, "type") == [["one", "two"], ["other"]]
    assert groups(part, "page") == [["one", "two", "other"]]


def test_two_runs_are_equal_although_tokens_times_and_ports_differ(probed, found_by):
    first, second = (part_of(found_by(probed(n), PROBES, CHANNELS)) for n in ("a", "b"))
    renamed = json.dumps(second).replace('"b"', '"a"')
    assert json.loads(renamed) == first
    assert "[token]" in json.dumps(first)


def test_diff_names_every_outcome_that_changed_and_no_other(found_here, tmp_path):
    before = part_of(found_here)
    file = tmp_path / "old.json"
    file.write_text(json.dumps({"behaviour": before}))
    changed = json.loads(json.dumps(before))
    changed["probes"][1]["outcomes"][0]["outcome"]["waitress"] = "404"
    assert list(diff.find_changes(diff.read_part(file), before)) == []
    (only,) = diff.find_changes(diff.read_part(file), changed)
    assert vars(only) == {
        "framework": "probed",
        "probe": "page",
        "channel": "waitress",
        "before": "200 hello",
        "now": "404",
    }


@pytest.mark.parametrize("text", ["", "{}", '{"behaviour": 1}', '{"behaviour": {"probes": []}}'])
def test_results_without_an_atlas_are_refused_in_one_line(tmp_path, text):
    file = tmp_path / "old.json"
    file.write_text(text)
    with pytest.raises(UsageError, match="holds no results of cookoff behaviour"):
        diff.read_part(file)


@pytest.mark.parametrize(
    ("text", "same"),
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
def test_what_differs_from_run_to_run_becomes_a_marker(text, same):
    assert normalize.normalize_text(text) == same


def test_a_length_is_a_marker_only_where_the_body_varies():
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n"
    assert "Content-Length: 40" in normalize.normalize_message(head + b"soup")
    assert "Content-Length: [length]" in normalize.normalize_message(head + b"0f" * 20)


def cell(outcome, met=None, raised="", status=200):
    return ProbeResult(outcome, met, (b"",), (RequestResult(Reply(status), exception_name=raised),))


@pytest.mark.parametrize(
    ("inside", "outside", "who"),
    [
        (cell("200"), cell("200"), "framework"),
        (cell("a line break", False), cell("500", True), "masked"),
        (cell("cut short", True), cell("looks whole", False), "caused"),
        (cell("raises KeyError", False, "KeyError"), cell("500", False, status=500), "500"),
        (cell("200 a"), cell("200 b"), "changed"),
        (ProbeResult("not applicable: so"), cell("400", True), "server"),
        (cell("200"), ProbeResult("not applicable: so"), ""),
    ],
)
def test_framework_and_server_are_told_apart(inside, outside, who):
    assert attribute_outcome(inside, outside) == who


def test_the_grid_says_what_is_as_in_the_process_only_by_a_sign(found_here):
    part = part_of(found_here)
    rows = {row["probe"]: row for row in behaviour_tables.build_rows(part)}
    assert rows["page"]["in-process"] == "200 hello"
    assert rows["page"]["waitress"] == rows["page"]["wsgiref"] == "="
    assert rows["error"]["waitress"] == "500"


def test_json_is_judged_by_its_kind():
    kinds = ("accept", "reject", "free")
    accept, reject, free = (next(one for one in CASES if one.triage == kind) for kind in kinds)
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


def limit(name, **more):
    return replace(next(one for one in LIMITS if one.id == name), **more)


def test_a_limit_is_found_to_the_byte_with_what_refuses_more(probed):
    found = find_edge(limit("json-bytes"), probed().get_channel(IN_PROCESS))
    assert (found.accepted, found.ceiling, found.refusal) == (1000, False, "413 Too Much")


def test_a_limit_that_is_not_there_ends_at_the_ceiling(probed):
    found = find_edge(limit("header-bytes", ceiling=5000), probed().get_channel(IN_PROCESS))
    assert (found.accepted, found.ceiling, found.refusal) == (5000, True, "")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("behaviour --probe head-is-anserd", "did you mean head-is-answered"),
        ("behaviour --show soup flask", "no probe is called 'soup'"),
        ("behaviour --diff /no/such/file.json", "does not exist"),
        ("behaviour --show head-is-answered nobody", "no framework is called 'nobody'"),
        ("behaviour --show head-is-answered", "--show"),
        ("behaviour --group soup", "'soup' is not known"),
        ("behaviour --channel soup", "it is one of: in-process, waitress, wsgiref"),
    ],
)
def test_wrong_use_is_one_line_that_helps(line, says):
    command = [Path(sys.executable).with_name("cookoff"), *line.split()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
