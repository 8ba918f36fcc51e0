"""The steps of `cookoff compare`: contract, code, cost, start-up and call counts."""

import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

import click
from msgspec.structs import asdict
from packaging.utils import canonicalize_name

from bench.analysis import line_coverage
from bench.analysis.code_metrics import measure_code, read_sources
from bench.analysis.handlers import ParsedSite
from bench.analysis.provisions import verified_provisions
from bench.cli import contract as contract_cli
from bench.conformance import contract
from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.frameworks.app_files import read_each
from bench.frameworks.environments import Environment
from bench.frameworks.manifest import Framework
from bench.frameworks.packages import Package, find_packages
from bench.measure.cost import call_counts, startup
from bench.measure.cost.adaptive_run import AdaptiveRun
from bench.measure.cost.budget import SamplingBudget
from bench.measure.workload.scenarios import PAGES, SITE, select_pages
from bench.measure.workload.testbed import fresh_testbed
from bench.results import merge, raw_times

SITE_PAGES = [page for page in PAGES if page.module == SITE]
# A first look: the page guests ask for most, a write, and what costs nearly nothing. The others,
# and the other instruments: cookoff cost.
TIMED_PAGES = ("menu", "order by form", "static file")
DEFAULT_EFFORT = SamplingBudget(launches=5, cycles=12, budget_seconds=28.0)


def choose_effort(launches: int | None, cycles: int | None) -> SamplingBudget:
    """Return the effort that was asked for, whole, or the first look within its budget."""
    if launches is None and cycles is None:
        return DEFAULT_EFFORT
    return SamplingBudget(launches or DEFAULT_EFFORT.launches, cycles or DEFAULT_EFFORT.cycles)


def run_contract_and_analyze(
    ready: Sequence[Environment],
) -> tuple[list[contract.SiteResult], dict[str, dict[str, Any]], dict[str, str]]:
    """Ask each site all clauses, and read its code as soon as it is known which lines ran.

    Returns the reports, the facts by name, and why an app whose code cannot be read has none.
    """
    by_name = {one.framework.name: one for one in ready}
    found: dict[str, dict[str, Any]] = {}
    left_out: dict[str, str] = {}
    turn = (
        Lock()
    )  # coverage makes syntax trees as well, and one at a time is safe: handlers.ONE_TREE

    with TemporaryDirectory() as records:

        def told(report: contract.SiteResult) -> None:
            contract_cli.log_report(report)
            with turn:
                this = {report.name: by_name[report.name]}
                read, unread = read_each(this, lambda one: collect_facts(one, Path(records)))
                found.update(read)
                left_out.update(unread)

        reports = contract.run_contract(list(by_name), ["--record", records], told)
    return reports, {name: found[name] for name in by_name if name in found}, left_out


def log_step(step: str) -> None:
    """Say what runs now."""
    click.echo(f"{time.strftime('%H:%M:%S')} {step}", err=True)


def collect_facts(environment: Environment, records: Path) -> dict[str, Any]:
    """Return what is known of a framework's code, and which of its lines ran in the contract."""
    framework = environment.framework
    site = ParsedSite(framework)
    ran_here = line_coverage.summarize_coverage(
        site, line_coverage.find_records(framework, records)
    )
    packages = find_packages(environment)
    brings, untrue = verified_provisions(framework, site, packages, ran_here)
    return {
        "name": framework.name,
        "title": environment.title,
        "home": framework.home,
        "docs": framework.docs,
        "docs_search": framework.docs_search,
        "python": framework.python,
        "licence": find_licence(framework, packages),
        "summary": framework.summary,
        "templates": framework.templates,
        "deviations": [asdict(one) for one in framework.deviations],
        "code": measure_code(environment).as_dict(),
        "released": framework.release_dates.get(environment.version, ""),
        "brings": brings,
        "untrue": untrue,
        "ran": ran_here,
        "sources": read_sources(framework, site),
    }


def find_licence(framework: Framework, packages: Sequence[Package]) -> str:
    """Return the licence of the framework itself, "" where there is none."""
    names = {canonicalize_name(framework.distribution or framework.name)}
    return next((one.licence for one in packages if canonicalize_name(one.name) in names), "")


def measure_cost(
    ready: Sequence[Environment], places: Paths, effort: SamplingBudget
) -> dict[str, Any] | None:
    """Time some pages of these frameworks on a fresh larder of their own."""
    with fresh_testbed(ready, places) as ground, Progress() as progress:
        run = AdaptiveRun(ground, select_pages(TIMED_PAGES), effort)
        run.run(progress)
    raw_times.write_raw_times(run.measurement.times, run.measurement.seed)
    return run.summarize()


def measure_startup(ready: Sequence[Environment], places: Paths) -> None:
    """Keep what starting takes, of those of whom it is not known already.

    A few seconds each; the memory after 10,000 requests takes minutes: cookoff cost --full.
    """
    if new := merge.not_measured("starts", ready, places):
        with fresh_testbed(new, places) as ground, Progress() as progress:
            merge.write_parts(
                startup.measure_startup(ground, startup.QUICK_PLAN, progress), new, places
            )


def count_calls(passed: Sequence[Environment], places: Paths) -> None:
    """Keep the calls by layer of the site's pages, and what their warm requests use anew."""
    if passed:
        with fresh_testbed(passed, places) as ground, Progress() as progress:
            merge.write_parts(call_counts.count_calls(ground, progress, SITE_PAGES), passed, places)
