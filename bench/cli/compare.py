"""What do all of them do, take and cost, in one run? Ends in the report."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

import click
from packaging.utils import canonicalize_name

from bench.analysis import line_coverage
from bench.analysis.code_metrics import facts_of, sources_of
from bench.analysis.handlers import Site
from bench.analysis.provisions import brought
from bench.cli.common import chosen, exit_code, json_option, names_argument
from bench.cli.cost_tables import tell_warnings
from bench.cli.option_types import WholeNumber
from bench.conformance import contract
from bench.core import machine
from bench.core.errors import Missing, Trouble
from bench.core.paths import Places
from bench.core.progress import Progress
from bench.core.tables import Row, show
from bench.frameworks import environments
from bench.frameworks.app_files import read_each
from bench.frameworks.environments import Environment, NotBuilt
from bench.frameworks.manifest import Framework
from bench.frameworks.packages import Package, pulled_in
from bench.measure.cost import call_counts, startup
from bench.measure.cost.adaptive_run import Run
from bench.measure.cost.budget import Effort
from bench.measure.cost.warm_requests import warnings
from bench.measure.workload.scenarios import PAGES, SITE, pages_called
from bench.measure.workload.testbed import fresh_ground
from bench.report import page as report
from bench.results import merge, raw_times, store
from bench.results.subset import compared

SITE_PAGES = [page for page in PAGES if page.module == SITE]
# A first look: the page guests ask for most, a write, and what costs nearly nothing. The others,
# and the other instruments: cookoff cost.
TIMED = ("menu", "order by form", "static file")
# Within a budget: where all would take longer, cycles are cut first, then launches.
MOST_LAUNCHES, MOST_CYCLES = 100, 10_000
FIRST_LOOK = Effort(launches=5, cycles=12, budget_seconds=28.0)


@click.command()
@names_argument
@click.option(
    "--launches",
    type=WholeNumber(2, MOST_LAUNCHES),
    help="As many, however long it takes.  [default: up to 5]",
)
@click.option(
    "--cycles",
    type=WholeNumber(1, MOST_CYCLES),
    help="Slices per launch and page, likewise.  [default: up to 12]",
)
@json_option
def command(names: tuple[str, ...], launches: int | None, cycles: int | None, as_json: bool) -> int:
    """Set up, prove, count and time the NAMES, or all; write report/index.html.

    A framework is timed only while every clause of the contract holds for it. Ends with 3 where no
    clause ran.
    """
    places = Places.from_environ()
    shelf, code = chosen(places, names)
    say("environments")
    outcomes = environments.ensure_all(shelf, places)
    ready = [one for one in outcomes.values() if isinstance(one, Environment)]
    missing = {
        name: str(one).removeprefix(f"{name}: ")
        for name, one in outcomes.items()
        if isinstance(one, NotBuilt)
    }
    if not ready:
        raise Missing("no framework's environment is there; run: cookoff setup")
    say(f"contract: {len(ready)} sites")
    reports, found, left_out = asked_and_read(ready)
    code = contract.exit_code(reports, exit_code(outcomes, names, code))
    if all(one.not_run for one in reports):
        raise Missing("nothing was compared, and nothing is written: no clause ran at any site")
    if not found:
        raise Trouble("nothing was compared, and nothing is written: no app's code can be read")
    passed = [
        one
        for one, asked in zip(ready, reports, strict=True)
        if asked.passed and asked.name in found
    ]
    cost = measure(passed, places, effort_of(launches, cycles)) if passed else None
    start_all(passed, places)
    count_all(passed, places)
    asked = contract.as_dict(reports)
    for name, one in asked["results"].items():
        if name in found:
            found[name]["contract"] = one | {"total": asked["clauses"]}
    told = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine.facts(),
        "frameworks": found,
        "missing": missing
        | {name: why.replace(f"{places.apps}/", "") for name, why in left_out.items()},
        "clauses": asked["clauses"],
        "cost": cost,
    }
    merge.write(told, ready, places)
    if as_json:
        click.echo(store.FILE.read_text(encoding="utf-8"))
    else:
        finish(reports, compared(store.read()))
    written = report.write()  # last: what was found is printed even if this fails
    if not as_json:
        click.echo(f"report: {written}")
    return 1 if left_out or any(one["untrue"] for one in found.values()) else code


def effort_of(launches: int | None, cycles: int | None) -> Effort:
    """Return the effort that was asked for, whole, or the first look within its budget."""
    if launches is None and cycles is None:
        return FIRST_LOOK
    return Effort(launches or FIRST_LOOK.launches, cycles or FIRST_LOOK.cycles)


def asked_and_read(
    ready: Sequence[Environment],
) -> tuple[list[contract.Report], dict[str, dict[str, Any]], dict[str, str]]:
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

        def told(report: contract.Report) -> None:
            contract.tell(report)
            with turn:
                this = {report.name: by_name[report.name]}
                read, unread = read_each(this, lambda one: facts(one, Path(records)))
                found.update(read)
                left_out.update(unread)

        reports = contract.run_contract(list(by_name), ["--record", records], told)
    return reports, {name: found[name] for name in by_name if name in found}, left_out


def say(step: str) -> None:
    """Say what runs now."""
    click.echo(f"{time.strftime('%H:%M:%S')} {step}", err=True)


def facts(environment: Environment, records: Path) -> dict[str, Any]:
    """Return what is known of a framework's code, and which of its lines ran in the contract."""
    framework = environment.framework
    site = Site(framework)
    ran_here = line_coverage.facts_of(site, line_coverage.records_of(framework, records))
    packages = pulled_in(environment)
    brings, untrue = brought(framework, site, packages, ran_here)
    return {
        "name": framework.name,
        "title": environment.title,
        "home": framework.home,
        "docs": framework.docs,
        "docs_search": framework.docs_search,
        "python": framework.python,
        "licence": licence(framework, packages),
        "summary": framework.summary,
        "templates": framework.templates,
        "deviations": [vars(one) for one in framework.deviations],
        "code": facts_of(environment).as_dict(),
        "released": framework.released.get(environment.version, ""),
        "brings": brings,
        "untrue": untrue,
        "ran": ran_here,
        "sources": sources_of(framework, site),
    }


def licence(framework: Framework, packages: Sequence[Package]) -> str:
    """Return the licence of the framework itself, "" where there is none."""
    names = {canonicalize_name(framework.distribution or framework.name)}
    return next((one.licence for one in packages if canonicalize_name(one.name) in names), "")


def measure(ready: Sequence[Environment], places: Places, effort: Effort) -> dict[str, Any] | None:
    """Time some pages of these frameworks on a fresh larder of their own."""
    with fresh_ground(ready, places) as ground, Progress() as progress:
        run = Run(ground, pages_called(TIMED), effort)
        run.go(progress)
    raw_times.write(run.measurement)
    return run.summary()


def start_all(ready: Sequence[Environment], places: Places) -> None:
    """Keep what starting takes, of those of whom it is not known already.

    A few seconds each; the memory after 10,000 requests takes minutes: cookoff cost --full.
    """
    if new := merge.unknown("starts", ready, places):
        with fresh_ground(new, places) as ground, Progress() as progress:
            merge.write(startup.measure(ground, startup.QUICK, progress), new, places)


def count_all(passed: Sequence[Environment], places: Places) -> None:
    """Keep the calls by layer of the site's pages, and what their warm requests use anew."""
    if passed:
        with fresh_ground(passed, places) as ground, Progress() as progress:
            merge.write(call_counts.count(ground, progress, SITE_PAGES), passed, places)


def finish(reports: Sequence[contract.Report], found: dict[str, Any]) -> None:
    """Print the summary, then what failed."""
    show([row(one, found) for one in found["frameworks"].values()])
    for name, reason in found["missing"].items():
        click.echo(f"{name} is left out: {reason}")
    for one in found["frameworks"].values():
        for reason in one["untrue"]:
            click.echo(f"{one['name']}: framework.toml: {reason}")
    for one in reports:
        for line in contract.failures(one):
            click.echo(line)
    tell_warnings(warnings(found.get("warm", {}), found.get("layers", {})))


def row(one: dict[str, Any], found: dict[str, Any]) -> Row:
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
