"""A host answers Expect: 100-continue before a body, and never waits for a body that is absent."""

import socket

import pytest

from tests.bench.sockets import read_to_end

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
EXPECT = b"Expect: 100-continue\r\n"
LENGTH = b"Content-Length: 6\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
CHUNKS = b"3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"
LAST = b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"


def head(*fields, line=b"POST / HTTP/1.1", host=b"Host: here\r\n"):
    return b"%s\r\n%s%s\r\n" % (line, host, b"".join(fields))


@pytest.fixture
def connection(start_host, add_app, listener):
    """A connection to a host that reports in X-Read how many bytes of the body it read."""
    start_host(add_app("tiny"))
    with socket.create_connection(listener.getsockname(), timeout=5) as connection:
        yield connection


def read_until(connection, end):
    """Read until `end` has arrived; time out if the host never sends `end`."""
    received = b""
    while end not in received:
        piece = connection.recv(65536)
        assert piece, f"closed after {received!r}"
        received += piece
    return received


def replies_to(connection, request):
    """Send a request and a last one; return the status and X-Read of each reply, in order."""
    connection.sendall(request + LAST)
    return summary(read_to_end(connection))


def summary(received):
    """Return the status of each reply, with the number of bytes that the application read."""
    replies = []
    for line in received.split(b"\r\n"):
        if b"HTTP/1." in line:
            replies.append(line.partition(b"HTTP/1.")[2].split()[1].decode())
        elif line.startswith(b"X-Read: "):
            replies[-1] += f" read {int(line[8:])}"
    return replies


@pytest.mark.parametrize(
    "request_bytes",
    [
        pytest.param(head(EXPECT, line=b"GET / HTTP/1.1"), id="GET"),
        pytest.param(head(EXPECT), id="POST without a length"),
        pytest.param(head(EXPECT, b"Content-Length: 0\r\n"), id="a length of 0"),
        pytest.param(head(b"expect: 100-Continue\r\n"), id="another case"),
        pytest.param(head(EXPECT, EXPECT), id="twice"),
    ],
)
def test_a_request_without_a_body_is_answered_at_once(connection, request_bytes):
    connection.sendall(request_bytes)
    assert summary(read_until(connection, b"\r\n\r\ntiny")) == ["200 read 0"]
    assert replies_to(connection, b"") == ["200 read 0"]


@pytest.mark.parametrize(
    ("fields", "body"), [(LENGTH, b"abcdef"), (CHUNKED, CHUNKS)], ids=["length", "chunked"]
)
def test_a_client_may_wait_for_100_before_it_sends_the_body(connection, fields, body):
    connection.sendall(head(EXPECT, fields))
    assert read_until(connection, b"\r\n\r\n") == CONTINUE
    assert replies_to(connection, body) == ["200 read 6", "200 read 0"]


@pytest.mark.parametrize(
    ("fields", "body"), [(LENGTH, b"abcdef"), (CHUNKED, CHUNKS)], ids=["length", "chunked"]
)
def test_a_body_sent_without_waiting_is_read(connection, fields, body):
    """The host may send 100 or not: RFC 9110, 10.1.1."""
    replies = replies_to(connection, head(EXPECT, fields) + body)
    assert [reply for reply in replies if reply != "100"] == ["200 read 6", "200 read 0"]
    assert replies[0] in ("100", "200 read 6")


def test_http_1_0_has_no_expectations(connection):
    connection.sendall(head(EXPECT, LENGTH, line=b"POST / HTTP/1.0") + b"abcdef")
    assert summary(read_to_end(connection)) == ["200 read 6"]


@pytest.mark.parametrize("value", [b"200-ok", b"100", b"", b"100-continue;x=1", b"nothing, else"])
def test_an_unknown_expectation_is_ignored(connection, value):
    expectation = b"Expect: %s\r\n" % value
    assert replies_to(connection, head(expectation)) == ["200 read 0", "200 read 0"]


def test_pipelined_requests_keep_their_order(connection):
    bodyless, whole = head(EXPECT), head(EXPECT, LENGTH) + b"abcdef"
    replies = replies_to(connection, bodyless + whole + bodyless + head(LENGTH) + b"abcdef")
    assert [reply for reply in replies if reply != "100"] == [
        "200 read 0", "200 read 6", "200 read 0", "200 read 6", "200 read 0",
    ]  # fmt: skip


def test_100_is_sent_for_a_pipelined_request_that_waits(connection):
    connection.sendall(head(line=b"GET /?sleep=0.3 HTTP/1.1") + head(EXPECT, LENGTH))
    received = read_until(connection, CONTINUE)
    assert summary(received) == ["200 read 0", "100"]
    assert replies_to(connection, b"abcdef") == ["200 read 6", "200 read 0"]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        (b"Content-Length: six\r\n", "400"),
        (b"Content-Length: 99999999999\r\n", "413"),
        (b"Transfer-Encoding: gzip\r\n", "501"),
    ],
)
def test_a_rejected_request_gets_no_100(connection, fields, status):
    connection.sendall(head(EXPECT, fields))
    assert summary(read_to_end(connection)) == [status]
