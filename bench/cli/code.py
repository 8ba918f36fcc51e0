"""Define the command `cookoff code`, which counts the code of each site."""

from collections.abc import Mapping

import click
from msgspec import to_builtins

from bench.cli.common import ensure_environments, json_option, names_argument, select_frameworks
from bench.cli.documented import DocumentedCommand
from bench.cli.option_types import SuggestingChoice
from bench.cli.renamed import RenamedOption
from bench.core.errors import UsageError
from bench.core.hints import print_error
from bench.core.paths import Paths
from bench.core.tables import Row, print_rows
from bench.frameworks.app_files import read_each
from bench.frameworks.manifest import MANIFEST_FILE, NEEDS, Framework
from bench.results.schema import Code, Provision


@click.command(cls=DocumentedCommand, example="code flask bottle --per-feature lines")
@names_argument
@click.option(
    "--per-feature",
    "measure",
    type=SuggestingChoice(["lines", "branches", "names"]),
    help="Show this count for each feature instead.",
)
@click.option(
    "--provisions",
    is_flag=True,
    cls=RenamedOption,
    former="--brings",
    help="Show what provides each need of the site instead.",
)
@json_option
def code(names: tuple[str, ...], measure: str | None, provisions: bool, as_json: bool) -> int:
    """Count the code of the site in each framework.

    Python counts the site as the framework's documentation teaches it, hardening the lines of
    hardening.py that a site needs beside it to meet every clause of the contract.
    Lines are lines of code: no blank lines, comments, docstrings, or lines of brackets alone.
    Branches are the places where the control flow splits. Names are the names that the code takes
    from the framework and the framework's dependencies; names that arrive as an argument, such as
    Falcon's resp, do not count. Packages and MB are what the framework installs, without the
    database drivers and the server.

    Provisions: the framework, an add-on or code in the app provides each need of the site, such as
    sessions, as framework.toml declares. The number is the lines of code that serve the need,
    without the handlers.

    Prints a row for each framework, feature or need. Writes nothing.
    """
    if measure and provisions:
        raise UsageError("use either --per-feature or --provisions")
    paths = Paths.from_environ()
    frameworks, exit_code = select_frameworks(paths, names)
    if provisions:
        return max(exit_code, print_provisions(frameworks, as_json))
    from bench.analysis.code_metrics import measure_code

    ready, exit_code = ensure_environments(frameworks, paths, names, exit_code)
    by_name, skipped = read_each({each.framework.name: each for each in ready}, measure_code)
    metrics, exit_code = [*by_name.values()], 1 if skipped else exit_code
    if as_json:
        print_rows([to_builtins(each) for each in metrics], as_json)
    elif measure:
        print_rows(build_feature_rows(metrics, measure))
    else:
        print_rows([build_site_row(each) for each in metrics])
    return exit_code


def build_site_row(metrics: Code) -> Row:
    """Return the row of one framework."""
    return {
        "name": metrics.name,
        "version": metrics.version,
        "Python": metrics.python_lines,
        "hardening": metrics.hardening_lines,
        "templates": metrics.template_lines,
        "config": metrics.configuration_lines,
        "branches": metrics.branches,
        "names": len(metrics.names),
        "packages": len(metrics.packages),
        "MB": metrics.megabytes,
    }


def build_feature_rows(metrics: list[Code], measure: str) -> list[Row]:
    """Return one row for each feature, with one column for each framework."""
    rows: list[Row] = []
    for features in zip(*(each.features for each in metrics), strict=True):
        values = [getattr(each, measure) if each.handlers else None for each in features]
        counts = [len(value) if isinstance(value, list) else value for value in values]
        columns = dict(zip((each.name for each in metrics), counts, strict=True))
        rows.append({"feature": features[0].id} | columns)
    return rows


def print_provisions(frameworks: list[Framework], as_json: bool) -> int:
    """Print what provides each need in each framework; return 1 when declared code is missing.

    The declarations are not compared with the code that runs; `cookoff compare` does that.
    """
    from bench.analysis.handlers import ParsedSite
    from bench.analysis.provisions import declared_provisions

    by_name = {framework.name: framework for framework in frameworks}
    results, skipped = read_each(by_name, lambda each: declared_provisions(each, ParsedSite(each)))
    needs_by_name = {name: needs for name, (needs, _) in results.items()}
    exit_code = 1 if skipped else 0
    for name, (_, contradictions) in results.items():
        for reason in contradictions:
            print_error(f"{name}/{MANIFEST_FILE}: {reason}")
            exit_code = 1
    if as_json:
        rows = [
            {"name": name, "provisions": to_builtins(needs)}
            for name, needs in needs_by_name.items()
        ]
        print_rows(rows, as_json)
    else:
        print_rows([build_need_row(need, needs_by_name) for need in NEEDS])
    return exit_code


def build_need_row(need: str, needs_by_name: Mapping[str, Mapping[str, Provision]]) -> Row:
    """Return the row of a need: in each framework's column the provider and the lines of code."""
    provisions = {name: needs.get(need) for name, needs in needs_by_name.items()}
    return {"need": need} | {
        name: f"{provision.provider} {provision.lines}" if provision else None
        for name, provision in provisions.items()
    }
