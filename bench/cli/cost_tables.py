"""Build and print the tables of `cookoff cost`."""

import string
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from bench.core.files import dump_json
from bench.core.tables import Row, print_rows
from bench.results.request_warnings import RequestWarning, count_uses, find_warnings
from bench.results.views import build_sensitivity_rows, format_memory_growth

REQUEST_MICROSECONDS = 10_000  # a request of 10 ms, which the percentages refer to


def print_parts(parts: Mapping[str, Any], as_json: bool) -> None:
    """Print the parts that a run measured."""
    warnings = find_warnings(parts.get("warm", {}), parts.get("layers", {}))
    if as_json:
        click.echo(dump_json(parts))
        print_warnings(warnings, err=True)
        return
    for title, rows in build_tables(parts):
        if rows:
            click.echo(f"\n{title}")
            print_rows(rows)
    if cost := parts.get("cost"):
        for line in format_notes(cost):
            click.echo(line)
    print_warnings(warnings)


def print_warnings(warnings: Sequence[RequestWarning], err: bool = False) -> None:
    """Print each warning on a line."""
    for warning in warnings:
        click.echo(f"warning: {warning}", err=err)


def build_tables(parts: Mapping[str, Any]) -> Iterator[tuple[str, list[Row]]]:
    """Yield the title and the rows of each table."""
    for page in parts["cost"]["pages"] if "cost" in parts else ():
        yield f"{page}: time in the application", build_time_rows(parts["cost"], page)
    for page, layers_by_name in parts.get("layers", {}).items():
        calls = parts["calls"][page]
        yield (
            f"{page}: calls by layer, and repeated work in a warm request",
            [
                {
                    "name": name,
                    "Python calls": calls[name]["python"],
                    **layers,
                    **count_uses(parts["warm"][page][name]),
                }
                for name, layers in layers_by_name.items()
            ],
        )
    if starts := parts.get("starts"):
        yield "start and memory", [build_start_row(name, start) for name, start in starts.items()]
    if growth := parts.get("growth"):
        for size, by_name in growth.items():
            rows = [build_growth_row(name, curve) for name, curve in by_name.items()]
            yield f"growth with {size}: microseconds", rows
    if planted := parts.get("planted"):
        title = f"detection of a slowdown of {planted['percent']:g} %, in {planted['seconds']} s"
        yield title, list(build_sensitivity_rows(planted))
    if instructions := parts.get("instructions"):
        for page, by_name in instructions["pages"].items():
            yield (
                f"{page}: instructions and allocations of a request",
                [{"name": name, **counts} for name, counts in by_name.items()],
            )


def build_time_rows(cost: Mapping[str, Any], page: str) -> list[Row]:
    """Return the rows of a page, the fastest first, with the letters of their ties."""
    ties: list[list[str]] = cost["ties"][page]
    ordered = sorted(cost["pages"][page].items(), key=lambda item: item[1]["ratio"])
    return [
        {
            "name": name,
            "µs": times["microseconds"],
            "µs added": times["added_microseconds"],
            "% of 10 ms": 100 * times["added_microseconds"] / REQUEST_MICROSECONDS,
            "ratio": f"{times['ratio']:.3f}",
            "99 % interval": f"{times['low']:.3f} to {times['high']:.3f}",
            "tie": format_tie_letters(name, ties),
            "verdict": times["verdict"],
        }
        for name, times in ordered
    ]


def format_tie_letters(name: str, ties: list[list[str]]) -> str:
    """Return one letter for each tie that contains this name."""
    return "".join(
        letter for letter, tie in zip(string.ascii_lowercase, ties, strict=False) if name in tie
    )


def build_start_row(name: str, start: Mapping[str, Any]) -> Row:
    """Return the row of one framework's start and memory."""
    return {
        "name": name,
        "import ms": 1000 * start["import_seconds"],
        "create ms": 1000 * start["create_seconds"],
        "first reply ms": 1000 * start["first_reply_seconds"],
        "MiB": start["rss_mib"],
        f"MiB after {start['requests']:,}": start["rss_mib_after"],
        "memory still grows": format_memory_growth(start),
    }


def build_growth_row(name: str, curve: Mapping[str, Any]) -> Row:
    """Return the row of one framework's growth: its points and the exponent."""
    points = ", ".join(f"{size:,}: {value:,.0f}" for size, value in curve["points"])
    exponent = "" if curve["exponent"] is None else f"{curve['exponent']:z.2f}"
    skipped = curve.get("left_out", "")
    return {"name": name, "exponent": exponent, "points": points, "skipped": skipped}


def format_notes(cost: Mapping[str, Any]) -> Iterator[str]:
    """Yield the facts that a reader of the times needs."""
    floor = (cost["noise_floor"] - 1) * 100
    yield (
        f"\n{cost['launches']} launches of at least {cost['cycles']} cycles; names with the same "
        f"letter were not shown to differ; the two copies of the baseline differed by up to "
        f"{floor:.1f} %."
    )
    if machines := cost.get("machines"):
        databases = ", ".join(cost["larder"])
        yield (
            f"tasks: {len(cost['cells'])}; machines: {len(machines)}; databases: {databases}; "
            f"the microseconds of a page are from one machine."
        )
    for name, reason in cost["failed"].items():
        yield f"not ranked: {name}: {reason}"
    for reason in cost["noise"]["noisy"]:
        yield f"too noisy: {reason}"
    if ratio := cost["floor"]:
        yield (
            f"{ratio['of']}'s {ratio['page']} takes {ratio['ratio']:.2f} times "
            f"({ratio['low']:.2f} to {ratio['high']:.2f}) the time of a handler without framework."
        )
    for page, times in cost.get("template", {}).items():
        yield f"Jinja2 takes {times['microseconds']:,.1f} µs of bare's {page}."
