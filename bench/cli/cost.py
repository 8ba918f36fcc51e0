"""Define the command `cookoff cost`, which measures the time of a request."""

from collections.abc import Callable, Sequence
from pathlib import Path

import click
from msgspec.structs import replace

from bench.cli import cost_tables
from bench.cli.blame import blame
from bench.cli.common import (
    baseline_option,
    cluster_option,
    ensure_environments,
    json_option,
    names_argument,
    select_frameworks,
)
from bench.cli.documented import DocumentedCommand
from bench.cli.option_types import FiniteNumber, WholeNumber
from bench.cli.renamed import RenamedOption
from bench.core.errors import DependencyError, UsageError
from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.core.words import format_count
from bench.measure.cost import (
    call_counts,
    compare_runs,
    hardening,
    instructions,
    layer_times,
    plain_links,
    scaling,
    sensitivity,
    startup,
)
from bench.measure.cost.adaptive_run import AdaptiveRun
from bench.measure.cost.budget import FULL_BUDGET, QUICK_BUDGET, SamplingBudget
from bench.measure.cost.sensitivity import SensitivityRun
from bench.measure.workload.entries import Testbed
from bench.measure.workload.scenarios import (
    MENU,
    OVERVIEW_PAGE_NAMES,
    PAGE_NAMES,
    QUICK_PAGE_NAMES,
    SITE,
    Page,
    select_pages,
)
from bench.measure.workload.testbed import fresh_testbed
from bench.results import merge, raw_times
from bench.results.schema import Results
from bench.results.store import get_parts

# bench/measure/cost/interleaved_timing.py computes the workers' hash seeds from this seed; a hash
# seed has 32 bits.
SEED = WholeNumber(0, 4_000_000)
Instrument = Callable[[Testbed, Progress, Sequence[Page]], Results]


@click.command(cls=DocumentedCommand, example="cost flask bottle bare --page menu")
@names_argument
@click.option("--quick/--full", default=True, help="Measure for about 2 minutes, or about 25.")
@click.option(
    "--page",
    "pages",
    multiple=True,
    metavar="PAGE",
    help="Measure only this page; may be repeated.",
)
@baseline_option
@click.option(
    "--seed", type=SEED, default=1, help="Seed of the order of slices, and of the hash seeds."
)
@click.option(
    "--instructions",
    "by_valgrind",
    is_flag=True,
    help="Count instructions and allocations with valgrind instead.",
)
@click.option(
    "--sensitivity",
    "percent",
    type=FiniteNumber(1, 100),
    metavar="PERCENT",
    cls=RenamedOption,
    former="--planted",
    help="Slow a copy of each framework by this percentage instead, and count how often the "
    "measurement detects the slowdown.",
)
@click.option(
    "--repetitions",
    type=WholeNumber(1, 1000),
    default=sensitivity.DEFAULT_REPETITIONS,
    cls=RenamedOption,
    former="--repeat",
    help="Repetitions of --sensitivity.",
)
@click.option(
    "--hardening",
    "with_hardening",
    is_flag=True,
    help="Measure the time and the calls that hardening adds to each site as taught instead, on "
    "three pages: menu, order by form, static file.",
)
@click.option(
    "--plain-links",
    "with_plain_links",
    is_flag=True,
    help="Measure the time and the calls that links by name add to the menu instead; a copy of "
    "each app has the paths written out.",
)
@click.option(
    "--scaling",
    "growing",
    is_flag=True,
    cls=RenamedOption,
    former="--growth",
    help="Measure how the time grows with routes, rows and bytes instead.",
)
@click.option(
    "--blame",
    "blamed",
    default="",
    show_default=False,
    metavar="FRAMEWORK",
    help="List the lines of this framework's app and templates by their time on a page instead; "
    "the page is the menu, or each --page, also a path such as /about.",
)
@click.option("--as-taught", is_flag=True, help="With --blame: the site without its hardening.")
@click.option(
    "--diff",
    "compared",
    nargs=2,
    metavar="OLD.json NEW.json",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Measure nothing; report the differences and contradictions between two results.",
)
@cluster_option
@json_option
def command(
    names: tuple[str, ...],
    quick: bool,
    pages: tuple[str, ...],
    baseline: str,
    seed: int,
    by_valgrind: bool,
    percent: float | None,
    repetitions: int,
    with_hardening: bool,
    with_plain_links: bool,
    growing: bool,
    blamed: str,
    as_taught: bool,
    compared: tuple[Path, Path] | None,
    cluster: str,
    as_json: bool,
) -> int:
    """Measure the time that each framework adds to a request.

    Measures the time in the application, called without a server, with all frameworks in turns;
    then calls by layer, imports, first reply and memory. Ctrl-C keeps the finished parts.

    Prints a table for each page, with 99 % intervals. Writes report/results.json, and the raw
    times to report/cost-blocks.json.gz.

    With --cluster only the time is measured, in tasks of one launch of one page on each worker; the
    absolute times of a page come from one machine. To continue an interrupted run, run the same
    command again.
    """
    other_instrument = growing or by_valgrind or percent or with_hardening or with_plain_links
    if cluster and (other_instrument or compared):
        raise UsageError(
            "--cluster measures only the time; "
            "remove --instructions, --hardening, --plain-links, --scaling, --sensitivity or --diff"
        )
    if compared:
        return compare_runs.print_comparison(*compared, as_json)
    if blamed or as_taught:
        others = (names, cluster, growing, by_valgrind, compared, percent, with_hardening)
        check_blame(blamed, any(others))
        return blame(blamed, pages, as_taught, as_json)
    paths = Paths.from_environ()
    default_pages = QUICK_PAGE_NAMES if quick or by_valgrind else PAGE_NAMES
    default_pages = OVERVIEW_PAGE_NAMES if with_hardening else default_pages
    default_pages = (plain_links.PAGE_NAME,) if with_plain_links else default_pages
    selected = select_pages(pages or default_pages)
    check_pages(selected, with_hardening, with_plain_links)
    frameworks, code = select_frameworks(paths, names)
    ready, code = ensure_environments(frameworks, paths, names, code)
    if not ready:
        raise DependencyError("no framework has an environment; run: cookoff setup")
    budget, plan = (QUICK_BUDGET, startup.QUICK_PLAN) if quick else (FULL_BUDGET, startup.FULL_PLAN)
    if cluster:
        from bench.measure.cluster import cost_run  # Dask is an optional dependency

        testbed = cost_run.build_testbed(ready, paths, baseline)
        results = cost_run.measure_cluster_cost(cluster, testbed, selected, budget, seed)
        return finish_run(results, as_json, code)
    chosen = [
        *scaling.build_instruments() * growing,
        *[instructions.count_instructions] * by_valgrind,
        *([build_sensitivity_run(budget, percent, seed, repetitions)] if percent else []),
        *[build_timing(hardening.measure_hardening, budget, seed)] * with_hardening,
        *[build_timing(plain_links.measure_plain_links, budget, seed)] * with_plain_links,
    ]
    instruments = chosen or [
        build_timing(time_pages, budget, seed),
        call_counts.count_calls,
        lambda testbed, progress, pages: layer_times.measure_layer_times(
            testbed, progress, select_layer_pages(pages, quick)
        ),
        lambda testbed, progress, pages: startup.measure_startup(testbed, plan, progress),
    ]
    with fresh_testbed(ready, paths, baseline) as testbed, Progress() as progress:
        results = run_instruments(instruments, testbed, progress, selected)
    return finish_run(results, as_json, code)


def select_layer_pages(pages: Sequence[Page], quick: bool) -> list[Page]:
    """Return the pages whose time is split by layer: in a quick run only the menu."""
    return [page for page in pages if page.module == SITE and (not quick or page.name == MENU)]


def check_blame(blamed: str, has_others: bool) -> None:
    """Raise UsageError when --blame or --as-taught cannot be used with the other arguments."""
    if not blamed:
        raise UsageError("--as-taught works only with --blame FRAMEWORK")
    if has_others:
        raise UsageError(
            "--blame measures one framework; use only --page, --as-taught and --json with --blame"
        )


def finish_run(results: Results, as_json: bool, code: int) -> int:
    """Print the results, and return the exit code."""
    cost_tables.print_results(results, as_json)
    unreliable = results.sensitivity and not sensitivity.is_reliable(results.sensitivity)
    timed = (results.cost, results.hardening, results.plain_links)
    failed = [part for part in timed if part and part.failed]
    return 1 if unreliable or failed else code


def check_pages(pages: Sequence[Page], with_hardening: bool, with_plain_links: bool) -> None:
    """Raise UsageError for a page that --hardening or --plain-links cannot measure."""
    for page in pages:
        if with_hardening and page.module != SITE:
            raise UsageError(f"--hardening measures the site: not with --page {page.name}")
        if with_plain_links and page.name != plain_links.PAGE_NAME:
            raise UsageError(f"--plain-links measures the menu: not with --page {page.name}")


def build_timing(
    measure: Callable[[Testbed, Progress, Sequence[Page], SamplingBudget, int], Results],
    budget: SamplingBudget,
    seed: int,
) -> Instrument:
    """Return an instrument that times the pages within a budget."""
    return lambda testbed, progress, pages: measure(testbed, progress, pages, budget, seed)


def build_sensitivity_run(
    budget: SamplingBudget, percent: float, seed: int, repetitions: int
) -> Instrument:
    """Return an instrument that slows copies of the frameworks and counts the detections."""

    def run_sensitivity(testbed: Testbed, progress: Progress, pages: Sequence[Page]) -> Results:
        return SensitivityRun(testbed, pages, budget, percent, seed).run(progress, repetitions)

    return run_sensitivity


def run_instruments(
    instruments: list[Instrument], testbed: Testbed, progress: Progress, pages: Sequence[Page]
) -> Results:
    """Run the instruments one after another, and write the results of each at once."""
    results = Results()
    for instrument in instruments:
        try:
            measured = instrument(testbed, progress, pages)
        except KeyboardInterrupt:
            if stored := get_parts(results):
                progress.print_note(
                    f"cookoff: interrupted; finished and stored: {', '.join(stored)}"
                )
            raise
        merge.write_parts(measured, testbed.environments, testbed.paths)
        results = replace(results, **get_parts(measured))
    return results


def time_pages(
    testbed: Testbed,
    progress: Progress,
    pages: Sequence[Page],
    budget: SamplingBudget,
    seed: int,
) -> Results:
    """Time the pages, and write the raw times; on any error, store the finished launches."""
    run = AdaptiveRun(testbed, pages, budget, seed)
    try:
        run.run(progress)
    except BaseException:
        launches = run.measurement.launches
        if part := run.summarize():
            merge.write_parts(Results(cost=part), testbed.environments, testbed.paths)
            raw_times.write_raw_times(run.measurement.times, run.measurement.seed)
        state = (
            f"stored: {format_count(launches, 'launch', 'launches')}"
            if part
            else "too few launches for a result"
        )
        progress.print_note(f"cookoff: timing interrupted; {state}")
        raise
    raw_times.write_raw_times(run.measurement.times, run.measurement.seed)
    return Results(cost=run.summarize())
