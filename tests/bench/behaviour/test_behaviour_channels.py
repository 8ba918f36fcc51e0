"""However a probe ends, that is its outcome, and the next probe is answered."""

from dataclasses import replace

import pytest

from bench.behaviour import channel, http_lint, predicates, raw_requests, transcript
from bench.behaviour import outcomes as tell
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
from bench.behaviour.standards import rfc
from bench.runtime.process import ProcessStartError


def probe_of(target, told=tell.describe_body, **more):
    return Probe("one", "A page.", "paths", raw_requests.get(target), told, **more)


HELLO = probe_of("/hello")
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize("kind", CHANNELS)
def test_a_probe_that_ends_the_host_is_an_outcome_and_the_run_goes_on(probed, kind):
    framework = probed()
    for target, outcome in (("/hang", "hangs"), ("/crash", "crashes the host")):
        judged = probe_of(
            target, grade="must", clause=rfc(9110, "9"), meets=predicates.has_status(200)
        )
        cell = framework.run_probe(judged, kind)
        assert (cell.outcome, cell.meets) == (outcome, False)
        assert framework.run_probe(HELLO, kind).outcome == "200 hello"


@pytest.mark.parametrize("kind", CHANNELS)
def test_a_host_that_ends_between_two_probes_is_named_and_the_run_goes_on(probed, kind, end_host):
    framework = probed()
    assert framework.run_probe(HELLO, kind).outcome == "200 hello"
    end_host(framework.get_channel(kind))
    assert framework.run_probe(replace(HELLO, id="two"), kind).outcome == "200 hello"
    assert framework.run_probe(replace(HELLO, id="three"), kind).outcome == "200 hello"
    assert framework.crashes == [f"{kind}: the host had ended by itself before two"]


@pytest.mark.parametrize("kind", CHANNELS)
def test_what_an_earlier_probe_left_behind_is_not_held_against_the_next(probed, kind):
    framework = probed()
    assert framework.run_probe(probe_of("/doom"), kind).outcome == "200 hello"
    assert framework.run_probe(HELLO, kind).outcome == "200 hello"
    assert framework.crashes == [f"{kind}: the host had ended by itself before one"]


@pytest.mark.parametrize("kind", CHANNELS)
def test_a_host_that_does_not_start_again_is_an_outcome_and_no_gap(probed, kind, tmp_path):
    framework = probed()
    assert framework.run_probe(HELLO, kind).outcome == "200 hello"
    (tmp_path / "probed" / "defaults.py").write_text("raise RuntimeError('no longer')")
    judged = probe_of(
        "/crash", grade="must", clause=rfc(9110, "9"), meets=predicates.has_status(200)
    )
    for outcome in (CRASHES, WILL_NOT_RESTART, WILL_NOT_RESTART):
        cell = framework.run_probe(judged, kind)
        assert (cell.outcome, cell.meets) == (outcome, False)
        assert cell.requests
    assert framework.crashes == []


def test_an_application_that_never_starts_is_no_outcome(probed):
    framework = probed(replaced=("import json", "import nothing_of_that_name"))
    with pytest.raises(ProcessStartError, match="nothing_of_that_name"):
        framework.run_probe(HELLO, WAITRESS)


@pytest.mark.parametrize("kind", CHANNELS)
def test_a_host_that_is_at_work_does_not_hang(probed, kind):
    assert probed(limit_seconds=0.3).run_probe(probe_of("/slow"), kind).outcome == "200 hello"


def test_a_late_reply_to_the_first_request_is_not_the_next_ones(probed, monkeypatch):
    monkeypatch.setattr(channel, "WARM_UP_TIMEOUT_SECONDS", 0.1)
    first = 'path = environ["PATH_INFO"]'
    late = """
    if not hasattr(app, "began"):
        app.began = work_for_seconds(1.0)
        path = "/late"
"""
    framework = probed(replaced=(first, first + late), limit_seconds=5)
    assert framework.run_probe(HELLO, IN_PROCESS).outcome == "200 hello"


def test_an_exception_is_told_apart_from_the_500_that_servers_make_of_it(probed):
    framework, error = probed(), probe_of("/error", tell.describe_status)
    outcomes = {kind: framework.run_probe(error, kind).outcome for kind in CHANNELS}
    assert outcomes == {IN_PROCESS: "raises RuntimeError", WAITRESS: "500", WSGIREF: "500"}


def test_broken_rules_of_wsgi_are_noted_and_the_reply_is_kept(probed):
    cell = probed().run_probe(probe_of("/twice"), IN_PROCESS)
    assert cell.outcome == "200 hello"
    assert cell.violations == ("Bad header name", "No Content-Type header found in headers")


def test_what_does_not_apply_is_said_and_not_asked(probed):
    framework = probed()
    for probe, kind, why in (
        (probe_of("/crash", servers_only=True), IN_PROCESS, SERVERS_ONLY),
        (probe_of("/crash", needs="/session"), WAITRESS, NOT_PROVIDED),
    ):
        cell = framework.run_probe(probe, kind)
        assert (cell.outcome, cell.requests, cell.applies) == (why, (), False)


def test_a_later_request_carries_what_an_earlier_reply_set():
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
def test_a_reply_is_read_as_its_framing_says(raw, status, body, complete):
    reply = parse_reply(raw)
    assert (reply.status, reply.body, reply.complete) == (status, body, complete)


def test_an_injected_field_is_seen():
    reply = parse_reply(b"HTTP/1.1 200 OK\r\nX-Echo: a\r\nInjected: yes\r\n\r\n")
    assert reply.get("injected") == "yes"


def test_httplint_reads_a_reply():
    wrong = Reply(200, (("Content-Type", "text/plain"), ("Content-Length", "9")), b"soup")
    assert ("bad", "CL_INCORRECT") in {
        (note.level, note.name) for note in http_lint.lint_reply(wrong)
    }
    assert http_lint.lint_reply(Reply(0)) == []


def test_the_raw_exchange_is_shown_with_what_was_wrong(probed):
    cell = probed().run_probe(probe_of("/twice"), IN_PROCESS)
    lines = list(transcript.format_exchange(probe_of("/twice"), "probed", IN_PROCESS, cell))
    assert "> GET /twice HTTP/1.1" in lines
    assert "< hello" in lines
    assert "! PEP 3333: Bad header name" in lines
