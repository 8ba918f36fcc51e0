"""How are the costs shown on a terminal or in a pipe?"""

import string
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from bench.core.files import dump_json as dumped
from bench.core.tables import Row, print_rows
from bench.results.request_warnings import RequestWarning, count_uses, find_warnings
from bench.results.views import build_sensitivity_rows as planted_rows
from bench.results.views import format_memory_growth as grows

REQUEST_MICROSECONDS = 10_000  # the request of 10 ms that shares refer to


def print_parts(found: Mapping[str, Any], as_json: bool) -> None:
    """Print the parts that a run found."""
    warned = find_warnings(found.get("warm", {}), found.get("layers", {}))
    if as_json:
        click.echo(dumped(found))
        print_warnings(warned, err=True)
        return
    for title, rows in build_tables(found):
        if rows:
            click.echo(f"\n{title}")
            print_rows(rows)
    if cost := found.get("cost"):
        for line in format_notes(cost):
            click.echo(line)
    print_warnings(warned)


def print_warnings(warned: Sequence[RequestWarning], err: bool = False) -> None:
    """Print what is warned of, a line each."""
    for one in warned:
        click.echo(f"warning: {one}", err=err)


def build_tables(found: Mapping[str, Any]) -> Iterator[tuple[str, list[Row]]]:
    """Yield a title and rows for each table."""
    for page in found["cost"]["pages"] if "cost" in found else ():
        yield f"{page}: time in the application", build_time_rows(found["cost"], page)
    for page, by_name in found.get("layers", {}).items():
        calls = found["calls"][page]
        yield (
            f"{page}: calls by layer; what a warm request uses anew",
            [
                {
                    "name": name,
                    "Python calls": calls[name]["python"],
                    **layers,
                    **count_uses(found["warm"][page][name]),
                }
                for name, layers in by_name.items()
            ],
        )
    if starts := found.get("starts"):
        yield "start and memory", [build_start_row(name, one) for name, one in starts.items()]
    if growth := found.get("growth"):
        for what, by_name in growth.items():
            rows = [build_growth_row(name, one) for name, one in by_name.items()]
            yield f"growth with {what}: microseconds", rows
    if planted := found.get("planted"):
        title = f"{planted['percent']:g} % planted, {planted['seconds']} s: was it told?"
        yield title, list(planted_rows(planted))
    if counted := found.get("instructions"):
        for page, by_name in counted["pages"].items():
            yield (
                f"{page}: instructions and allocations a request",
                [{"name": name, **one} for name, one in by_name.items()],
            )


def build_time_rows(cost: Mapping[str, Any], page: str) -> list[Row]:
    """Return a page's rows, the quickest first, with the letters of its ties."""
    ties: list[list[str]] = cost["ties"][page]
    ordered = sorted(cost["pages"][page].items(), key=lambda item: item[1]["ratio"])
    return [
        {
            "name": name,
            "µs": one["microseconds"],
            "µs added": one["added_microseconds"],
            "% of 10 ms": 100 * one["added_microseconds"] / REQUEST_MICROSECONDS,
            "ratio": f"{one['ratio']:.3f}",
            "99 % interval": f"{one['low']:.3f} to {one['high']:.3f}",
            "tie": format_tie_letters(name, ties),
            "verdict": one["verdict"],
        }
        for name, one in ordered
    ]


def format_tie_letters(name: str, ties: list[list[str]]) -> str:
    """Return a letter for each group not shown to differ in which this one stands."""
    return "".join(
        letter for letter, tie in zip(string.ascii_lowercase, ties, strict=False) if name in tie
    )


def build_start_row(name: str, one: Mapping[str, Any]) -> Row:
    """Return the row of one framework's start and memory."""
    return {
        "name": name,
        "import ms": 1000 * one["import_seconds"],
        "create ms": 1000 * one["create_seconds"],
        "first reply ms": 1000 * one["first_reply_seconds"],
        "MiB": one["rss_mib"],
        f"MiB after {one['requests']:,}": one["rss_mib_after"],
        "still grows": grows(one),
    }


def build_growth_row(name: str, one: Mapping[str, Any]) -> Row:
    """Return the row of one framework's growth: its points and the exponent."""
    points = ", ".join(f"{size:,}: {value:,.0f}" for size, value in one["points"])
    slope = "" if one["exponent"] is None else f"{one['exponent']:z.2f}"
    return {"name": name, "exponent": slope, "points": points, "left out": one.get("left_out", "")}


def format_notes(cost: Mapping[str, Any]) -> Iterator[str]:
    """Yield what has to be known to read the times."""
    floor = (cost["noise_floor"] - 1) * 100
    yield (
        f"\n{cost['launches']} launches of {cost['cycles']} cycles or more; names that share a "
        f"letter are not shown to differ; the twins were up to {floor:.1f} % apart."
    )
    if machines := cost.get("machines"):
        where = f"machines: {len(machines)}; larder: {', '.join(cost['larder'])}"
        yield f"cells: {len(cost['cells'])}; {where}; a page's microseconds are one machine's."
    for name, reason in cost["failed"].items():
        yield f"not ranked: {name}: {reason}"
    for reason in cost["noise"]["noisy"]:
        yield f"too noisy: {reason}"
    if one := cost["floor"]:
        yield (
            f"{one['of']}'s {one['page']} takes {one['ratio']:.2f} times ({one['low']:.2f} to "
            f"{one['high']:.2f}) what one written by hand takes."
        )
    for page, one in cost.get("template", {}).items():
        yield f"Jinja2 takes {one['microseconds']:,.1f} µs of bare's {page}."
