"""Measure the time and the calls that hardening adds to the site as taught.

Each framework enters twice in one interleaved run: hardened, under its name, and as taught. The
part "hardening" has the settings of the run and

    pages   {page: {name: {
        "taught_microseconds"       median time of a request, as taught
        "added_microseconds"        by hardening, with "added_low" and "added_high", the bounds of
                                    the 99 % confidence interval
        "ratio", "low", "high"      of the hardened site to the site as taught
        "verdict"                   "slower", "faster" or "not decided"
        "taught_calls"              calls of functions in the application, as taught
        "added_calls"}}}            by hardening; both null when the calls were not counted
"""

from collections.abc import Sequence
from dataclasses import replace

from msgspec.structs import asdict

from bench.core.progress import Progress
from bench.measure.cost.budget import SamplingBudget
from bench.measure.cost.call_counts import sort_by_name
from bench.measure.cost.interleaved_timing import Measurement
from bench.measure.cost.site_variants import (
    CallsByPage,
    Comparison,
    compare_variants,
    describe_run,
    measure_variants,
)
from bench.measure.workload.entries import Testbed
from bench.measure.workload.scenarios import Page
from bench.results.schema import TAUGHT_SUFFIX, Hardening, HardeningCost, Noise, Results


def measure_hardening(
    testbed: Testbed, progress: Progress, pages: Sequence[Page], budget: SamplingBudget, seed: int
) -> Results:
    """Return the part "hardening" for every framework and page.

    An interrupted run writes the finished launches to results.json, without calls.
    """
    taught = {
        environment.framework.name: testbed.build_taught_entry(environment)
        for environment in testbed.environments
    }
    return measure_variants(
        replace(testbed, variants=taught),
        progress,
        pages,
        budget,
        seed,
        lambda *measured: Results(hardening=summarize_hardening(*measured)),
    )


def summarize_hardening(measurement: Measurement, noise: Noise, calls: CallsByPage) -> Hardening:
    """Return the part "hardening" for a measurement of two or more launches."""
    compared = compare_variants(measurement, TAUGHT_SUFFIX, calls)
    pages = {
        page: {name: build_cost(each) for name, each in by_name.items()}
        for page, by_name in compared.items()
    }
    return Hardening(**asdict(describe_run(measurement, noise)), pages=sort_by_name(pages))


def build_cost(compared: Comparison) -> HardeningCost:
    """Return the cost of hardening, from the comparison with the site as taught."""
    return HardeningCost(
        **asdict(compared.added),
        taught_microseconds=compared.variant_microseconds,
        taught_calls=compared.variant_calls,
    )
