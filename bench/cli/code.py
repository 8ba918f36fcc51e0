"""What do the commands that look at code do with what the reader typed?"""

from typing import TYPE_CHECKING, Any

import click

from bench.cli.common import ensure_environments, json_option, names_argument, select_frameworks
from bench.cli.option_types import SuggestingChoice
from bench.core.errors import UsageError
from bench.core.paths import Paths
from bench.core.tables import Row, print_rows
from bench.frameworks.app_files import read_each
from bench.frameworks.manifest import MANIFEST_FILE, NEEDS, Framework

if TYPE_CHECKING:
    from bench.analysis.code_metrics import CodeMetrics


@click.command()
@names_argument
@click.option(
    "--per-feature",
    "measure",
    type=SuggestingChoice(["lines", "branches", "names"]),
    help="Show this for each feature instead.",
)
@click.option("--brings", is_flag=True, help="Show who serves each of the site's needs instead.")
@json_option
def code(names: tuple[str, ...], measure: str | None, brings: bool, as_json: bool) -> int:
    """Count what the site took in each framework.

    Lines are those of code: not blank, not only brackets, no comment, no docstring. Branches are
    the places where the way parts. Names are those that the code takes from the framework and from
    what it brings with it; what comes in as an argument, such as Falcon's resp, is not seen.
    Packages and MB are what the framework pulls in, without the larder's drivers and the server.
    Needs, such as sessions, are served by the framework, an add-on or code by hand, as each
    framework.toml says; the number is the lines written for one beside the handlers.
    """
    if measure and brings:
        raise UsageError("give --per-feature or --brings")
    places = Paths.from_environ()
    frameworks, exit_code = select_frameworks(places, names)
    if brings:
        return max(exit_code, print_provisions(frameworks, as_json))
    from bench.analysis.code_metrics import measure_code

    ready, exit_code = ensure_environments(frameworks, places, names, exit_code)
    by_name, left_out = read_each({one.framework.name: one for one in ready}, measure_code)
    found, exit_code = [*by_name.values()], 1 if left_out else exit_code
    if as_json:
        print_rows([one.as_dict() for one in found], as_json)
    elif measure:
        print_rows(build_feature_rows(found, measure))
    else:
        print_rows([build_site_row(one) for one in found])
    return exit_code


def build_site_row(facts: "CodeMetrics") -> Row:
    """Return one framework's row."""
    return {
        "name": facts.name,
        "version": facts.version,
        "Python": facts.python_lines,
        "templates": facts.template_lines,
        "configuration": facts.configuration_lines,
        "branches": facts.branches,
        "names": len(facts.names),
        "packages": len(facts.packages),
        "MB": facts.megabytes,
    }


def build_feature_rows(found: list["CodeMetrics"], measure: str) -> list[Row]:
    """Return one row per feature, one column per framework."""
    rows: list[Row] = []
    for features in zip(*(one.features for one in found), strict=True):
        values = [getattr(one, measure) if one.handlers else None for one in features]
        counts = [len(value) if isinstance(value, list) else value for value in values]
        columns = dict(zip((one.name for one in found), counts, strict=True))
        rows.append({"feature": features[0].id} | columns)
    return rows


def print_provisions(frameworks: list[Framework], as_json: bool) -> int:
    """Show who serves each need in each framework; return 1 where code that is named is not there.

    What is said is not compared with what runs; cookoff compare does that.
    """
    from bench.analysis.handlers import ParsedSite
    from bench.analysis.provisions import declared_provisions

    by_name = {one.name: one for one in frameworks}
    read, left_out = read_each(by_name, lambda one: declared_provisions(one, ParsedSite(one)))
    found, exit_code = {name: needs for name, (needs, _) in read.items()}, 1 if left_out else 0
    for name, (_, untrue) in read.items():
        for reason in untrue:
            click.echo(f"cookoff: {name}/{MANIFEST_FILE}: {reason}", err=True)
            exit_code = 1
    if as_json:
        print_rows([{"name": name, "brings": needs} for name, needs in found.items()], as_json)
    else:
        print_rows([build_need_row(need, found) for need in NEEDS])
    return exit_code


def build_need_row(need: str, found: dict[str, dict[str, Any]]) -> Row:
    """Return a need's row: in each framework's column who serves it, and the lines written."""
    said = {name: needs.get(need) for name, needs in found.items()}
    return {"need": need} | {
        n: f"{one['by']} {one['lines']}" if one else None for n, one in said.items()
    }
