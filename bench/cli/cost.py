"""What does `cookoff cost` do with what the reader typed?"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from bench.cli import cost_tables
from bench.cli.common import chosen, cluster_option, json_option, names_argument, set_up
from bench.cli.option_types import FiniteNumber, WholeNumber
from bench.core.errors import Missing, Misuse
from bench.core.paths import Places
from bench.core.progress import Progress
from bench.measure.cost import (
    call_counts,
    compare_runs,
    instructions,
    scaling,
    sensitivity,
    startup,
)
from bench.measure.cost.adaptive_run import Run
from bench.measure.cost.budget import FULL, QUICK, Effort
from bench.measure.cost.sensitivity import Planted
from bench.measure.workload.entries import Ground
from bench.measure.workload.scenarios import NAMES, Page, pages_called
from bench.measure.workload.scenarios import QUICK as QUICK_PAGES
from bench.measure.workload.testbed import fresh_ground
from bench.results import merge, raw_times

# Each worker's hash seed is made of it, and has to fit into 32 bits:
# bench/measure/cost/interleaved_timing.py.
SEED = WholeNumber(0, 4_000_000)
Part = dict[str, Any]
Instrument = Callable[[Ground, Progress, Sequence[Page]], Part]


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
    default=sensitivity.REPETITIONS,
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
        raise Misuse("--cluster tells the time; not --instructions, --growth, --planted or --diff")
    if compared:
        return compare_runs.tell(*compared, as_json)
    places = Places.from_environ()
    wanted = pages_called(pages or (QUICK_PAGES if quick or by_valgrind else NAMES))
    found, code = chosen(places, names)
    ready, code = set_up(found, places, names, code)
    if not ready:
        raise Missing("no framework's environment is there; run: cookoff setup")
    effort, start = (QUICK, startup.QUICK) if quick else (FULL, startup.FULL)
    if cluster:
        from bench.measure.cluster import cost_run  # Dask is an extra

        ground = cost_run.ground_of(ready, places, baseline)
        return finish(cost_run.timed(cluster, ground, wanted, effort, seed), as_json, code)
    instruments: list[Instrument] = [
        lambda ground, progress, pages: timed(ground, progress, pages, effort, seed),
        call_counts.count,
        lambda ground, progress, pages: startup.measure(ground, start, progress),
    ]
    if growing or by_valgrind or percent:
        instruments = scaling.instruments() * growing + [instructions.count] * by_valgrind
    if percent:
        instruments.append(plant(effort, percent, seed, repetitions))
    with fresh_ground(ready, places, baseline) as ground, Progress() as progress:
        told = gather(instruments, ground, progress, wanted)
    return finish(told, as_json, code)


def finish(told: Part, as_json: bool, code: int) -> int:
    """Print what was found, and return the exit code."""
    cost_tables.tell(told, as_json)
    doubtful = "planted" in told and not sensitivity.holds(told["planted"])
    return 1 if doubtful or told.get("cost", {}).get("failed") else code


def plant(effort: Effort, percent: float, seed: int, repetitions: int) -> Instrument:
    """Return the instrument that plants differences and sees whether they are told."""

    def planting(ground: Ground, progress: Progress, pages: Sequence[Page]) -> Part:
        return Planted(ground, pages, effort, percent, seed).go(progress, repetitions)

    return planting


def gather(
    instruments: list[Instrument], ground: Ground, progress: Progress, pages: Sequence[Page]
) -> Part:
    """Use one instrument after the other, and write what each found at once."""
    told: Part = {}
    for instrument in instruments:
        try:
            part = instrument(ground, progress, pages)
        except KeyboardInterrupt:
            if told:
                kept = ", ".join(told)
                progress.note(f"cookoff: broken off; finished and kept: {kept}")
            raise
        merge.write(part, ground.environments, ground.places)
        told |= part
    return told


def timed(
    ground: Ground, progress: Progress, pages: Sequence[Page], effort: Effort, seed: int
) -> Part:
    """Time the pages, and write the raw times; what was finished is kept on any error."""
    run = Run(ground, pages, effort, seed)
    try:
        run.go(progress)
    except BaseException:
        launches = run.measurement.launches
        if found := run.summary():
            merge.write({"cost": found}, ground.environments, ground.places)
            raw_times.write(run.measurement.times, run.measurement.seed)
        kept = f"kept: {launches} launches" if found else "too few launches to say anything"
        progress.note(f"cookoff: the timing was broken off; {kept}")
        raise
    raw_times.write(run.measurement.times, run.measurement.seed)
    return {"cost": run.summary()}
