"""The command `cookoff contract`, and what it prints."""

import json
from collections.abc import Sequence

import click

from bench.cli.common import chosen, json_option, names_argument, set_up
from bench.cli.option_types import CallableName, OneOf, SiteAddress
from bench.conformance.contract import (
    RUN_ITSELF,
    Report,
    as_dict,
    ask_one,
    failures,
    run_contract,
    skips,
)
from bench.core.errors import Missing, Misuse
from bench.core.paths import Places
from bench.core.tables import show
from bench.frameworks.features import FEATURE_OF_ID


def exit_code(reports: Sequence[Report], code: int) -> int:
    """Return 1 where a clause failed, 3 where none ran at a site or at all, else `code`.

    Says in a line each which site was not asked, and why.
    """
    idle = {report.name: report.not_run for report in reports if report.not_run}
    for name, reason in idle.items():
        click.echo(f"cookoff: {name}: {reason}", err=True)
    if not reports:
        click.echo("cookoff: no clause ran: no site is ready; run: cookoff setup", err=True)
    if any(report.failed for report in reports):
        return 1
    return code if reports and not idle else Missing.exit_code


@click.command()
@names_argument
@click.option(
    "--url", type=SiteAddress(), help="Ask the site at this address, written in any language."
)
@click.option("--app", type=CallableName(), help="Ask a WSGI callable: package.module:callable.")
@click.option("--database", type=OneOf(["sqlite", "postgresql"]), default="sqlite")
@click.option(
    "--feature",
    multiple=True,
    type=OneOf(FEATURE_OF_ID),
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
            raise Misuse("give frameworks' names, or --url, or --app")
        elsewhere = ["--url", url] if url else ["--app", app or ""]
        reports, code = [ask_one(url or app or "", [*elsewhere, *options])], 0
    else:
        places = Places.from_environ()
        frameworks, code = chosen(places, names)
        ready, code = set_up(frameworks, places, names, code)
        asked = [environment.framework.name for environment in ready]
        reports = run_contract(asked, options, lambda one: tell(one) if not as_json else None)
    if as_json:
        click.echo(json.dumps(as_dict(reports), indent=1, ensure_ascii=False))
    else:
        show_reports(reports)
    return exit_code(reports, code)


def tell(report: Report) -> None:
    """Say how one site did, as soon as that is known."""
    if RUN_ITSELF in report.outcomes:
        click.echo(f"{report.name}: {report.reasons[RUN_ITSELF]}", err=True)
        return
    click.echo(f"{report.name}: {len(report.failed)} of {len(report.outcomes)} fail", err=True)


def show_reports(reports: Sequence[Report]) -> None:
    """Print a row for each site, then what failed."""
    outcomes = ("passed", "failed", "deviation", "skipped")
    show([{"name": r.name} | {one: len(r.clauses(one)) for one in outcomes} for r in reports])
    for report in reports:
        for line in (*skips(report), *failures(report)):
            click.echo(line)
