"""Define the command `cookoff load`, which measures the sites under load."""

from collections.abc import Iterator

import click
from msgspec.structs import asdict

from bench.cli.common import (
    baseline_option,
    cluster_option,
    ensure_environments,
    json_option,
    names_argument,
    select_frameworks,
)
from bench.cli.cost_tables import build_curve_row
from bench.cli.documented import DocumentedCommand
from bench.cli.option_types import FiniteNumber, WholeNumber
from bench.cli.renamed import RenamedOption
from bench.core.errors import DependencyError, UsageError
from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.core.tables import Row, print_rows, print_text
from bench.core.words import format_count
from bench.measure.load import closed_loop, open_loop, servers
from bench.measure.load.targets import find_loadable_page
from bench.measure.workload.testbed import fresh_testbed
from bench.results import merge
from bench.results.schema import ClosedLoad, OpenLoad, Results, Servers
from bench.results.store import format_json
from bench.runtime.host import LOOPBACK

MAX_REQUESTS = 1_000_000  # of a round: all due times are drawn before the round starts


@click.command(cls=DocumentedCommand, example="load flask bottle --rate 200")
@names_argument
@click.option(
    "--closed-loop",
    "by_wrk",
    is_flag=True,
    cls=RenamedOption,
    former="--closed",
    help="Measure the peak throughput with wrk.",
)
@click.option(
    "--rate",
    type=FiniteNumber(0.1, 50_000),
    metavar="R",
    help="Measure the latency at R requests a second.",
)
@click.option(
    "--peak-fraction",
    "share",
    type=FiniteNumber(0.01, 1),
    metavar="F",
    cls=RenamedOption,
    former="--share",
    help="Measure the latency at this fraction of each framework's own peak.",
)
@click.option(
    "--servers",
    "by_server",
    is_flag=True,
    help="Measure the peak throughput on several WSGI servers with wrk.",
)
@click.option("--page", default="menu", metavar="PAGE", help="Page that a plain GET shows.")
@click.option(
    "--connections",
    multiple=True,
    type=WholeNumber(1, 1000),
    show_default="16",
    help="Connections of --closed-loop; may be repeated.",
)
@click.option(
    "--scaling",
    "growing",
    is_flag=True,
    cls=RenamedOption,
    former="--growth",
    help="Measure --closed-loop with 1 to 256 connections.",
)
@click.option(
    "--rounds",
    type=WholeNumber(2, 100),
    show_default="5; 3 with a rate or --scaling",
    help="Rounds of each framework.",
)
@click.option(
    "--seconds",
    type=FiniteNumber(0.1, 600),
    show_default=f"{open_loop.ROUND_SECONDS:g}",
    help="Seconds of a round at a rate.",
)
@baseline_option
@cluster_option
@click.option(
    "--listen",
    default=LOOPBACK,
    metavar="HOST",
    help="Address of this machine that the sites listen on, for the workers of --cluster.",
)
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
    """Measure the sites under load over HTTP.

    Each site runs on waitress. If the machine has two cores, the site has one core and the load
    generator another. --closed-loop and --servers measure the peak throughput; only a fixed rate
    shows how long a client waits. With --cluster each worker sends its share of the rate to the
    sites on this machine.

    Prints a table of throughput or of percentiles of latency. Writes report/results.json.
    """
    if sum(map(bool, (by_wrk, rate, share, by_server))) != 1:
        raise UsageError("use exactly one of --closed-loop, --rate, --peak-fraction and --servers")
    if (growing or connections) and not by_wrk:
        raise UsageError("--scaling and --connections need --closed-loop")
    if by_wrk or by_server:
        forbid_rate_options(seconds, cluster)
    seconds = seconds or open_loop.ROUND_SECONDS
    require_request_count(rate, seconds)
    if listen != LOOPBACK and not cluster:
        raise UsageError("--listen needs --cluster: other loads come from this machine")
    paths, target_page = Paths.from_environ(), find_loadable_page(page)
    frameworks, code = select_frameworks(
        paths, names or (servers.DEFAULT_FRAMEWORKS if by_server else ())
    )
    ready, code = ensure_environments(frameworks, paths, names, code)
    if not ready:
        raise DependencyError("no framework has an environment; run: cookoff setup")
    if cluster:
        from bench.measure.cluster import load_run  # Dask is an optional dependency

        settings = load_run.LoadSettings(
            target_page, rate, share, rounds or open_loop.ROUNDS, seconds
        )
        results = Results(
            open_loop=load_run.measure_cluster_load(
                cluster, ready, paths, baseline, settings, listen
            )
        )
    else:
        with fresh_testbed(ready, paths, baseline) as testbed, Progress() as progress:
            if by_wrk:
                default = closed_loop.GROWTH_CONNECTIONS if growing else closed_loop.CONNECTIONS
                counts = connections or default
                rounds = rounds or (closed_loop.GROWTH_ROUNDS if growing else closed_loop.ROUNDS)
                results = Results(
                    closed_loop=closed_loop.measure(testbed, target_page, counts, rounds, progress)
                )
            elif by_server:
                rounds = rounds or closed_loop.ROUNDS
                results = Results(servers=servers.measure(testbed, target_page, rounds, progress))
            else:
                rounds = rounds or open_loop.ROUNDS
                results = Results(
                    open_loop=open_loop.measure(
                        testbed, target_page, rate, share, rounds, seconds, progress
                    )
                )
    merge.write_parts(results, ready, paths)
    print_results(results, as_json)
    return 1 if any(part.failed for part in get_load_parts(results)) else code


def forbid_rate_options(seconds: float | None, cluster: str) -> None:
    """Raise UsageError for options that only a load at a rate accepts."""
    if seconds:
        raise UsageError("--seconds needs --rate or --peak-fraction")
    if cluster:
        raise UsageError("--cluster needs --rate or --peak-fraction")


def require_request_count(rate: float | None, seconds: float) -> None:
    """Raise UsageError when a round at this rate has no request, or more than memory holds."""
    if rate and not 1 <= rate * seconds <= MAX_REQUESTS:
        raise UsageError(
            f"--rate {rate:g} for --seconds {seconds:g} is {rate * seconds:,.1f} requests a round; "
            f"use 1 to {MAX_REQUESTS:,} requests"
        )


def get_load_parts(results: Results) -> list[ClosedLoad | OpenLoad | Servers]:
    """Return the measured loads."""
    parts = (results.closed_loop, results.open_loop, results.servers)
    return [part for part in parts if part]


def print_results(results: Results, as_json: bool) -> None:
    """Print the tables of the results, then failures and warnings."""
    if as_json:
        click.echo(format_json(results))
        return
    for title, rows in build_tables(results):
        if rows:
            click.echo(f"\n{title}")
            print_rows(rows)
    for part in get_load_parts(results):
        for reason in part.failed.values():
            print_text(f"not ranked: {reason}")
    for name, reason in results.servers.skipped.items() if results.servers else ():
        print_text(f"skipped: {name}: {reason}")
    if results.open_loop:
        print_generator_warnings(results.open_loop)


def print_generator_warnings(part: OpenLoad) -> None:
    """Print what limits the results of an open loop, and where the load came from."""
    for name, reason in part.too_busy.items():
        print_text(f"not ranked, machine too busy: {name}: {reason}")
    if part.generator_warning:
        print_text(f"generator too slow: {part.generator_warning}")
    if part.cluster:
        workers = format_count(part.cluster.workers, "worker")
        click.echo(f"{workers} sent requests to the sites on {part.cluster.host}")


def build_tables(results: Results) -> Iterator[tuple[str, list[Row]]]:
    """Yield the title and the rows of each table."""
    if closed := results.closed_loop:
        for count, targets in closed.connections.items():
            title = f"{closed.page} at {format_count(int(count), 'connection')}: requests a second"
            yield title, [{"name": name, **asdict(row)} for name, row in targets.items()]
        title = "growth with connections: requests a second"
        yield title, [build_curve_row(name, curve) for name, curve in closed.scaling.items()]
    if part := results.open_loop:
        hidden = ["percentiles_ms", "p50_interval_ms", "p90_interval_ms"]
        hidden += [] if part.peak_fraction else ["peak_rps"]
        yield (
            f"{part.page} at a fixed rate",
            [
                {"name": name} | {key: v for key, v in asdict(row).items() if key not in hidden}
                for name, row in part.frameworks.items()
            ],
        )
    if results.servers:
        for framework, by_server in results.servers.frameworks.items():
            title = f"{framework}: {results.servers.page} on several servers"
            yield title, [{"server": name, **asdict(row)} for name, row in by_server.items()]
