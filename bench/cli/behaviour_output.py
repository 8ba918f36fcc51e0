"""Print the results of `cookoff behaviour`: the grid, changes, limits, or one exchange."""

from collections.abc import Iterable, Iterator, Sequence

import click
from msgspec.structs import replace

from bench.behaviour.evaluate import ProbeResult
from bench.behaviour.normalize import escape_bytes
from bench.behaviour.probe import Probe
from bench.cli import behaviour_tables
from bench.core.tables import Row, print_rows, print_text
from bench.core.words import format_count
from bench.results.schema import Behaviour, BehaviourChange, Limits
from bench.results.store import format_json

MAX_SHOWN_BYTES = 4000  # of a request or a reply


def print_results(part: Behaviour, as_json: bool) -> None:
    """Print the grid, one group after the other, then a summary."""
    if as_json:
        click.echo(format_json(part))
        return
    for group, title in part.groups.items():
        probes = [probe for probe in part.probes if probe.group == group]
        if probes:
            click.echo(f"\n{title}")
            print_rows(list(behaviour_tables.build_rows(replace(part, probes=probes))))
    click.echo(f"\nThe summary uses {part.channels[0]}; above, = means the same outcome as there.")
    print_rows(behaviour_tables.build_summary_rows(part))
    for name, reason in part.failed.items():
        print_text(f"{name} was not probed: {reason}")
    for name, lines in part.crashes.items():
        for line in lines:
            print_text(f"{name}, {line}")
    for title, why in part.skipped_notes.items():
        print_text(f"The note {title!r} is skipped, because its evidence changed: {why}")


def print_changes(changes: Sequence[BehaviourChange], unmatched: Iterable[str], since: str) -> None:
    """Print each outcome that changed since another run."""
    click.echo(f"\nOutcomes that changed since {since}: {len(changes)}")
    for change in changes:
        where = f"{change.framework}: {change.probe}, {change.channel}"
        click.echo(f"{where}: {change.before} -> {change.after}")
    for line in unmatched:
        click.echo(line)


def print_limits(part: Limits, as_json: bool) -> None:
    """Print the limits, grouped by kind."""
    if as_json:
        click.echo(format_json(part))
    else:
        print_rows(list(build_limit_rows(part)))


def build_limit_rows(part: Limits) -> Iterator[Row]:
    """Yield a row for each limit, framework and channel."""
    for limit, kind in part.kinds.items():
        for name, limits in part.frameworks.items():
            for channel, edge in limits[limit].items():
                yield {
                    "limit": limit,
                    "framework": name,
                    "channel": channel,
                    "accepted": edge.max_accepted,
                    "unit": kind.unit,
                    "refusal above": edge.refusal or "not searched beyond this size",
                }


def print_exchange(probe: Probe, name: str, channel: str, result: ProbeResult) -> None:
    """Print the bytes of one probe's requests and replies."""
    for line in format_exchange(probe, name, channel, result):
        click.echo(line)


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
