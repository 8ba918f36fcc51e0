"""A host that stops answers all accepted requests, and accepts no new connection."""

import http.client
import socket
import time

import pytest
from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser

from bench.agent.draining_server import DrainingParser
from tests.bench.sockets import read_to_end

REQUEST = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


@pytest.fixture
def connect(listener):
    """Return a function that opens a connection, which the host has accepted on return."""
    connections = []

    def connect():
        connections.append(socket.create_connection(listener.getsockname(), timeout=10))
        time.sleep(0.1)
        return connections[-1]

    yield connect
    for connection in connections:
        connection.close()


@pytest.fixture
def host(start_host, add_app):
    return start_host(add_app("tiny"))


def test_a_request_that_arrives_after_the_stop_on_an_accepted_connection_is_answered(host, connect):
    connection = connect()
    host.stop_accepting()
    time.sleep(0.3)
    connection.sendall(REQUEST)
    reply = read_to_end(connection)
    assert reply.startswith(b"HTTP/1.1 200 OK")
    assert b"Connection: close" in reply
    assert reply.endswith(b"\r\n\r\ntiny")
    assert host.stop(5) == 0


def test_a_request_in_progress_is_completed(host, connect):
    connection = connect()
    connection.sendall(b"GET /?sleep=1.5 HTTP/1.1\r\nHost: here\r\n\r\n")
    time.sleep(0.1)
    host.stop_accepting()
    assert read_to_end(connection).endswith(b"\r\n\r\ntiny")
    assert host.stop(5) == 0


def test_a_streamed_reply_is_sent_completely(host, connect):
    connection = connect()
    connection.sendall(b"GET /?pieces=20 HTTP/1.1\r\nHost: here\r\n\r\n")
    time.sleep(0.1)
    host.stop_accepting()
    reply = read_to_end(connection)
    assert reply.count(b"tiny") == 20
    assert reply.endswith(b"\r\n0\r\n\r\n")
    assert host.stop(5) == 0


def test_an_upload_in_progress_is_received_completely(host, connect):
    connection = connect()
    connection.sendall(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 6\r\n\r\nabc")
    time.sleep(0.1)
    host.stop_accepting()
    time.sleep(2)
    connection.sendall(b"def")
    assert b"X-Read: 6" in read_to_end(connection)
    assert host.stop(5) == 0


def test_all_pipelined_requests_are_answered(host, connect):
    connection = connect()
    connection.sendall(b"GET /?sleep=0.5 HTTP/1.1\r\nHost: here\r\n\r\n" + REQUEST + REQUEST)
    time.sleep(0.1)
    host.stop_accepting()
    reply = read_to_end(connection)
    assert reply.count(b"HTTP/1.1 200 OK") == 3
    assert reply.count(b"Connection: close") == 1
    assert host.stop(5) == 0


def test_an_http_1_0_client_gets_connection_close(host, connect):
    connection = connect()
    connection.sendall(b"GET /?sleep=0.5 HTTP/1.0\r\nHost: here\r\nConnection: keep-alive\r\n\r\n")
    time.sleep(0.1)
    host.stop_accepting()
    reply = read_to_end(connection)
    assert b"Connection: close" in reply
    assert b"Keep-Alive" not in reply


def test_the_next_reply_closes_a_persistent_connection(host, listener):
    connection = http.client.HTTPConnection("127.0.0.1", listener.getsockname()[1])
    connection.request("GET", "/")
    reply = connection.getresponse()
    assert (reply.read(), reply.getheader("Connection")) == (b"tiny", None)
    host.stop_accepting()
    connection.request("GET", "/")
    reply = connection.getresponse()
    assert (reply.read(), reply.getheader("Connection")) == (b"tiny", "close")
    assert host.stop(5) == 0
    connection.close()


def test_an_idle_connection_is_closed_at_once(host, connect):
    connection = connect()
    time.sleep(1.2)
    host.stop_accepting()
    stopped = time.monotonic()
    assert read_to_end(connection) == b""
    assert time.monotonic() - stopped < 0.5
    assert host.stop(5) == 0


def test_new_connections_go_to_the_other_host_after_one_has_stopped(
    start_host, add_app, connect, listener
):
    first = start_host(add_app("first"))
    connect().sendall(b"GET /?sleep=10 HTTP/1.1\r\nHost: here\r\n\r\n")  # keeps it busy
    time.sleep(0.1)
    start_host(add_app("second"))
    first.stop_accepting()
    for _ in range(50):
        with socket.create_connection(listener.getsockname(), timeout=10) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert read_to_end(connection).endswith(b"second")
    assert first.is_running


def test_a_host_that_cannot_finish_in_time_is_killed(host, connect):
    connection = connect()
    connection.sendall(b"GET /?sleep=30 HTTP/1.1\r\nHost: here\r\n\r\n")
    time.sleep(0.1)
    started = time.monotonic()
    assert host.stop(1) == -9
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (b"A: \t x \t", "x"),
        (b"A:\r\n  x", "x"),
        (b"A: \r\n\t\r\n x", "x"),
        (b"A: b:   c", "b:   c"),
        (b"A: x\r\n  y", "x  y"),
        (b"A:", ""),
    ],
)
def test_blanks_before_the_value_of_a_field_mean_nothing(field, value):
    raw = b"GET /a:%20 HTTP/1.1\r\nHost: here\r\n" + field + b"\r\nB: c\r\n\r\n"
    parsers = [HTTPRequestParser(Adjustments()), DrainingParser(Adjustments())]
    for parser in parsers:
        assert parser.received(raw) == len(raw)
    assert [parser.headers for parser in parsers] == [{"HOST": "here", "A": value, "B": "c"}] * 2
    assert {parser.path for parser in parsers} == {"/a: "}


def test_the_server_parses_heads_without_blanks_before_values(monkeypatch):
    heads = []
    monkeypatch.setattr(HTTPRequestParser, "parse_header", lambda _, head: heads.append(head))
    DrainingParser(Adjustments()).parse_header(b"GET / HTTP/1.1\r\nA: \t\r\n x: y\r\nB:c")
    assert heads == [b"GET / HTTP/1.1\r\nA:x: y\r\nB:c"]
