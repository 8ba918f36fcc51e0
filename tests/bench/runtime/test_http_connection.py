"""The connection that sends any bytes: replies are read exactly as the host sends them."""

import socket
import threading
from contextlib import closing, contextmanager

import pytest

from bench.runtime.host import listen
from bench.runtime.http_connection import Connection, ReplyError

pytestmark = pytest.mark.unit


@contextmanager
def connected(*pieces):
    """Yield a connection to a host that sends the pieces, one after the other, and closes."""

    def send_pieces():
        peer, _ = listener.accept()
        with peer:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for piece in pieces:
                peer.sendall(piece)

    with listen() as listener:
        host = threading.Thread(target=send_pieces)
        host.start()
        with closing(Connection(listener.getsockname(), 10)) as connection:
            yield connection
        host.join()


def read_body(connection, method="GET"):
    return b"".join(connection.iterate_body(connection.read_head(), method))


def test_headers_are_read_without_corrections():
    head = b"HTTP/1.1 200 OK\r\nX-A:  1 \r\nno colon\r\nx-a: \xe9\r\n\r\n"
    with connected(b"HTTP/1.1 100 Continue\r\n\r\n", head[:20], head[20:]) as connection:
        reply = connection.read_head()
    assert reply.status == 200
    assert reply.headers == (("x-a", "1"), ("no colon", ""), ("x-a", "é"))
    assert reply.head == head
    assert (reply.get_first("x-a"), reply.get_first("y")) == ("1", "")


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: Chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("method", "pieces", "body", "rest"),
    [
        ("GET", [OK + b"Content-Length: 5\r\n\r\nab", b"cdeXY"], b"abcde", b"XY"),
        ("GET", [CHUNKED + b"3\r\na", b"bc\r\n0\r\n\r\nXY"], b"abc", b"XY"),
        ("GET", [OK + b"\r\nab", b"cd"], b"abcd", b""),
        ("GET", [OK + b"Content-Length: soup\r\n\r\nab"], b"ab", b""),
        ("HEAD", [OK + b"Content-Length: 5\r\n\r\n", b"XY"], b"", b"XY"),
        ("GET", [b"HTTP/1.1 304 Not Modified\r\n\r\n", b"XY"], b"", b"XY"),
    ],
    ids=["length", "chunks", "until the end", "a length that is no number", "HEAD", "304"],
)
def test_a_body_ends_where_its_framing_says(method, pieces, body, rest):
    with connected(*pieces) as connection:
        assert read_body(connection, method) == body
        assert connection.read_rest() == rest


@pytest.mark.parametrize(
    ("pieces", "error"),
    [
        ([b"soup\r\n\r\n"], ReplyError),
        ([b"HTTP/1.1 20 OK\r\n\r\n"], ReplyError),
        ([CHUNKED + b"2\r\nabc\r\n0\r\n\r\n"], ReplyError),
        ([], ConnectionError),
        ([OK], ConnectionError),
        ([OK + b"Content-Length: 5\r\n\r\nabcd"], ConnectionError),
        ([CHUNKED + b"3\r\nabc\r\n"], ConnectionError),
    ],
    ids=["no HTTP", "no status", "a long chunk", "nothing", "half a head", "short", "half"],
)
def test_an_incomplete_or_invalid_reply_is_an_error(pieces, error):
    with connected(*pieces) as connection, pytest.raises(error):
        read_body(connection)


def test_bytes_to_a_host_that_has_closed_are_no_error():
    with connected(OK + b"\r\n") as connection:
        for _ in range(50):
            connection.send(b"GET / HTTP/1.1\r\n" * 10_000)
