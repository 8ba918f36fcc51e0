"""Measure and print `cookoff cost --blame`: a page's time by line of the app."""

from collections.abc import Iterator, Sequence

import click
import msgspec

from bench.cli.common import ensure_environments
from bench.core.errors import DependencyError, UsageError
from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.core.tables import Row, print_rows
from bench.core.words import format_count
from bench.frameworks import manifest
from bench.measure.cost.blame import Blame, Cost, measure_blame
from bench.measure.workload.scenarios import Page, select_pages
from bench.measure.workload.testbed import fresh_testbed
from bench.measure.workload.worker import Request

DEFAULT_PAGE = "menu"
PRINTED_LINES, SMALLEST_PERCENT = 25, 0.5
LEGEND = """\
self: time in the line itself. total: with what the line calls outside of the app's own lines.
The lower rows show all other code: by itself, and as far as no line of the app calls it.
A template without a line number is a whole file: its engine keeps no lines."""
PLACE_WIDTH, SOURCE_WIDTH = 30, 33  # the table fits 100 columns


def blame(name: str, pages: Sequence[str], as_taught: bool, as_json: bool) -> int:
    """Print the cost of each page's lines in one framework; return the exit code."""
    selected = [page for each in pages or (DEFAULT_PAGE,) for page in find_page(each)]
    paths = Paths.from_environ()
    framework = manifest.discover_frameworks(paths.apps).get(name)
    ready, code = ensure_environments([framework], paths, (name,), 0)
    if not ready:
        raise DependencyError(f"{name} has no environment; run: cookoff setup {name}")
    results = []
    with fresh_testbed(ready, paths) as testbed, Progress() as progress:
        for page in selected:
            progress.start_step(f"{name}: {page.name}: call stacks")
            results.append(measure_blame(testbed, page, as_taught))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(results)).decode())
    else:
        for result in results:
            print_blame(result)
    return code


def find_page(name: str) -> list[Page]:
    """Return the page of a name, or of a path such as /about; raise UsageError."""
    if not name.startswith("/"):
        return select_pages([name])
    if not name.isascii() or " " in name:
        raise UsageError(f"not a path: {name!r}; write it as in an address, such as /dishes?q=so")
    return [Page(name, Request(name))]


def print_blame(result: Blame) -> None:
    """Print the table of a page."""
    layer = "as taught" if result.as_taught else "hardened"
    click.echo(
        f"\n{result.framework}, {result.page}, {layer}: {result.microseconds:,.0f} µs a request; "
        f"{result.samples:,} samples of {format_count(result.requests, 'request')}"
    )
    print_rows([*build_line_rows(result), *build_owner_rows(result), build_sum(result)])
    click.echo(LEGEND)


def build_line_rows(result: Blame) -> Iterator[Row]:
    """Yield the rows of the most expensive lines, and one row for all other lines."""
    shown, others = result.lines[:PRINTED_LINES], result.lines[PRINTED_LINES:]
    for line in shown:
        number = f":{line.line}" if line.line else ""
        place = shorten(line.file, PLACE_WIDTH - len(number), from_left=True)
        yield build_row(line, place + number, shorten(line.source or line.function, SOURCE_WIDTH))
    if others:
        yield build_row(add_costs(others), f"{len(others)} other lines", "")


def build_owner_rows(result: Blame) -> Iterator[Row]:
    """Yield the rows of all other code, the smallest shares in one row."""
    small = [each for each in result.owners if is_small(each)]
    for owner in result.owners:
        if owner not in small:
            yield build_row(owner, shorten(owner.owner, PLACE_WIDTH), f"({owner.role})")
    if small:
        yield build_row(add_costs(small), f"{len(small)} other distributions", "")


def is_small(cost: Cost) -> bool:
    """Return whether a cost gets no row of its own."""
    return max(cost.self_percent, cost.total_percent) < SMALLEST_PERCENT


def build_sum(result: Blame) -> Row:
    """Return the row with the sums."""
    return build_row(add_costs([*result.lines, *result.owners]), "sum", "")


def add_costs(costs: Sequence[Cost]) -> Cost:
    """Return the sum of some costs."""
    fields = Cost.__struct_fields__
    return Cost(**{field: sum(getattr(cost, field) for cost in costs) for field in fields})


def build_row(cost: Cost, place: str, source: str) -> Row:
    """Return a row of the table."""
    return {
        "total %": cost.total_percent,
        "total µs": cost.total_microseconds,
        "self %": cost.self_percent,
        "self µs": cost.self_microseconds,
        "line": place,
        "source": source,
    }


def shorten(text: str, width: int, from_left: bool = False) -> str:
    """Return a text of at most `width` characters, without its end or its beginning."""
    if len(text) <= width:
        return text
    return f"…{text[1 - width :]}" if from_left else f"{text[: width - 1]}…"
