"""Format the raw bytes of an exchange for the terminal."""

from collections.abc import Iterator

from bench.behaviour.evaluate import ProbeResult
from bench.behaviour.normalize import escape_bytes
from bench.behaviour.probe import Probe
from bench.core.words import format_count

MAX_SHOWN_BYTES = 4000  # of a request or a reply


def format_exchange(probe: Probe, name: str, kind: str, cell: ProbeResult) -> Iterator[str]:
    """Yield the lines that show one cell: the requests, the replies, and the verdict."""
    clause = f" ({probe.clause.title}: {probe.clause.link})" if probe.clause else ""
    yield f"== {name}, {kind}: {cell.outcome}"
    yield f"   {probe.grade}: {probe.sentence}{clause}"
    if cell.meets is not None:
        yield f"   {'meets the clause' if cell.meets else 'misses the clause'}"
    for request, result in zip(cell.requests, cell.request_results, strict=True):
        yield from prefix_lines("> ", request)
        yield from prefix_lines("< ", result.reply.raw)
        if result.failure or result.exception_name:
            yield f"! {result.failure or 'raises ' + result.exception_name}"
        yield from (f"! PEP 3333: {rule}" for rule in result.violations)
    yield ""


def prefix_lines(prefix: str, raw: bytes) -> Iterator[str]:
    """Yield the lines of bytes; a line that does not end in CR LF shows its line ending."""
    shown = raw[:MAX_SHOWN_BYTES]
    for line in shown.splitlines(keepends=True):
        text = line.removesuffix(b"\r\n")
        bare = text.endswith((b"\n", b"\r"))
        text = text.rstrip(b"\r\n") if bare else text
        yield f"{prefix}{escape_bytes(text)}" + (
            ascii(line[len(text) :].decode())[1:-1] if bare else ""
        )
    if len(raw) > MAX_SHOWN_BYTES:
        yield f"{prefix}[... {format_count(len(raw) - MAX_SHOWN_BYTES, 'more byte')}]"
