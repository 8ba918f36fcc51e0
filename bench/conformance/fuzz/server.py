"""What the server, waitress, makes of a request's bytes before any application sees them."""

from contextlib import ExitStack
from typing import NamedTuple

from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser

ADJUSTMENTS = Adjustments()


class Reading(NamedTuple):
    """How the server reads the bytes of one connection."""

    methods: tuple[str, ...]  # of the requests that it answers, in order
    refused: tuple[bool, ...]  # which of them it answers itself
    whole: bool  # nothing is left over that waits for more


def read(raw: bytes) -> Reading:
    """Return how the server reads these bytes."""
    with ExitStack() as parsers:  # a parser may hold a large body in a temporary file
        return _read(raw, parsers)


def _read(raw: bytes, parsers: ExitStack) -> Reading:
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
                return Reading(tuple(methods), tuple(refused), False)
            if not taken and parser.body_rcv is None:
                break
            data = data[taken:]
        if not parser.completed:
            return Reading(tuple(methods), tuple(refused), False)
        if parser.empty:
            continue
        refused.append(parser.error is not None)
        methods.append("" if parser.error else getattr(parser, "command", ""))
        if parser.error or parser.connection_close:
            break
    return Reading(tuple(methods), tuple(refused), True)
