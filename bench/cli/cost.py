"""What does `cookoff cost` do with what the reader typed?"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from bench.cli import cost_tables
from bench.cli.common import (
    cluster_option,
    ensure_environments,
    json_option,
    names_argument,
    select_frameworks,
)
from bench.cli.option_types import FiniteNumber, WholeNumber
from bench.core.errors import DependencyError, UsageError
from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.measure.cost import (
    call_counts,
    compare_runs,
    instructions,
    scaling,
    sensitivity,
    startup,
)
from bench.measure.cost.adaptive_run import AdaptiveRun
from bench.measure.cost.budget import FULL_BUDGET, QUICK_BUDGET, SamplingBudget
from bench.measure.cost.sensitivity import SensitivityRun
from bench.measure.workload.entries import Testbed
from bench.measure.workload.scenarios import PAGE_NAMES, Page, select_pages
from bench.measure.workload.scenarios import QUICK_PAGE_NAMES as QUICK_PAGES
from bench.measure.workload.testbed import fresh_testbed
from bench.results import merge, raw_times

# Each worker's hash seed is made of it, and has to fit into 32 bits:
# bench/measure/cost/interleaved_timing.py.
SEED = WholeNumber(0, 4_000_000)
Part = dict[str, Any]
Instrument = Callable[[Testbed, Progress, Sequence[Page]], Part]


@click.command()
@names_argument
@click.option("--quick/--full", default=True, show_default=True, help="2 minutes, or 25.")
@click.option("--page", "pages", multiple=True, metavar="P", help="Only this page; again for more.")
@click.option("--baseline", default="", metavar="NAME", help="What ratios refer to; else bare.")
@click.option(
    "--seed", type=SEED, default=1, show_default=True, help="Of the order of slices and hashes."
)
@click.option("--instructions", "by_valgrind", is_flag=True, help="Count instructions instead.")
@click.option(
    "--planted",
    "percent",
    type=FiniteNumber(1, 100),
    metavar="P",
    help="Slow a copy of each by P percent instead: is it told from the original?",
)
@click.option(
    "--repeat",
    "repetitions",
    type=WholeNumber(1, 1000),
    default=sensitivity.DEFAULT_REPETITIONS,
    show_default=True,
    help="Of --planted.",
)
@click.option("--growth", "growing", is_flag=True, help="Tell what grows with what instead.")
@click.option(
    "--diff",
    "compared",
    nargs=2,
    metavar="A B",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Run nothing: what moved, or was contradicted, between two results.json?",
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
    growing: bool,
    compared: tuple[Path, Path] | None,
    cluster: str,
    as_json: bool,
) -> int:
    """Measure what the NAMES, or all, add to a request.

    Time in the application, called with no server, all frameworks in turns; then the calls by
    layer, imports, first reply and memory. Written to report/results.json, the raw times to
    report/cost-blocks.json.gz. Ctrl-C keeps what was finished.

    With --cluster the time alone, one launch of one page after the other on each worker; absolute
    times of a page are those of one machine. Begun again, the command does only what is missing.
    """
    if cluster and (growing or by_valgrind or compared or percent):
        raise UsageError(
            "--cluster tells the time; not --instructions, --growth, --planted or --diff"
        )
    if compared:
        return compare_runs.print_comparison(*compared, as_json)
    places = Paths.from_environ()
    wanted = select_pages(pages or (QUICK_PAGES if quick or by_valgrind else PAGE_NAMES))
    found, code = select_frameworks(places, names)
    ready, code = ensure_environments(found, places, names, code)
    if not ready:
        raise DependencyError("no framework's environment is there; run: cookoff setup")
    effort, start = (
        (QUICK_BUDGET, startup.QUICK_PLAN) if quick else (FULL_BUDGET, startup.FULL_PLAN)
    )
    if cluster:
        from bench.measure.cluster import cost_run  # Dask is an extra

        ground = cost_run.build_testbed(ready, places, baseline)
        return finish_run(
            cost_run.measure_cluster_cost(cluster, ground, wanted, effort, seed), as_json, code
        )
    instruments: list[Instrument] = [
        lambda ground, progress, pages: time_pages(ground, progress, pages, effort, seed),
        call_counts.count_calls,
        lambda ground, progress, pages: startup.measure_startup(ground, start, progress),
    ]
    if growing or by_valgrind or percent:
        instruments = (
            scaling.build_instruments() * growing + [instructions.count_instructions] * by_valgrind
        )
    if percent:
        instruments.append(build_sensitivity_run(effort, percent, seed, repetitions))
    with fresh_testbed(ready, places, baseline) as ground, Progress() as progress:
        told = run_instruments(instruments, ground, progress, wanted)
    return finish_run(told, as_json, code)


def finish_run(told: Part, as_json: bool, code: int) -> int:
    """Print what was found, and return the exit code."""
    cost_tables.print_parts(told, as_json)
    doubtful = "planted" in told and not sensitivity.is_reliable(told["planted"])
    return 1 if doubtful or told.get("cost", {}).get("failed") else code


def build_sensitivity_run(
    effort: SamplingBudget, percent: float, seed: int, repetitions: int
) -> Instrument:
    """Return the instrument that plants differences and sees whether they are told."""

    def planting(ground: Testbed, progress: Progress, pages: Sequence[Page]) -> Part:
        return SensitivityRun(ground, pages, effort, percent, seed).run(progress, repetitions)

    return planting


def run_instruments(
    instruments: list[Instrument], ground: Testbed, progress: Progress, pages: Sequence[Page]
) -> Part:
    """Use one instrument after the other, and write what each found at once."""
    told: Part = {}
    for instrument in instruments:
        try:
            part = instrument(ground, progress, pages)
        except KeyboardInterrupt:
            if told:
                kept = ", ".join(told)
                progress.print_note(f"cookoff: broken off; finished and kept: {kept}")
            raise
        merge.write_parts(part, ground.environments, ground.paths)
        told |= part
    return told


def time_pages(
    ground: Testbed, progress: Progress, pages: Sequence[Page], effort: SamplingBudget, seed: int
) -> Part:
    """Time the pages, and write the raw times; what was finished is kept on any error."""
    run = AdaptiveRun(ground, pages, effort, seed)
    try:
        run.run(progress)
    except BaseException:
        launches = run.measurement.launches
        if found := run.summarize():
            merge.write_parts({"cost": found}, ground.environments, ground.paths)
            raw_times.write_raw_times(run.measurement.times, run.measurement.seed)
        kept = f"kept: {launches} launches" if found else "too few launches to say anything"
        progress.print_note(f"cookoff: the timing was broken off; {kept}")
        raise
    raw_times.write_raw_times(run.measurement.times, run.measurement.seed)
    return {"cost": run.summarize()}
