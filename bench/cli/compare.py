"""Define the command `cookoff compare`: run the main comparison and write the report."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import click

from bench.cli import contract as contract_cli
from bench.cli.board import Board, keep_first_page
from bench.cli.common import (
    exit_code,
    json_option,
    names_argument,
    print_missing,
    select_frameworks,
)
from bench.cli.contract import format_failed_count
from bench.cli.cost_tables import print_warnings
from bench.cli.documented import DocumentedCommand
from bench.cli.option_types import WholeNumber
from bench.cli.pipeline import (
    choose_effort,
    count_calls,
    measure_cost,
    measure_layer_times,
    measure_startup,
    run_contracts_and_analyze,
)
from bench.conformance import contract
from bench.core import machine
from bench.core.errors import CookoffError, DependencyError
from bench.core.hints import spell_commands
from bench.core.paths import Paths
from bench.core.tables import Row, print_rows, print_text
from bench.core.words import format_count
from bench.frameworks import environments
from bench.frameworks.environments import Environment, EnvironmentBuildError
from bench.frameworks.manifest import Framework
from bench.measure.cost.budget import SamplingBudget
from bench.report import site as report
from bench.results import merge, store
from bench.results.request_warnings import find_page_warnings
from bench.results.schema import ComparedResults, Cost, FrameworkFacts, Results
from bench.results.subset import drop_uncompared
from bench.results.validation import require_comparison
from bench.results.views import format_taught_clauses

# If the run would exceed its budget, cycles are reduced first, then launches.
MAX_LAUNCHES, MAX_CYCLES = 100, 10_000
TIMED_PAGE = "menu"  # whose cost the live table shows
MAX_FAILURES = 10  # failed clauses of one site in the summary


@click.command(cls=DocumentedCommand, example="compare flask bottle bare")
@names_argument
@click.option(
    "--launches",
    type=WholeNumber(2, MAX_LAUNCHES),
    show_default="up to 5",
    help="Launches of each entry, without a time budget.",
)
@click.option(
    "--cycles",
    type=WholeNumber(1, MAX_CYCLES),
    show_default="up to 12",
    help="Cycles of each launch and page, without a time budget.",
)
@json_option
def command(names: tuple[str, ...], launches: int | None, cycles: int | None, as_json: bool) -> int:
    """Run the main comparison, and write report/index.html.

    Builds the environments, runs the contract against each site, hardened and as taught, counts the
    code, and times the frameworks that pass every clause hardened and every core clause as taught.
    Ends with 3 when no clause ran.

    Prints a live table on a terminal, else a line for each step; then a row for each framework.
    Writes report/results.json and the report; report/index.html shows the progress from the start.
    """
    paths = Paths.from_environ()
    frameworks, code = select_frameworks(paths, names)
    with keep_first_page():
        return compare_frameworks(
            frameworks, names, paths, choose_effort(launches, cycles), as_json, code
        )


def compare_frameworks(
    frameworks: Sequence[Framework],
    names: tuple[str, ...],
    paths: Paths,
    budget: SamplingBudget,
    as_json: bool,
    code: int,
) -> int:
    """Run all steps, write the results and the report, and return the exit code."""
    with Board([framework.name for framework in frameworks], TIMED_PAGE) as board:
        ready, missing, code = build_environments(frameworks, names, paths, board, code)
        board.start_step(f"contract: {format_count(len(ready), 'site')}, hardened and as taught")
        reports, facts, unreadable = run_contracts_and_analyze(ready, board)
        code = contract_cli.exit_code(reports, code)
        require_facts(reports, facts)
        cost = measure_passed(ready, reports, facts, paths, budget, board)
    clauses = max(len(report.outcomes) for report in reports)
    for each in facts.values():
        each.contract.total = clauses
    results = Results(
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        machine=machine.collect_facts(),
        frameworks=facts,
        skipped=missing
        | {name: reason.replace(f"{paths.apps}/", "") for name, reason in unreadable.items()},
        clauses=clauses,
        cost=cost,
    )
    merge.write_parts(results, ready, paths)
    if as_json:
        click.echo(store.RESULTS_FILE.read_text(encoding="utf-8"))
    else:
        print_summary(reports, drop_uncompared(require_comparison(store.read_results())))
    written = report.write_report()  # last: the summary is printed even if this fails
    if not as_json:
        click.echo(f"report: {written}")
    return 1 if unreadable or any(each.false_declarations for each in facts.values()) else code


def build_environments(
    frameworks: Sequence[Framework],
    names: tuple[str, ...],
    paths: Paths,
    board: Board,
    code: int,
) -> tuple[list[Environment], dict[str, str], int]:
    """Return the environments, the reason for each missing environment, and the exit code.

    Raise DependencyError without any environment.
    """
    board.start_step("environments")
    outcomes = environments.ensure_all_environments(frameworks, paths, board.show_environment)
    print_missing(outcomes, "skipped: ")
    ready = [outcome for outcome in outcomes.values() if isinstance(outcome, Environment)]
    missing = {
        name: str(outcome).removeprefix(f"{name}: ")
        for name, outcome in outcomes.items()
        if isinstance(outcome, EnvironmentBuildError)
    }
    if not ready:
        raise DependencyError("no framework has an environment; run: cookoff setup")
    return ready, missing, exit_code(outcomes, names, code)


def require_facts(
    reports: Sequence[contract.SiteResult], facts: Mapping[str, FrameworkFacts]
) -> None:
    """Raise DependencyError when no clause ran, CookoffError when no app's code can be read."""
    if all(report.not_run_reason for report in reports):
        raise DependencyError(
            "nothing was compared, and nothing is written: no clause ran at any site"
        )
    if not facts:
        raise CookoffError(
            "nothing was compared, and nothing is written: no app's code can be read"
        )


def measure_passed(
    ready: Sequence[Environment],
    reports: Sequence[contract.SiteResult],
    facts: Mapping[str, FrameworkFacts],
    paths: Paths,
    budget: SamplingBudget,
    board: Board,
) -> Cost | None:
    """Measure the frameworks that passed both contracts; return the part "cost"."""
    failed = {report.name for report in reports if not report.passed}
    passed = [
        environment for environment in ready if environment.framework.name in facts.keys() - failed
    ]
    cost = measure_cost(passed, paths, budget, board) if passed else None
    measure_startup(passed, paths, board)
    count_calls(passed, paths, board)
    measure_layer_times(passed, paths, board)
    return cost


def print_summary(reports: Sequence[contract.SiteResult], results: ComparedResults) -> None:
    """Print the summary, then the failures and the warnings."""
    print_rows([build_row(facts, results) for facts in results.frameworks.values()])
    for name, reason in results.skipped.items():
        print_text(f"{name} skipped: {reason}")
    for facts in results.frameworks.values():
        for reason in facts.false_declarations:
            print_text(f"{facts.name}: framework.toml: {reason}")
    for site_result in reports:
        for line in format_failure_summary(site_result):
            click.echo(spell_commands(line))
    print_warnings(find_page_warnings(results))


def format_failure_summary(result: contract.SiteResult) -> list[str]:
    """Return the first failed clauses of a site, and the reason why the site has no times."""
    lines = contract.format_failures(result)
    if not lines:
        return []
    more = len(lines) - MAX_FAILURES
    hint = f"{more} more; run: cookoff contract {result.name}"
    failed = format_failed_count(result)
    return [
        *lines[:MAX_FAILURES],
        *([f"{result.name}: {hint}"] if more > 0 else []),
        f"{result.name}: not timed: {failed}",
    ]


def build_row(facts: FrameworkFacts, results: ComparedResults) -> Row:
    """Return one framework's row of the summary."""
    pages = results.cost.pages if results.cost else {}
    costs = {page: by_name.get(facts.name) for page, by_name in pages.items()}
    return {
        "framework": facts.title,
        "clauses": f"{facts.contract.passed}/{facts.contract.total}",
        "Python": facts.code.python_lines,
        "hardening": facts.code.hardening_lines,
        "as taught": format_taught_clauses(facts.contract) or "unknown",
        "templates": facts.code.template_lines,
        "packages": len(facts.code.packages),
        "MB": facts.code.megabytes,
        **{f"{page} µs": cost and cost.microseconds for page, cost in costs.items()},
    }
