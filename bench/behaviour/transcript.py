"""What exactly went over the wire, byte for byte?"""

from collections.abc import Iterator

from bench.behaviour.evaluate import Cell
from bench.behaviour.normalize import as_text
from bench.behaviour.probe import Probe

SHOWN_BYTES = 4000  # of a request or a reply


def lines(probe: Probe, name: str, kind: str, cell: Cell) -> Iterator[str]:
    """Yield the lines that show one cell: what was sent, what came back, and what it means."""
    clause = f" ({probe.clause.title}: {probe.clause.link})" if probe.clause else ""
    yield f"== {name}, {kind}: {cell.outcome}"
    yield f"   {probe.grade}: {probe.sentence}{clause}"
    if cell.meets is not None:
        yield f"   {'meets the clause' if cell.meets else 'misses the clause'}"
    for request, answer in zip(cell.requests, cell.answers, strict=True):
        yield from prefixed("> ", request)
        yield from prefixed("< ", answer.reply.raw)
        if answer.trouble or answer.raised:
            yield f"! {answer.trouble or 'raises ' + answer.raised}"
        yield from (f"! PEP 3333: {hit}" for hit in answer.hits)
    yield ""


def prefixed(prefix: str, raw: bytes) -> Iterator[str]:
    """Yield the lines of bytes; a line that does not end as HTTP's lines do says how it ends."""
    shown = raw[:SHOWN_BYTES]
    for line in shown.splitlines(keepends=True):
        text = line.removesuffix(b"\r\n")
        bare = text.endswith((b"\n", b"\r"))
        text = text.rstrip(b"\r\n") if bare else text
        yield f"{prefix}{as_text(text)}" + (ascii(line[len(text) :].decode())[1:-1] if bare else "")
    if len(raw) > SHOWN_BYTES:
        yield f"{prefix}[... {len(raw) - SHOWN_BYTES} more bytes]"
