"""What does `cookoff load` do with what the reader typed?"""

from collections.abc import Iterator, Mapping
from typing import Any

import click

from bench.cli.common import (
    cluster_option,
    ensure_environments,
    json_option,
    names_argument,
    select_frameworks,
)
from bench.cli.cost_tables import build_growth_row
from bench.cli.option_types import FiniteNumber, WholeNumber
from bench.core.errors import DependencyError, UsageError
from bench.core.files import dump_json as dumped
from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.core.tables import Row, print_rows
from bench.measure.load import closed_loop, open_loop, servers
from bench.measure.load.targets import find_loadable_page
from bench.measure.workload.testbed import fresh_testbed
from bench.results import merge
from bench.runtime.host import LOOPBACK

MAX_REQUESTS = 1_000_000  # of a round: all their moments are drawn before it begins


@click.command()
@names_argument
@click.option("--closed", "by_wrk", is_flag=True, help="As many requests as it bears, by wrk.")
@click.option("--rate", type=FiniteNumber(0.1, 50_000), help="Latency at R requests a second.")
@click.option("--share", type=FiniteNumber(0.01, 1), help="Latency at this share of its peak.")
@click.option("--servers", "by_server", is_flag=True, help="The NAMES under other servers, by wrk.")
@click.option("--page", default="menu", show_default=True, help="A page that a plain GET shows.")
@click.option(
    "--connections",
    multiple=True,
    type=WholeNumber(1, 1000),
    help="Of wrk; may be given several times.  [default: 16]",
)
@click.option("--growth", "growing", is_flag=True, help="With --closed: 1 to 256 connections.")
@click.option("--rounds", type=WholeNumber(2, 100), help="Turns of each.  [default: 5, or 3]")
@click.option(
    "--seconds",
    type=FiniteNumber(0.1, 600),
    help=f"Of a round at a rate.  [default: {open_loop.ROUND_SECONDS:g}]",
)
@click.option("--baseline", default="", metavar="NAME", help="What ratios refer to; else bare.")
@cluster_option
@click.option("--listen", default=LOOPBACK, show_default=True, help="The sites' address, for it.")
@json_option
def command(
    names: tuple[str, ...],
    by_wrk: bool,
    rate: float | None,
    share: float | None,
    by_server: bool,
    page: str,
    connections: tuple[int, ...],
    growing: bool,
    rounds: int | None,
    seconds: float | None,
    baseline: str,
    cluster: str,
    listen: str,
    as_json: bool,
) -> int:
    """Put the NAMES, or all, under load over HTTP.

    Each site stands on waitress, on a core of its own where there are two, the load on another.
    Throughput tells the peak; what a guest waits, only a fixed rate tells. With --cluster each
    worker sends its share of the rate to the sites on this machine.
    """
    if sum(map(bool, (by_wrk, rate, share, by_server))) != 1:
        raise UsageError("give one of --closed, --rate R, --share 0.5 and --servers")
    if (growing or connections) and not by_wrk:
        raise UsageError("--growth and --connections go with --closed")
    if by_wrk or by_server:
        forbid_rate_options(seconds, cluster)
    seconds = seconds or open_loop.ROUND_SECONDS
    require_request_count(rate, seconds)
    if listen != LOOPBACK and not cluster:
        raise UsageError(
            "--listen is for the workers of --cluster; without it, all is on this machine"
        )
    places, asked = Paths.from_environ(), find_loadable_page(page)
    found, code = select_frameworks(
        places, names or (servers.DEFAULT_FRAMEWORKS if by_server else ())
    )
    ready, code = ensure_environments(found, places, names, code)
    if not ready:
        raise DependencyError("no framework's environment is there; run: cookoff setup")
    if cluster:
        from bench.measure.cluster import load_run  # Dask is an extra

        wanted = load_run.LoadSettings(asked, rate, share, rounds or open_loop.ROUNDS, seconds)
        part = load_run.measure_cluster_load(cluster, ready, places, baseline, wanted, listen)
    else:
        with fresh_testbed(ready, places, baseline) as ground, Progress() as progress:
            if by_wrk:
                usual = closed_loop.GROWTH_CONNECTIONS if growing else closed_loop.CONNECTIONS
                counts = connections or usual
                rounds = rounds or (closed_loop.GROWTH_ROUNDS if growing else closed_loop.ROUNDS)
                part = {"load_closed": closed_loop.measure(ground, asked, counts, rounds, progress)}
            elif by_server:
                part = {
                    "servers": servers.measure(
                        ground, asked, rounds or closed_loop.ROUNDS, progress
                    )
                }
            else:
                rounds = rounds or open_loop.ROUNDS
                told = open_loop.measure(ground, asked, rate, share, rounds, seconds, progress)
                part = {"load_open": told}
    merge.write_parts(part, ready, places)
    print_parts(part, as_json)
    return 1 if next(iter(part.values()))["failed"] else code


def forbid_rate_options(seconds: float | None, cluster: str) -> None:
    """Raise Misuse for what only a load at a rate takes."""
    if seconds:
        raise UsageError("--seconds goes with --rate R or --share 0.5")
    if cluster:
        raise UsageError("--cluster sends a rate: give it with --rate R or --share 0.5")


def require_request_count(rate: float | None, seconds: float) -> None:
    """Raise Misuse where a round at this rate holds no request, or more than memory does."""
    if rate and not 1 <= rate * seconds <= MAX_REQUESTS:
        raise UsageError(
            f"--rate {rate:g} for --seconds {seconds:g} is {rate * seconds:.1f} requests a round; "
            f"give 1 to {MAX_REQUESTS}"
        )


def print_parts(part: Mapping[str, Any], as_json: bool) -> None:
    """Print what was found."""
    if as_json:
        click.echo(dumped(part))
        return
    for title, rows in build_tables(part):
        if rows:
            click.echo(f"\n{title}")
            print_rows(rows)
    for one in part.values():
        for reason in one["failed"].values():
            click.echo(f"not ranked: {reason}")
        for name, reason in one.get("skipped", {}).items():
            click.echo(f"skipped: {name}: {reason}")
        for name, reason in one.get("too_busy", {}).items():
            click.echo(f"too busy a machine, not to be ranked: {name}: {reason}")
        if warning := one.get("bottleneck"):
            click.echo(f"too slow a generator: {warning}")
        if sent := one.get("cluster"):
            click.echo(f"sent by {sent['workers']} workers to the sites on {sent['host']}")


def build_tables(part: Mapping[str, Any]) -> Iterator[tuple[str, list[Row]]]:
    """Yield a title and rows for each table."""
    if one := part.get("load_closed"):
        for count, rows in one["connections"].items():
            title = f"{one['page']} at {count} connections: requests a second"
            yield title, [{"name": name, **row} for name, row in rows.items()]
        title = "growth with connections: requests a second"
        yield title, [build_growth_row(name, row) for name, row in one["growth"].items()]
    if one := part.get("load_open"):
        hidden = ["curve", "p50_interval", "p90_interval", *([] if one["share"] else ["peak_rps"])]
        yield (
            f"{one['page']} at a fixed rate: milliseconds",
            [
                {"name": name} | {key: v for key, v in row.items() if key not in hidden}
                for name, row in one["frameworks"].items()
            ],
        )
    if one := part.get("servers"):
        for framework, rows in one["frameworks"].items():
            title = f"{framework}: {one['page']} under other servers"
            yield title, [{"server": name, **row} for name, row in rows.items()]
