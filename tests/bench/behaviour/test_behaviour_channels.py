"""Tests of the channels: every end of a probe is an outcome, and the next probe works."""

from dataclasses import replace

import pytest

from bench.behaviour import channel, http_lint, outcomes, predicates, raw_requests
from bench.behaviour.channel import (
    CHANNELS,
    CRASHES,
    IN_PROCESS,
    WAITRESS,
    WILL_NOT_RESTART,
    WSGIREF,
)
from bench.behaviour.evaluate import NOT_PROVIDED, SERVERS_ONLY, fill_placeholders
from bench.behaviour.http_response import Reply, parse_reply
from bench.behaviour.probe import Probe
from bench.behaviour.runner import NotWrittenError
from bench.behaviour.standards import rfc
from bench.cli import behaviour_output
from bench.runtime.process import ProcessStartError


def build_probe(target, describe=outcomes.describe_body, **fields):
    return Probe("one", "A page.", "paths", raw_requests.get(target), describe, **fields)


def build_judged_probe(target):
    clause = rfc(9110, "9")
    return build_probe(target, grade="must", clause=clause, meets=predicates.has_status(200))


HELLO = build_probe("/hello")
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize("kind", CHANNELS)
def test_a_probe_that_ends_the_host_is_an_outcome_and_the_run_continues(probed, kind):
    framework = probed()
    for target, outcome in (("/hang", "hangs"), ("/crash", "crashes the host")):
        cell = framework.run_probe(build_judged_probe(target), kind)
        assert (cell.outcome, cell.meets) == (outcome, False)
        assert framework.run_probe(HELLO, kind).outcome == "200 hello"


@pytest.mark.parametrize("kind", CHANNELS)
def test_a_host_that_ends_between_two_probes_is_reported(probed, kind, kill_host):
    framework = probed()
    assert framework.run_probe(HELLO, kind).outcome == "200 hello"
    kill_host(framework.get_channel(kind))
    assert framework.run_probe(replace(HELLO, id="two"), kind).outcome == "200 hello"
    assert framework.run_probe(replace(HELLO, id="three"), kind).outcome == "200 hello"
    assert framework.crashes == [f"{kind}: the host ended by itself before two"]


@pytest.mark.parametrize("kind", CHANNELS)
def test_a_crash_that_an_earlier_probe_caused_is_no_outcome_of_the_next(probed, kind):
    framework = probed()
    assert framework.run_probe(build_probe("/doom"), kind).outcome == "200 hello"
    assert framework.run_probe(HELLO, kind).outcome == "200 hello"
    assert framework.crashes == [f"{kind}: the host ended by itself before one"]


@pytest.mark.parametrize("kind", CHANNELS)
def test_a_host_that_does_not_restart_is_an_outcome(probed, kind, tmp_path):
    framework = probed()
    assert framework.run_probe(HELLO, kind).outcome == "200 hello"
    (tmp_path / "probed" / "defaults.py").write_text("raise RuntimeError('no longer')")
    judged = build_judged_probe("/crash")
    for outcome in (CRASHES, WILL_NOT_RESTART, WILL_NOT_RESTART):
        cell = framework.run_probe(judged, kind)
        assert (cell.outcome, cell.meets) == (outcome, False)
        assert cell.requests
    assert framework.crashes == []


def test_an_application_that_never_starts_raises_an_error(probed):
    framework = probed(replaced=("import json", "import nothing_of_that_name"))
    with pytest.raises(ProcessStartError, match="nothing_of_that_name"):
        framework.run_probe(HELLO, WAITRESS)


@pytest.mark.parametrize("kind", CHANNELS)
def test_a_host_that_uses_cpu_time_does_not_hang(probed, kind):
    result = probed(timeout_seconds=0.3).run_probe(build_probe("/slow"), kind)
    assert result.outcome == "200 hello"


def test_a_late_reply_to_the_warm_up_is_not_the_reply_to_the_next_request(probed, monkeypatch):
    monkeypatch.setattr(channel, "WARM_UP_TIMEOUT_SECONDS", 0.1)
    first = 'path = environ["PATH_INFO"]'
    late = """
    if not hasattr(app, "has_started"):
        app.has_started = work_for_seconds(1.0)
        path = "/late"
"""
    framework = probed(replaced=(first, first + late), timeout_seconds=5)
    assert framework.run_probe(HELLO, IN_PROCESS).outcome == "200 hello"


def test_an_exception_differs_from_the_500_that_servers_make_of_it(probed):
    framework, error = probed(), build_probe("/error", outcomes.describe_status)
    by_channel = {kind: framework.run_probe(error, kind).outcome for kind in CHANNELS}
    assert by_channel == {IN_PROCESS: "raises RuntimeError", WAITRESS: "500", WSGIREF: "500"}


def test_violations_of_wsgi_are_reported_beside_the_reply(probed):
    cell = probed().run_probe(build_probe("/twice"), IN_PROCESS)
    assert cell.outcome == "200 hello"
    assert cell.violations == ("Bad header name", "No Content-Type header found in headers")


def test_a_probe_that_does_not_apply_is_reported_and_not_sent(probed):
    framework = probed()
    for probe, kind, outcome in (
        (build_probe("/crash", servers_only=True), IN_PROCESS, SERVERS_ONLY),
        (build_probe("/crash", needs="/session"), WAITRESS, NOT_PROVIDED),
    ):
        cell = framework.run_probe(probe, kind)
        assert (cell.outcome, cell.requests, cell.applies) == (outcome, (), False)


def test_a_later_request_has_the_values_of_earlier_replies():
    replies = [Reply(200, (("Set-Cookie", "id=4711; Path=/"), ("ETag", '"a"')))]
    request = b"Cookie: {cookie-pair}, {cookie-name}, {etag}, {last-modified}, {}"
    assert fill_placeholders(request, replies) == b'Cookie: id=4711, id, "a", , {}'


@pytest.mark.parametrize(
    ("raw", "status", "body", "complete"),
    [
        pytest.param(OK + b"Content-Length: 3\r\n\r\nabc", 200, b"abc", True, id="ok"),
        pytest.param(OK + b"Content-Length: 9\r\n\r\nabc", 200, b"abc", False, id="cut"),
        pytest.param(
            OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
            200, b"abc", True, id="chunks",
        ),
        pytest.param(
            OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
            200, b"abc", False, id="chunks-cut",
        ),
        pytest.param(b"HTTP/1.0 204 No\r\n\r\nabc", 204, b"abc", True, id="body-after-204"),
        pytest.param(b"HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 404 No\r\n\r\n", 404, b"", True, id="100"),
        pytest.param(b"", 0, b"", False, id="nothing"),
        pytest.param(b"soup", 0, b"soup", False, id="nonsense"),
    ],
)  # fmt: skip
def test_a_reply_is_parsed_by_its_framing(raw, status, body, complete):
    reply = parse_reply(raw)
    assert (reply.status, reply.body, reply.complete) == (status, body, complete)


def test_an_injected_field_is_a_header_field():
    reply = parse_reply(b"HTTP/1.1 200 OK\r\nX-Echo: a\r\nInjected: yes\r\n\r\n")
    assert reply.get("injected") == "yes"


def test_httplint_checks_a_reply():
    wrong = Reply(200, (("Content-Type", "text/plain"), ("Content-Length", "9")), b"soup")
    assert ("bad", "CL_INCORRECT") in {
        (note.level, note.name) for note in http_lint.lint_reply(wrong)
    }
    assert http_lint.lint_reply(Reply(0)) == []


def test_a_transcript_has_the_raw_exchange_and_the_violations(probed):
    cell = probed().run_probe(build_probe("/twice"), IN_PROCESS)
    lines = list(
        behaviour_output.format_exchange(build_probe("/twice"), "probed", IN_PROCESS, cell)
    )
    assert "> GET /twice HTTP/1.1" in lines
    assert "< hello" in lines
    assert "! PEP 3333: Bad header name" in lines


def test_an_application_that_is_not_written_yet_is_refused_by_name(probed):
    probed("written").check_is_written()
    hello = 'if path == "/hello":\n        start_response("'
    stub = probed("stub", (f"{hello}200 OK", f"{hello}501 Not Implemented"))
    with pytest.raises(NotWrittenError, match=r"501; write apps/stub/defaults\.py first"):
        stub.check_is_written()
