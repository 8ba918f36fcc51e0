"""Build and print the tables of `cookoff cost`."""

import string
from collections.abc import Iterator, Mapping, Sequence

import click
from msgspec.structs import asdict

from bench.core.tables import Row, print_rows, print_text
from bench.core.words import format_count
from bench.results.request_warnings import RequestWarning, count_uses, find_page_warnings
from bench.results.schema import Cost, PairedRun, PlainLinks, Results, ScalingCurve, Startup
from bench.results.store import format_json
from bench.results.views import (
    build_hardening_rows,
    build_link_rows,
    build_sensitivity_rows,
    format_memory_growth,
)

REQUEST_MICROSECONDS = 10_000  # a request of 10 ms, which the percentages refer to


def print_results(results: Results, as_json: bool) -> None:
    """Print the parts that a run measured."""
    warnings = find_page_warnings(results)
    if as_json:
        click.echo(format_json(results))
        print_warnings(warnings, err=True)
        return
    for title, rows in build_tables(results):
        if rows:
            click.echo(f"\n{title}")
            print_rows(rows)
    if results.cost:
        click.echo()
        for line in format_notes(results.cost):
            print_text(line)
    for part in (results.hardening, results.plain_links):
        if part:
            click.echo()
            for line in format_paired_notes(part):
                print_text(line)
    print_warnings(warnings)


def print_warnings(warnings: Sequence[RequestWarning], err: bool = False) -> None:
    """Print each warning on a line."""
    for warning in warnings:
        print_text(f"warning: {warning}", err)


def build_tables(results: Results) -> Iterator[tuple[str, list[Row]]]:
    """Yield the title and the rows of each table."""
    if results.cost:
        for page in results.cost.pages:
            yield f"{page}: time in the application", build_time_rows(results.cost, page)
    for page in results.calls_by_layer or ():
        title = f"{page}: calls by layer, and repeated work in a warm request"
        yield title, build_call_rows(results, page)
    if results.startup:
        rows = [build_startup_row(name, startup) for name, startup in results.startup.items()]
        yield "start and memory", rows
    for size, curves in (results.scaling or {}).items():
        rows = [build_curve_row(name, curve) for name, curve in curves.items()]
        yield f"growth with {size}: microseconds", rows
    if part := results.sensitivity:
        title = f"detection of a slowdown of {part.slowdown_percent:g} %"
        yield f"{title}, in {part.duration_seconds} s", list(build_sensitivity_rows(part))
    yield from build_other_tables(results)


def build_other_tables(results: Results) -> Iterator[tuple[str, list[Row]]]:
    """Yield the title and the rows of each table by page that is no time of one entry."""
    if results.hardening:
        for page, costs in results.hardening.pages.items():
            yield f"{page}: cost of hardening", list(build_hardening_rows(costs))
    if links := results.plain_links:
        for page in links.pages:
            yield f"{page}: cost of links by name", list(build_link_rows(links, page))
    if results.instructions:
        for page, by_name in results.instructions.pages.items():
            rows: list[Row] = [{"name": name, **asdict(each)} for name, each in by_name.items()]
            yield f"{page}: instructions and allocations of a request", rows


def build_call_rows(results: Results, page: str) -> list[Row]:
    """Return the rows of a page's calls."""
    calls, work = results.calls or {}, results.repeated_work or {}
    return [
        {
            "name": name,
            "Python calls": calls[page][name].python,
            **asdict(by_layer),
            **count_uses(work[page][name]),
        }
        for name, by_layer in (results.calls_by_layer or {})[page].items()
    ]


def build_time_rows(cost: Cost, page: str) -> list[Row]:
    """Return the rows of a page, the fastest first, with the letters of their ties."""
    ties = cost.ties[page]
    ordered = sorted(cost.pages[page].items(), key=lambda item: item[1].ratio)
    return [
        {
            "name": name,
            "µs": times.microseconds,
            "µs added": times.added_microseconds,
            "% of 10 ms": 100 * times.added_microseconds / REQUEST_MICROSECONDS,
            "ratio": f"{times.ratio:.3f}",
            "99 % interval": f"{times.low:.3f} to {times.high:.3f}",
            "tie": format_tie_letters(name, ties),
            "verdict": times.verdict,
        }
        for name, times in ordered
    ]


def format_tie_letters(name: str, ties: list[list[str]]) -> str:
    """Return one letter for each tie that contains this name."""
    return "".join(
        letter for letter, tie in zip(string.ascii_lowercase, ties, strict=False) if name in tie
    )


def build_startup_row(name: str, startup: Startup) -> Row:
    """Return the row of one framework's start and memory."""
    return {
        "name": name,
        "import ms": 1000 * startup.import_seconds,
        "create ms": 1000 * startup.create_seconds,
        "first reply ms": 1000 * startup.first_reply_seconds,
        "MiB": startup.rss_mib,
        f"MiB after {startup.requests:,}": startup.rss_mib_after,
        "memory still grows": format_memory_growth(startup),
    }


def build_curve_row(name: str, curve: ScalingCurve) -> Row:
    """Return the row of one framework's growth: its points and the exponent."""
    points = ", ".join(f"{size:,}: {value:,.0f}" for size, value in curve.points)
    exponent = "" if curve.exponent is None else f"{curve.exponent:z.2f}"
    return {"name": name, "exponent": exponent, "points": points, "skipped": curve.skipped}


def format_paired_notes(part: PairedRun) -> Iterator[str]:
    """Yield the facts that a reader needs about sites that were compared with variants."""
    percent = (part.max_control_ratio - 1) * 100
    yield (
        f"{format_effort(part)}; the two copies of "
        f"{part.baseline} differed by up to {percent:.1f} %; a difference is decided when its "
        f"interval, widened by the noise floor of the page, excludes zero."
    )
    yield from format_problems(part.failed, part.warnings)
    if isinstance(part, PlainLinks):
        yield f"links written out: {', '.join(part.written_out) or 'none'}"


def format_effort(part: Cost | PairedRun) -> str:
    """Return the launches of a measurement, and the fewest cycles of a launch."""
    launches = format_count(part.launches, "launch", "launches")
    return f"{launches} of at least {format_count(part.cycles, 'cycle')}"


def format_problems(failed: Mapping[str, str], warnings: Sequence[str]) -> Iterator[str]:
    """Yield a line for each failed entry, and for each warning about noise."""
    for name, reason in failed.items():
        yield f"not ranked: {name}: {reason}"
    for reason in warnings:
        yield f"too noisy: {reason}"


def format_notes(cost: Cost) -> Iterator[str]:
    """Yield the facts that a reader of the times needs."""
    percent = (cost.max_control_ratio - 1) * 100
    yield (
        f"{format_effort(cost)}; frameworks with the same letter in the column tie were not "
        f"shown to differ; the two copies of {cost.baseline} differed by up to {percent:.1f} %."
    )
    if cost.machines:
        databases = ", ".join(cost.databases)
        yield (
            f"tasks: {len(cost.tasks)}; machines: {len(cost.machines)}; databases: {databases}; "
            f"the microseconds of a page are from one machine."
        )
    yield from format_problems(cost.failed, cost.noise.warnings)
    if floor := cost.floor_ratio:
        yield (
            f"{floor.baseline}'s {floor.page} takes {floor.ratio:.2f} times "
            f"({floor.low:.2f} to {floor.high:.2f}) the time of a handler without framework."
        )
    for page, template in cost.template_costs.items():
        yield f"Jinja2 takes {template.microseconds:,.1f} µs of bare's {page}."
