"""Define the command `cookoff contract`, and print its results."""

from collections.abc import Sequence

import click

from bench.cli.common import ensure_environments, json_option, names_argument, select_frameworks
from bench.cli.documented import DocumentedCommand
from bench.cli.option_types import CallableName, SiteAddress, SuggestingChoice
from bench.conformance.clause_progress import WHOLE_RUN, format_counts
from bench.conformance.contract import (
    SiteResult,
    SiteRun,
    format_failures,
    format_skips,
    run_sites,
    summarize_run,
)
from bench.conformance.levels import CORE, HARDENING_GROUPS
from bench.core.errors import DependencyError, UsageError
from bench.core.hints import print_error
from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.core.tables import print_rows
from bench.core.words import format_count
from bench.frameworks.features import FEATURES_BY_ID
from bench.results.store import format_json


def exit_code(reports: Sequence[SiteResult], code: int) -> int:
    """Return 1 when a clause failed, 3 when no clause ran at a site or at all, else `code`.

    Print a line for each site at which no clause ran, with the reason.
    """
    not_run = {report.title: report.not_run_reason for report in reports if report.not_run_reason}
    for name, reason in not_run.items():
        print_error(f"{name}: {reason}")
    if not reports:
        print_error("no clause ran: no site is ready; run: cookoff setup")
    if any(report.failed_clauses for report in reports):
        return 1
    return code if reports and not not_run else DependencyError.exit_code


@click.command(cls=DocumentedCommand, example="contract flask --feature sign-in")
@names_argument
@click.option(
    "--url",
    type=SiteAddress(),
    metavar=SiteAddress.name,
    help="Test the site at this address, written in any language.",
)
@click.option("--app", type=CallableName(), metavar=CallableName.name, help="Test a WSGI callable.")
@click.option(
    "--database",
    type=SuggestingChoice(["sqlite", "postgresql"]),
    default="sqlite",
    help="Database that the sites use.",
)
@click.option(
    "--feature",
    multiple=True,
    type=SuggestingChoice(FEATURES_BY_ID),
    metavar="ID",
    help="Run only the clauses of this feature: show-the-menu, search-the-dishes, ...",
)
@click.option(
    "--as-taught",
    is_flag=True,
    help="Test the sites without their hardening. A hardening clause that a site does not meet is "
    "counted as unmet and does not fail.",
)
@click.option(
    "--group",
    multiple=True,
    type=SuggestingChoice([CORE, *HARDENING_GROUPS]),
    metavar="ID",
    help="Run only the core clauses, or only the clauses of this hardening group: "
    f"{', '.join([CORE, *HARDENING_GROUPS])}.",
)
@click.option("-x", "stop", is_flag=True, help="Stop at the first clause that fails.")
@json_option
def command(
    names: tuple[str, ...],
    url: str | None,
    app: str | None,
    database: str,
    feature: tuple[str, ...],
    as_taught: bool,
    group: tuple[str, ...],
    stop: bool,
    as_json: bool,
) -> int:
    """Run the contract tests against the frameworks.

    Prints the counts of passed, failed and skipped clauses for each site, and a line for each
    clause that failed. Writes nothing. Ends with 0 only when no clause fails, and with 3 when no
    clause ran at a site.
    """
    options = ["--database", database, *(f"--feature={id_}" for id_ in feature), *["-x"] * stop]
    options += [*(f"--group={id_}" for id_ in group), *["--as-taught"] * as_taught]
    if (url or app) and as_taught:
        raise UsageError("--as-taught tests the apps of this project: not with --url or --app")
    if url or app:
        if names or (url and app):
            raise UsageError("use names of frameworks, or --url, or --app")
        site = ["--url", url] if url else ["--app", app or ""]
        runs, code = [SiteRun(url or app or "", options=options, site=site)], 0
    else:
        paths = Paths.from_environ()
        frameworks, code = select_frameworks(paths, names)
        ready, code = ensure_environments(frameworks, paths, names, code)
        selected = [environment.framework.name for environment in ready]
        runs = [SiteRun(name, options=options) for name in selected]
    is_quiet = bool(as_json or url or app)  # the table of one site says the same
    with Progress() as progress:
        reports = run_sites(
            runs,
            lambda report: None if is_quiet else progress.print_note(format_result(report)),
            lambda counts: progress.update_detail(format_counts([*counts.values()])),
        )
    if as_json:
        click.echo(format_json(summarize_run(reports)))
    else:
        print_reports(reports)
    return exit_code(reports, code)


def format_result(report: SiteResult) -> str:
    """Return the result of one site in one line."""
    if WHOLE_RUN in report.outcomes:
        return f"{report.title}: {report.reasons[WHOLE_RUN]}"
    unmet = f", {count:,} not met" if (count := len(report.find_clauses("unmet"))) else ""
    return f"{report.title}: {format_failed_count(report)}{unmet}"


def format_failed_count(report: SiteResult) -> str:
    """Return how many clauses of a site failed."""
    return (
        f"{len(report.failed_clauses):,} of {format_count(len(report.outcomes), 'clause')} failed"
    )


def print_reports(reports: Sequence[SiteResult]) -> None:
    """Print a row for each site, then the skipped and the failed clauses."""
    occurring = {outcome for report in reports for outcome in report.outcomes.values()}
    outcomes = ("passed", "failed", "unmet", "deviation", "blocked", "skipped")
    shown = [name for name in outcomes if name not in ("unmet", "blocked") or name in occurring]
    print_rows(
        [
            {"name": report.name}
            | {outcome: len(report.find_clauses(outcome)) for outcome in shown}
            for report in reports
        ]
    )
    if "unmet" in occurring:
        click.echo()
        print_rows([format_levels(report) for report in reports])
    for report in reports:
        for line in (*format_skips(report), *format_failures(report)):
            click.echo(line)


def format_levels(report: SiteResult) -> dict[str, str]:
    """Return a table row with the clauses of each level and group that a site meets."""
    counts = report.count_levels()
    return {"name": report.name} | {
        group: f"{count.passed}/{count.clauses}" for group, count in counts.items()
    }
