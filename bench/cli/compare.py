"""What do all of them do, take and cost, in one run? Ends in the report."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

from bench.cli import contract as contract_cli
from bench.cli.common import exit_code, json_option, names_argument, select_frameworks
from bench.cli.cost_tables import print_warnings
from bench.cli.option_types import WholeNumber
from bench.cli.pipeline import (
    choose_effort,
    count_calls,
    log_step,
    measure_cost,
    measure_startup,
    run_contract_and_analyze,
)
from bench.conformance import contract
from bench.core import machine
from bench.core.errors import CookoffError, DependencyError
from bench.core.paths import Paths
from bench.core.tables import Row, print_rows
from bench.frameworks import environments
from bench.frameworks.environments import Environment, EnvironmentBuildError
from bench.report import page as report
from bench.results import merge, store
from bench.results.request_warnings import find_warnings
from bench.results.subset import drop_uncompared

# Within a budget: where all would take longer, cycles are cut first, then launches.
MAX_LAUNCHES, MAX_CYCLES = 100, 10_000


@click.command()
@names_argument
@click.option(
    "--launches",
    type=WholeNumber(2, MAX_LAUNCHES),
    help="As many, however long it takes.  [default: up to 5]",
)
@click.option(
    "--cycles",
    type=WholeNumber(1, MAX_CYCLES),
    help="Slices per launch and page, likewise.  [default: up to 12]",
)
@json_option
def command(names: tuple[str, ...], launches: int | None, cycles: int | None, as_json: bool) -> int:
    """Set up, prove, count and time the NAMES, or all; write report/index.html.

    A framework is timed only while every clause of the contract holds for it. Ends with 3 where no
    clause ran.
    """
    places = Paths.from_environ()
    shelf, code = select_frameworks(places, names)
    log_step("environments")
    outcomes = environments.ensure_all_environments(shelf, places)
    ready = [one for one in outcomes.values() if isinstance(one, Environment)]
    missing = {
        name: str(one).removeprefix(f"{name}: ")
        for name, one in outcomes.items()
        if isinstance(one, EnvironmentBuildError)
    }
    if not ready:
        raise DependencyError("no framework's environment is there; run: cookoff setup")
    log_step(f"contract: {len(ready)} sites")
    reports, found, left_out = run_contract_and_analyze(ready)
    code = contract_cli.exit_code(reports, exit_code(outcomes, names, code))
    if all(one.not_run_reason for one in reports):
        raise DependencyError(
            "nothing was compared, and nothing is written: no clause ran at any site"
        )
    if not found:
        raise CookoffError(
            "nothing was compared, and nothing is written: no app's code can be read"
        )
    passed = [
        one
        for one, asked in zip(ready, reports, strict=True)
        if asked.passed and asked.name in found
    ]
    cost = measure_cost(passed, places, choose_effort(launches, cycles)) if passed else None
    measure_startup(passed, places)
    count_calls(passed, places)
    asked = contract.results_as_dict(reports)
    for name, one in asked["results"].items():
        if name in found:
            found[name]["contract"] = one | {"total": asked["clauses"]}
    told = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine.collect_facts(),
        "frameworks": found,
        "missing": missing
        | {name: why.replace(f"{places.apps}/", "") for name, why in left_out.items()},
        "clauses": asked["clauses"],
        "cost": cost,
    }
    merge.write_parts(told, ready, places)
    if as_json:
        click.echo(store.RESULTS_FILE.read_text(encoding="utf-8"))
    else:
        print_summary(reports, drop_uncompared(store.read_results()))
    written = report.write_report()  # last: what was found is printed even if this fails
    if not as_json:
        click.echo(f"report: {written}")
    return 1 if left_out or any(one["untrue"] for one in found.values()) else code


def print_summary(reports: Sequence[contract.SiteResult], found: dict[str, Any]) -> None:
    """Print the summary, then what failed."""
    print_rows([build_row(one, found) for one in found["frameworks"].values()])
    for name, reason in found["missing"].items():
        click.echo(f"{name} is left out: {reason}")
    for one in found["frameworks"].values():
        for reason in one["untrue"]:
            click.echo(f"{one['name']}: framework.toml: {reason}")
    for one in reports:
        for line in contract.format_failures(one):
            click.echo(line)
    print_warnings(find_warnings(found.get("warm", {}), found.get("layers", {})))


def build_row(one: dict[str, Any], found: dict[str, Any]) -> Row:
    """Return one framework's row of the summary."""
    pages = (found["cost"] or {"pages": {}})["pages"]
    costs = {page: by_name.get(one["name"]) for page, by_name in pages.items()}
    return {
        "framework": one["title"],
        "clauses": f"{one['contract']['passed']}/{one['contract']['total']}",
        "Python": one["code"]["python_lines"],
        "templates": one["code"]["template_lines"],
        "packages": len(one["code"]["packages"]),
        "MB": one["code"]["megabytes"],
        **{f"{page} µs": cost and cost["microseconds"] for page, cost in costs.items()},
    }
