"""Define the command `cookoff versions`, which compares versions of one framework."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import click

from bench.cli import version_tables
from bench.cli.common import json_option
from bench.cli.documented import DocumentedCommand
from bench.cli.option_types import SuggestingChoice
from bench.cli.version_behaviour import run_behaviour
from bench.cli.version_contract import (
    ContractFindings,
    list_clauses,
    list_lines,
    run_contract,
)
from bench.core import machine
from bench.core.errors import CookoffError, DependencyError, UsageError, strip_log_path
from bench.core.hints import print_error
from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.frameworks import environments, manifest
from bench.frameworks.environments import Environment, EnvironmentBuildError
from bench.frameworks.manifest import Framework
from bench.frameworks.packages import find_packages
from bench.frameworks.version_specs import LOCKED
from bench.measure.cost.version_timing import CostFindings, measure_cost
from bench.results import store
from bench.results.schema import (
    InstalledPackage,
    Results,
    VersionColumn,
    VersionComparison,
    VersionProbe,
)
from bench.results.version_changes import build_changes, find_unmeasured_pages

CONTRACT, BEHAVIOUR, COST = PARTS = ("contract", "behaviour", "cost")


@dataclass
class Findings:
    """What was measured so far, and what could not be measured."""

    unmeasured: list[str]
    measured: list[str] = field(default_factory=list)
    contract: ContractFindings = field(default_factory=ContractFindings)
    probes: list[VersionProbe] = field(default_factory=list)
    cost: CostFindings | None = None

    def measure(
        self,
        ready: Sequence[Environment],
        columns: Sequence[VersionColumn],
        paths: Paths,
        parts: Sequence[str],
        progress: Progress,
    ) -> None:
        """Measure the parts; a version whose site does not start is left out of later parts."""
        started = list(ready)
        if CONTRACT in parts and ready:
            self.contract = run_contract(ready, progress)
            started = drop_failures(ready, columns, self.contract.find_start_failures())
            self.measured.append(CONTRACT)
            if ready[0] not in started:
                label = ready[0].framework.label
                self.unmeasured.append(f"{label}: its site does not start: no base to compare with")
        if len(ready) < 2:
            self.unmeasured.append("nothing was compared: fewer than two versions are installed")
            return
        if BEHAVIOUR in parts:  # of another app, defaults.py, which may start all the same
            self.probes, failed = run_behaviour(ready, paths, progress)
            self.unmeasured += [f"behaviour of {name}: {why}" for name, why in failed.items()]
            self.measured.append(BEHAVIOUR)
        if COST in parts and len(started) > 1:
            self.measure_cost(started, paths, progress)

    def measure_cost(self, ready: Sequence[Environment], paths: Paths, progress: Progress) -> None:
        """Measure times, starts, memory and calls."""
        try:
            self.cost = measure_cost(ready, paths, progress)
        except CookoffError as error:
            self.unmeasured.append(f"cost: {error}")
        else:
            self.unmeasured += describe_cost_failures(self.cost, ready)
            self.measured.append(COST)


@click.command(cls=DocumentedCommand, example="versions flask 2.3.3 3.1.3 --gate")
@click.argument("name", metavar="FRAMEWORK", help="Name of the framework.")
@click.argument(
    "whats",
    nargs=-1,
    metavar="[WHAT]...",
    help="Versions in order, the oldest first: 3.1.3, 3.0.*, latest, locked, or the path of a "
    "checkout, a wheel or a source archive. Without a version: locked.",
)
@click.option(
    "--python",
    "pythons",
    multiple=True,
    metavar="VERSION",
    help="Run each version on this Python, such as 3.13; may be repeated.",
)
@click.option(
    "--gate",
    is_flag=True,
    help="Print only what moved, and end with 1 when a version is worse than the one before it.",
)
@click.option(
    "--before",
    default="",
    show_default=False,
    metavar="DATE",
    help="Ignore packages that were uploaded after this day, such as 2024-12-31.",
)
@click.option(
    "--only",
    "only",
    multiple=True,
    type=SuggestingChoice(PARTS),
    metavar="PART",
    help=f"Measure only this part; may be repeated: {', '.join(PARTS)}.",
)
@json_option
def command(
    name: str,
    whats: tuple[str, ...],
    pythons: tuple[str, ...],
    gate: bool,
    before: str,
    only: tuple[str, ...],
    as_json: bool,
) -> int:
    """Compare versions of one framework, to show what an upgrade changes for the site.

    Builds an environment for each version, in which only the framework moves where the other
    packages of the lock still fit. Then measures all versions in turns: the contract, hardened and
    as taught; default behaviour; the lines that ran; time, start, memory, packages and calls. What
    differs is measured twice, and counts only if it differs twice.

    With --gate a version is worse if a clause that passed is no longer met, if a probe that must
    meet a standard turned wrong, or if a page takes longer by more than 3 % and the noise floor.
    Ends with 1 when a version is worse, and with 3 when something could not be measured.

    Prints what changed from each version to the next. Writes the part versions of
    report/results.json, report/versions/, .venvs/FRAMEWORK@WHAT/ and .cookoff/locks/.
    """
    paths = Paths.from_environ()
    selected = select_versions(paths, name, whats, pythons, before)
    parts = [part for part in PARTS if part in only or not only]
    part = compare_versions(selected, paths, parts)
    version_tables.print_comparison(part, as_json, gate)
    if not only:
        write_comparison(part, as_json or gate)
    if gate and any(change.fails_gate for change in part.changes):
        return 1
    return DependencyError.exit_code if part.unmeasured else 0


def select_versions(
    paths: Paths,
    name: str,
    whats: Sequence[str],
    pythons: Sequence[str],
    before: str,
) -> list[Framework]:
    """Return each version on each interpreter; raise UsageError for fewer than two."""
    if "@" in name:
        raise UsageError(f"write the versions apart: cookoff versions {name.replace('@', ' ')}")
    framework = manifest.discover_frameworks(paths.apps).get(name)
    versions = [
        manifest.pin_named(framework, what, python, before)
        for what in whats or (LOCKED,)
        for python in pythons or ("",)
    ]
    names = [version.name for version in versions]
    if twice := next((each for each in versions if names.count(each.name) > 1), None):
        raise UsageError(f"{twice.label} is named twice")
    if len(versions) < 2:
        raise UsageError(
            "name two versions or two interpreters; for example: "
            f"cookoff versions {name} 1.0 locked, or: cookoff versions {name} --python 3.12 "
            "--python 3.13"
        )
    return versions


def compare_versions(
    selected: Sequence[Framework], paths: Paths, parts: Sequence[str]
) -> VersionComparison:
    """Measure the versions, and return the comparison."""
    outcomes = environments.ensure_all_environments(selected, paths)
    columns = [build_column(outcomes[version.name], version) for version in selected]
    for column in columns:
        if column.error:
            print_error(f"{column.label}: {column.error}")
    ready = [each for each in outcomes.values() if isinstance(each, Environment)]
    findings = Findings([f"{column.label}: {column.error}" for column in columns if column.error])
    with Progress() as progress:
        findings.measure(ready, columns, paths, parts, progress)
    framework = selected[0]
    contract, cost = findings.contract, findings.cost
    part = VersionComparison(
        framework=framework.app,
        title=framework.title,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        machine=machine.collect_facts(),
        measured=findings.measured,
        columns=columns,
        clause_counts=contract.count_outcomes(),
        clauses=list(list_clauses(contract)),
        probe_count=version_tables.count_probes(findings.measured),
        probes=findings.probes,
        lines=list(list_lines(contract)),
        cost=cost.timing.cost if cost else None,
        repeated_costs=cost.timing.repeated if cost else {},
        starts=cost.starts if cost else {},
        calls_by_layer=cost.calls if cost else {},
        unmeasured=findings.unmeasured,
        changes=[],
    )
    part.changes = build_changes(part)
    return part


def build_column(
    outcome: Environment | EnvironmentBuildError, framework: Framework
) -> VersionColumn:
    """Return the column of a version: its provenance and its packages, or why it has none."""
    spec = framework.pinned
    column = VersionColumn(
        name=framework.name,
        label=framework.label,
        version="",
        kind=spec.kind if spec else LOCKED,
        python=spec.python if spec else "",
    )
    if not isinstance(outcome, Environment):
        column.error = strip_log_path(outcome).removeprefix(f"{framework.name}: ")
        return column
    column.version, column.python = outcome.version, outcome.python_version
    if record := outcome.record:
        column.resolved_on, column.moves = record.resolved_on, record.moves
        column.source_digest, column.commit = record.source_digest, record.commit
        column.is_dirty = record.is_dirty
    column.packages = [
        InstalledPackage(each.name, each.version, each.size_bytes, each.licence)
        for each in find_packages(outcome)
    ]
    return column


def drop_failures(
    ready: Sequence[Environment], columns: Sequence[VersionColumn], failures: dict[str, str]
) -> list[Environment]:
    """Store and print why sites do not start; return the environments of the other versions."""
    for column in columns:
        if reason := failures.get(column.name):
            column.error, column.is_startable = reason, False
            print_error(f"{column.label}: the site does not start: {reason}")
    return [each for each in ready if each.framework.name not in failures]


def describe_cost_failures(cost: CostFindings, ready: Sequence[Environment]) -> list[str]:
    """Return a line for each version and page that could not be timed."""
    names = [environment.framework.name for environment in ready]
    timed = cost.timing.cost
    if not timed:
        return ["cost: too few launches"]
    lines = [f"cost of {name}: {reason}" for name, reason in timed.failed.items()]
    others = [name for name in names if name not in timed.failed]
    return [*lines, *(f"cost of {line}" for line in find_unmeasured_pages(timed, others))]


def write_comparison(part: VersionComparison, is_quiet: bool) -> None:
    """Store the comparison beside those of other frameworks, and write its page."""
    from bench.report.version_report import write_versions

    with store.locked_results():
        earlier = store.read_earlier(store.RESULTS_FILE).versions or {}
        store.update_results(Results(versions={**earlier, part.framework: part}))
    file = write_versions(part.framework)
    if not is_quiet:
        click.echo(f"report: {file}")
