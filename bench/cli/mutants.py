"""Define the command `cookoff mutants`, and print its results."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

import click

from bench.cli.common import ensure_environments, json_option
from bench.cli.documented import DocumentedCommand
from bench.cli.option_types import SEED, WholeNumber
from bench.conformance import mutants
from bench.conformance.mutants import Mutant
from bench.conformance.mutation_run import EQUIVALENT, NOT_RUN, MutantResult, run_mutants
from bench.conformance.random_mutants import SHARED_DB, sample_mutants
from bench.core.errors import DependencyError, UsageError
from bench.core.paths import Paths
from bench.core.tables import print_rows
from bench.core.words import format_count
from bench.frameworks import manifest
from bench.frameworks.app_files import read_each


def select_testable(selected: Sequence[Mutant], names: tuple[str, ...]) -> tuple[list[Mutant], int]:
    """Return the mutants of sites that can be tested, and the exit code; print skipped sites."""
    paths = Paths.from_environ()
    registry = manifest.discover_frameworks(paths.apps).frameworks
    known = {
        mutant.framework: registry[mutant.framework]
        for mutant in selected
        if mutant.framework in registry
    }
    ready, code = ensure_environments(list(known.values()), paths, names, 0)
    missing = set(known) - {environment.framework.name for environment in ready}
    return [mutant for mutant in selected if mutant.framework not in missing], code


def log_outcome(outcome: MutantResult) -> None:
    """Print the result of one mutant."""
    mutant = outcome.mutant
    click.echo(f"{outcome.result}: {mutant.site}: {mutant.id}: {outcome.clause}", err=True)


@click.command(cls=DocumentedCommand, example="mutants flask")
@click.argument(
    "names",
    nargs=-1,
    metavar="[NAME]...",
    help="Names of frameworks, or shared_db. Without a name: all.",
)
@click.option(
    "-k",
    "text",
    default="",
    show_default=False,
    metavar="TEXT",
    help="Run only the mutants whose name contains this text.",
)
@click.option(
    "--random",
    "count",
    type=WholeNumber(1, 10_000),
    metavar="COUNT",
    help="Make COUNT random changes of the code of each NAME instead; default: of shared_db.",
)
@click.option("--seed", type=SEED, default=1, help="Seed of the random changes.")
@json_option
def command(names: tuple[str, ...], text: str, count: int | None, seed: int, as_json: bool) -> int:
    """Apply each mutant of apps/NAME/mutants.toml to a copy; the contract must fail for each.

    With --random the command changes comparisons, boolean operators, numbers and truth values, and
    deletes statements. A random change that survives is equivalent, or shows a missing clause.
    Ends with 1 when a mutant survives or can no longer be applied, and with 3 when no clause ran.

    Prints a row for each mutant, with the clause that failed. Writes nothing.
    """
    mutant_list: list[Mutant]
    unreadable: dict[str, str] = {}
    if count:
        mutant_list = [*sample_mutants(names or (SHARED_DB,), count, seed)]
    else:
        files = mutants.find_mutant_files(names)
        by_site, unreadable = read_each(
            {site: (site, file) for site, file in files.items()},
            lambda declared: mutants.read_mutants(*declared),
        )
        mutant_list = [mutant for of_site in by_site.values() for mutant in of_site]
    mutant_list = [mutant for mutant in mutant_list if text in mutant.id]
    if not mutant_list and not unreadable:
        if text:
            raise UsageError(f"no mutant's name contains {text!r}; see apps/*/mutants.toml")
        where = ", ".join(f"apps/{name}/{manifest.MUTANTS_FILE}" for name in names)
        raise UsageError(f"there are no mutants; add some to {where}")
    testable, code = select_testable(mutant_list, names)
    outcomes = run_mutants(testable, log_outcome)
    print_outcomes(outcomes, as_json)
    results = {outcome.result for outcome in outcomes} or {NOT_RUN}
    if unreadable or not results <= {"killed", EQUIVALENT, NOT_RUN}:
        return 1
    return DependencyError.exit_code if NOT_RUN in results else code


def print_outcomes(outcomes: Sequence[MutantResult], as_json: bool) -> None:
    """Print a row for each mutant, then the number of killed mutants."""
    if as_json:
        rows = [asdict(outcome) for outcome in outcomes]
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    print_rows([outcome.as_row() for outcome in outcomes])
    counts = Counter(outcome.result for outcome in outcomes)
    total = len(outcomes) - counts[EQUIVALENT]
    click.echo(f"killed: {counts['killed']} of {format_count(total, 'mutant')}")
