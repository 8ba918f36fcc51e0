"""Parse the bytes of a request as the server, waitress, does before it calls the application."""

from contextlib import ExitStack
from typing import NamedTuple

from waitress.adjustments import Adjustments

from bench.agent.draining_server import DrainingParser

ADJUSTMENTS = Adjustments()


class ParsedRequests(NamedTuple):
    """The requests that the server reads from the bytes of one connection."""

    methods: tuple[str, ...]  # of the requests to which a reply is due, in order
    rejected: tuple[bool, ...]  # whether the server itself rejects each of them
    is_complete: bool  # False if the server waits for more bytes


def parse_requests(raw: bytes) -> ParsedRequests:
    """Return the requests that the server reads from these bytes."""
    with ExitStack() as parsers:  # a parser may store a large body in a temporary file
        return _parse_requests(raw, parsers)


def _parse_requests(raw: bytes, parsers: ExitStack) -> ParsedRequests:
    # The bytes come in pieces, as from a socket: the parser copies its input once for each chunk.
    methods: list[str] = []
    rejected: list[bool] = []
    data = raw
    while data:
        parser = DrainingParser(ADJUSTMENTS)
        parsers.callback(parser.close)
        while data and not parser.completed:
            try:
                size = parser.received(data[: ADJUSTMENTS.recv_bytes])
            except ValueError:  # urllib cannot split the address: waitress closes the connection
                return ParsedRequests(tuple(methods), tuple(rejected), False)
            if not size and parser.body_rcv is None:
                break
            data = data[size:]
        if not parser.completed:
            return ParsedRequests(tuple(methods), tuple(rejected), False)
        if parser.empty:
            continue
        rejected.append(parser.error is not None)
        methods.append("" if parser.error else getattr(parser, "command", ""))
        if parser.error or parser.connection_close:
            break
    return ParsedRequests(tuple(methods), tuple(rejected), True)
