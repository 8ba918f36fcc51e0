"""The command `cookoff contract`, and what it prints."""

import json
from collections.abc import Sequence

import click

from bench.cli.common import ensure_environments, json_option, names_argument, select_frameworks
from bench.cli.option_types import CallableName, SiteAddress, SuggestingChoice
from bench.conformance.contract import (
    WHOLE_RUN,
    SiteResult,
    format_failures,
    format_skips,
    results_as_dict,
    run_clauses,
    run_contract,
)
from bench.core.errors import DependencyError, UsageError
from bench.core.paths import Paths
from bench.core.tables import print_rows
from bench.frameworks.features import FEATURES_BY_ID


def exit_code(reports: Sequence[SiteResult], code: int) -> int:
    """Return 1 where a clause failed, 3 where none ran at a site or at all, else `code`.

    Says in a line each which site was not asked, and why.
    """
    idle = {report.name: report.not_run_reason for report in reports if report.not_run_reason}
    for name, reason in idle.items():
        click.echo(f"cookoff: {name}: {reason}", err=True)
    if not reports:
        click.echo("cookoff: no clause ran: no site is ready; run: cookoff setup", err=True)
    if any(report.failed_clauses for report in reports):
        return 1
    return code if reports and not idle else DependencyError.exit_code


@click.command()
@names_argument
@click.option(
    "--url", type=SiteAddress(), help="Ask the site at this address, written in any language."
)
@click.option("--app", type=CallableName(), help="Ask a WSGI callable: package.module:callable.")
@click.option("--database", type=SuggestingChoice(["sqlite", "postgresql"]), default="sqlite")
@click.option(
    "--feature",
    multiple=True,
    type=SuggestingChoice(FEATURES_BY_ID),
    metavar="ID",
    help="Only the clauses of this feature: show-the-menu, search-the-dishes, ...",
)
@click.option("-x", "stop", is_flag=True, help="Stop at the first clause that fails.")
@json_option
def command(
    names: tuple[str, ...],
    url: str | None,
    app: str | None,
    database: str,
    feature: tuple[str, ...],
    stop: bool,
    as_json: bool,
) -> int:
    """Ask the NAMES, or all, everything that a guest relies on.

    Ends with 0 only when nothing fails, and with 3 when no clause ran at a site.
    """
    options = ["--database", database, *(f"--feature={one}" for one in feature), *["-x"] * stop]
    if url or app:
        if names or (url and app):
            raise UsageError("give frameworks' names, or --url, or --app")
        elsewhere = ["--url", url] if url else ["--app", app or ""]
        reports, code = [run_clauses(url or app or "", [*elsewhere, *options])], 0
    else:
        places = Paths.from_environ()
        frameworks, code = select_frameworks(places, names)
        ready, code = ensure_environments(frameworks, places, names, code)
        asked = [environment.framework.name for environment in ready]
        reports = run_contract(asked, options, lambda one: log_report(one) if not as_json else None)
    if as_json:
        click.echo(json.dumps(results_as_dict(reports), indent=1, ensure_ascii=False))
    else:
        print_reports(reports)
    return exit_code(reports, code)


def log_report(report: SiteResult) -> None:
    """Say how one site did, as soon as that is known."""
    if WHOLE_RUN in report.outcomes:
        click.echo(f"{report.name}: {report.reasons[WHOLE_RUN]}", err=True)
        return
    click.echo(
        f"{report.name}: {len(report.failed_clauses)} of {len(report.outcomes)} fail", err=True
    )


def print_reports(reports: Sequence[SiteResult]) -> None:
    """Print a row for each site, then what failed."""
    outcomes = ("passed", "failed", "deviation", "skipped")
    print_rows(
        [{"name": r.name} | {one: len(r.find_clauses(one)) for one in outcomes} for r in reports]
    )
    for report in reports:
        for line in (*format_skips(report), *format_failures(report)):
            click.echo(line)
