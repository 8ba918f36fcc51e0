"""The steps of `cookoff compare`: contract, code, cost, start-up and call counts."""

import time
from collections.abc import Sequence
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
from bench.cli import contract as contract_cli
from bench.conformance import contract
from bench.core.paths import Places
from bench.core.progress import Progress
from bench.frameworks.app_files import read_each
from bench.frameworks.environments import Environment
from bench.frameworks.manifest import Framework
from bench.frameworks.packages import Package, pulled_in
from bench.measure.cost import call_counts, startup
from bench.measure.cost.adaptive_run import Run
from bench.measure.cost.budget import Effort
from bench.measure.workload.scenarios import PAGES, SITE, pages_called
from bench.measure.workload.testbed import fresh_ground
from bench.results import merge, raw_times

SITE_PAGES = [page for page in PAGES if page.module == SITE]
# A first look: the page guests ask for most, a write, and what costs nearly nothing. The others,
# and the other instruments: cookoff cost.
TIMED = ("menu", "order by form", "static file")
FIRST_LOOK = Effort(launches=5, cycles=12, budget_seconds=28.0)


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
            contract_cli.tell(report)
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
    raw_times.write(run.measurement.times, run.measurement.seed)
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
