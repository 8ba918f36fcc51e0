"""Run the steps of `cookoff compare`: contract, code, cost, start-up and call counts."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from msgspec import convert, to_builtins
from packaging.utils import canonicalize_name

from bench.analysis import line_coverage
from bench.analysis.code_metrics import measure_code, read_sources
from bench.analysis.handlers import ParsedSite
from bench.analysis.provisions import verified_provisions
from bench.cli import contract as contract_cli
from bench.cli.board import Board
from bench.conformance import contract
from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.frameworks.app_files import read_each
from bench.frameworks.environments import Environment
from bench.frameworks.manifest import Framework
from bench.frameworks.packages import Package, find_packages
from bench.measure.cost import call_counts, layer_times, startup
from bench.measure.cost.adaptive_run import AdaptiveRun
from bench.measure.cost.budget import SamplingBudget
from bench.measure.workload.scenarios import (
    MENU,
    OVERVIEW_PAGE_NAMES,
    PAGES,
    SITE,
    select_pages,
)
from bench.measure.workload.testbed import fresh_testbed
from bench.results import merge, raw_times
from bench.results.schema import (
    Cost,
    DeclaredDeviation,
    FrameworkFacts,
    TaughtResult,
)

SITE_PAGES = [page for page in PAGES if page.module == SITE]
DEFAULT_EFFORT = SamplingBudget(launches=5, cycles=12, budget_seconds=28.0)


def choose_effort(launches: int | None, cycles: int | None) -> SamplingBudget:
    """Return the budget of the command line without a time budget, else the default budget."""
    if launches is None and cycles is None:
        return DEFAULT_EFFORT
    return SamplingBudget(launches or DEFAULT_EFFORT.launches, cycles or DEFAULT_EFFORT.cycles)


def run_contracts_and_analyze(
    ready: Sequence[Environment], board: Board
) -> tuple[list[contract.SiteResult], dict[str, FrameworkFacts], dict[str, str]]:
    """Run all clauses at each site, hardened and as taught, and read the code of each site.

    The code of a site is read as soon as the clauses of the hardened site have run. Return the
    results of the hardened sites, then those of the sites as taught; the facts by name; and the
    reason for each app whose code cannot be read.
    """
    by_name = {environment.framework.name: environment for environment in ready}
    facts: dict[str, FrameworkFacts] = {}
    unreadable: dict[str, str] = {}
    lock = Lock()  # coverage parses code, too, and parsing is safe in one thread at a time

    with TemporaryDirectory() as records:

        def analyze(report: contract.SiteResult) -> None:
            board.print_note(contract_cli.format_result(report))
            board.show_result(report)
            if report.as_taught:
                return
            with lock:
                environment = {report.name: by_name[report.name]}
                results, reasons = read_each(
                    environment, lambda each: collect_facts(each, report, Path(records))
                )
                facts.update(results)
                for name, each in results.items():
                    board.show_code(name, each.code)
                unreadable.update(reasons)

        hardened, taught = contract.run_both_contracts(
            list(by_name), ["--record", records], analyze, board.show_clauses
        )
    add_taught_results(facts, taught)
    ordered = {name: facts[name] for name in by_name if name in facts}
    return [*hardened, *taught], ordered, unreadable


def add_taught_results(
    facts: Mapping[str, FrameworkFacts], taught: Sequence[contract.SiteResult]
) -> None:
    """Store the results of the sites as taught in the facts of their frameworks."""
    for report in taught:
        if report.name in facts and not report.not_run_reason:
            facts[report.name].contract.as_taught = TaughtResult(
                levels=report.count_levels(),
                failed=report.failed_clauses,
            )


def collect_facts(
    environment: Environment, report: contract.SiteResult, records: Path
) -> FrameworkFacts:
    """Return the facts of a framework's code, with the lines that ran during the contract."""
    framework = environment.framework
    site = ParsedSite(framework)
    coverage = line_coverage.summarize_coverage(
        site, line_coverage.find_records(framework, records)
    )
    packages = find_packages(environment)
    provisions, contradictions = verified_provisions(framework, site, packages, coverage)
    return FrameworkFacts(
        name=framework.name,
        title=environment.title,
        home=framework.home,
        docs=framework.docs,
        docs_search=framework.docs_search,
        python=framework.python,
        licence=find_licence(framework, packages),
        summary=framework.summary,
        templates=framework.templates,
        deviations=convert(to_builtins(framework.deviations), list[DeclaredDeviation]),
        contract=report.build_part(),
        code=measure_code(environment),
        release_date=framework.release_dates.get(environment.version, ""),
        provisions=provisions,
        false_declarations=contradictions,
        coverage=coverage,
        sources=read_sources(framework, site),
    )


def find_licence(framework: Framework, packages: Sequence[Package]) -> str:
    """Return the licence of the framework itself, "" when none is known."""
    names = {canonicalize_name(framework.distribution or framework.name)}
    matches = (package for package in packages if canonicalize_name(package.name) in names)
    return next((package.licence for package in matches), "")


def measure_cost(
    ready: Sequence[Environment], paths: Paths, budget: SamplingBudget, board: Board
) -> Cost | None:
    """Time some pages of these frameworks on a fresh database."""
    with fresh_testbed(ready, paths) as testbed:
        run = AdaptiveRun(testbed, select_pages(OVERVIEW_PAGE_NAMES), budget)
        run.run(board, on_launch=lambda seconds: board.show_cost(run.summarize(), seconds))
    raw_times.write_raw_times(run.measurement.times, run.measurement.seed)
    return run.summarize()


def measure_startup(ready: Sequence[Environment], paths: Paths, progress: Progress) -> None:
    """Measure and store the start-up of the frameworks whose start-up is not stored yet.

    A start-up takes a few seconds; `cookoff cost --full` also measures the memory after 10,000
    requests, which takes minutes.
    """
    if unmeasured := merge.not_measured("startup", ready, paths):
        with fresh_testbed(unmeasured, paths) as testbed:
            merge.write_parts(
                startup.measure_startup(testbed, startup.QUICK_PLAN, progress), unmeasured, paths
            )


def measure_layer_times(passed: Sequence[Environment], paths: Paths, progress: Progress) -> None:
    """Store the shares of the menu page's time in each layer."""
    if passed:
        with fresh_testbed(passed, paths) as testbed:
            pages = select_pages([MENU])
            merge.write_parts(
                layer_times.measure_layer_times(testbed, progress, pages), passed, paths
            )


def count_calls(passed: Sequence[Environment], paths: Paths, progress: Progress) -> None:
    """Store the calls by layer of the site's pages, and the repeated work of warm requests."""
    if passed:
        with fresh_testbed(passed, paths) as testbed:
            merge.write_parts(call_counts.count_calls(testbed, progress, SITE_PAGES), passed, paths)
