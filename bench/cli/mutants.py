"""The command `cookoff mutants`, and what it prints."""

import json
from collections.abc import Sequence
from dataclasses import asdict

import click

from bench.cli.common import ensure_environments, json_option
from bench.cli.option_types import SEED, WholeNumber
from bench.conformance import mutants
from bench.conformance.mutants import Mutant
from bench.conformance.mutation_run import EQUIVALENT, NOT_RUN, MutantResult, run_mutants
from bench.conformance.random_mutants import SHARED_DB, sample_mutants
from bench.core.errors import DependencyError, UsageError
from bench.core.paths import Paths
from bench.core.tables import print_rows
from bench.frameworks import manifest
from bench.frameworks.app_files import read_each


def select_testable(wanted: Sequence[Mutant], names: tuple[str, ...]) -> tuple[list[Mutant], int]:
    """Return the faults whose site can be asked, and the exit code; say which sites cannot."""
    places = Paths.from_environ()
    shelf = manifest.discover_frameworks(places.apps).frameworks
    known = {
        fault.framework: shelf[fault.framework] for fault in wanted if fault.framework in shelf
    }
    ready, code = ensure_environments(list(known.values()), places, names, 0)
    lacking = set(known) - {environment.framework.name for environment in ready}
    return [fault for fault in wanted if fault.framework not in lacking], code


def log_outcome(outcome: MutantResult) -> None:
    """Say what became of one fault."""
    fault = outcome.fault
    click.echo(f"{outcome.result}: {fault.shelf}: {fault.id}: {outcome.clause}", err=True)


@click.command()
@click.argument("names", nargs=-1, metavar="[NAMES]...")
@click.option("-k", "text", default="", help="Only the faults whose name holds this text.")
@click.option(
    "--random",
    "count",
    type=WholeNumber(1, 10_000),
    help="Instead make COUNT random changes of the code of NAMES; shared_db is one of the names.",
    metavar="COUNT",
)
@click.option("--seed", type=SEED, default=1, show_default=True, help="Chooses the changes.")
@json_option
def command(names: tuple[str, ...], text: str, count: int | None, seed: int, as_json: bool) -> int:
    """Make every fault of tests/mutants/NAMES.toml, or of all; the contract must see each.

    With --random: comparisons, boolean operators, numbers and truth values are changed, statements
    are deleted. A change that survives is equivalent, or a clause is missing.
    Ends with 1 when one survives, or cannot be made any more, and with 3 when no clause ran.
    """
    chosen: list[Mutant]
    left_out: dict[str, str] = {}
    if count:
        chosen = [*sample_mutants(names or (SHARED_DB,), count, seed)]
    else:
        read, left_out = read_each(mutants.find_mutant_files(names), mutants.read_mutants)
        chosen = [one for each in read.values() for one in each]
    chosen = [one for one in chosen if text in one.id]
    if not chosen and not left_out:
        raise UsageError(f"no fault's name holds {text!r}; see tests/mutants")
    wanted, code = select_testable(chosen, names)
    outcomes = run_mutants(wanted, log_outcome)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in outcomes], indent=1, ensure_ascii=False))
    else:
        print_rows([one.as_row() for one in outcomes])
        killed, equivalent = (
            sum(one.result == result for one in outcomes) for result in ("killed", EQUIVALENT)
        )
        click.echo(f"{killed} of {len(outcomes) - equivalent} faults were seen")
    results = {one.result for one in outcomes} or {NOT_RUN}
    if left_out or not results <= {"killed", EQUIVALENT, NOT_RUN}:
        return 1
    return DependencyError.exit_code if NOT_RUN in results else code
