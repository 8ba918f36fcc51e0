"""What the server, waitress, makes of a request's bytes before any application sees them."""

from contextlib import ExitStack
from typing import NamedTuple

from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser

ADJUSTMENTS = Adjustments()


class ParsedRequests(NamedTuple):
    """How the server reads the bytes of one connection."""

    methods: tuple[str, ...]  # of the requests that it answers, in order
    rejected: tuple[bool, ...]  # which of them it answers itself
    is_complete: bool  # nothing is left over that waits for more


def parse_requests(raw: bytes) -> ParsedRequests:
    """Return how the server reads these bytes."""
    with ExitStack() as parsers:  # a parser may hold a large body in a temporary file
        return _parse_requests(raw, parsers)


def _parse_requests(raw: bytes, parsers: ExitStack) -> ParsedRequests:
    methods: list[str] = []
    refused: list[bool] = []
    data = raw
    while data:
        parser = HTTPRequestParser(ADJUSTMENTS)
        parsers.callback(parser.close)
        while data and not parser.completed:
            try:
                taken = parser.received(data)
            except ValueError:  # of an address that urllib cannot split: it closes the connection
                return ParsedRequests(tuple(methods), tuple(refused), False)
            if not taken and parser.body_rcv is None:
                break
            data = data[taken:]
        if not parser.completed:
            return ParsedRequests(tuple(methods), tuple(refused), False)
        if parser.empty:
            continue
        refused.append(parser.error is not None)
        methods.append("" if parser.error else getattr(parser, "command", ""))
        if parser.error or parser.connection_close:
            break
    return ParsedRequests(tuple(methods), tuple(refused), True)
