"""The command `cookoff mutants`, and what it prints."""

import json
from collections.abc import Sequence
from dataclasses import asdict

import click

from bench.cli.common import json_option, set_up
from bench.cli.option_types import SEED, WholeNumber
from bench.conformance import mutants
from bench.conformance.mutants import Fault
from bench.conformance.mutation_run import EQUIVALENT, NOT_RUN, Outcome, try_all
from bench.conformance.random_mutants import SHARED_DB, sample_mutants
from bench.core.errors import Missing, Misuse
from bench.core.paths import Places
from bench.core.tables import show
from bench.frameworks import manifest
from bench.frameworks.app_files import read_each


def askable(wanted: Sequence[Fault], names: tuple[str, ...]) -> tuple[list[Fault], int]:
    """Return the faults whose site can be asked, and the exit code; say which sites cannot."""
    places = Places.from_environ()
    shelf = manifest.discover(places.apps).frameworks
    known = {
        fault.framework: shelf[fault.framework] for fault in wanted if fault.framework in shelf
    }
    ready, code = set_up(list(known.values()), places, names, 0)
    lacking = set(known) - {environment.framework.name for environment in ready}
    return [fault for fault in wanted if fault.framework not in lacking], code


def tell(outcome: Outcome) -> None:
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
    chosen: list[Fault]
    left_out: dict[str, str] = {}
    if count:
        chosen = [*sample_mutants(names or (SHARED_DB,), count, seed)]
    else:
        read, left_out = read_each(mutants.files_of(names), mutants.read)
        chosen = [one for each in read.values() for one in each]
    chosen = [one for one in chosen if text in one.id]
    if not chosen and not left_out:
        raise Misuse(f"no fault's name holds {text!r}; see tests/mutants")
    wanted, code = askable(chosen, names)
    outcomes = try_all(wanted, tell)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in outcomes], indent=1, ensure_ascii=False))
    else:
        show([one.row() for one in outcomes])
        killed, equivalent = (
            sum(one.result == result for one in outcomes) for result in ("killed", EQUIVALENT)
        )
        click.echo(f"{killed} of {len(outcomes) - equivalent} faults were seen")
    results = {one.result for one in outcomes} or {NOT_RUN}
    if left_out or not results <= {"killed", EQUIVALENT, NOT_RUN}:
        return 1
    return Missing.exit_code if NOT_RUN in results else code
