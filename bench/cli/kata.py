"""Define the commands `cookoff kata list`, `show`, `check` and `new`."""

from collections.abc import Sequence

import click

from bench.cli.common import ensure_environments, json_option, select_frameworks
from bench.cli.documented import DocumentedCommand
from bench.cli.option_types import SuggestingChoice
from bench.conformance.katas import scaffold
from bench.conformance.katas.catalogue import Kata, select_katas
from bench.core.errors import DependencyError
from bench.core.hints import print_error, spell_commands
from bench.core.paths import ROOT, Paths
from bench.core.progress import Progress
from bench.core.tables import Row, print_rows
from bench.frameworks import manifest
from bench.frameworks.manifest import Framework
from bench.results import store
from bench.results.schema import KataPatch, Results

MISSING = "missing"


@click.group()
def kata() -> None:
    """List, show and check katas: change requests, done in every framework."""


@kata.command("list", cls=DocumentedCommand, example="kata list")
@json_option
def list_katas(as_json: bool) -> None:
    """List the katas, with the frameworks that have a patch.

    Prints a row for each kata. Writes nothing.
    """
    frameworks = manifest.discover_frameworks(Paths.from_environ().apps).select()
    print_rows([build_kata_row(each, frameworks) for each in select_katas()], as_json)


def build_kata_row(each: Kata, frameworks: Sequence[Framework]) -> Row:
    """Return the row of a kata."""
    patched = [framework for framework in frameworks if each.find_patch(framework) is not None]
    missing = [framework.name for framework in frameworks if framework not in patched]
    return {
        "name": each.name,
        "summary": each.summary,
        "patches": f"{len(patched)} of {len(frameworks)}",
        "missing": ", ".join(missing),
    }


@kata.command(cls=DocumentedCommand, example="kata show tips flask django")
@click.argument("name", help="Name of the kata, as `cookoff kata list` shows it.")
@click.argument(
    "frameworks",
    nargs=-1,
    metavar="[FRAMEWORK]...",
    help="Names of frameworks. Without a name: only the request and what all frameworks share.",
)
def show(name: str, frameworks: tuple[str, ...]) -> None:
    """Show a change request, and the patches of some frameworks.

    Prints the request in plain words, the clauses of the contract that the change replaces, and the
    patch of each named framework. Without a framework it prints the change of shared_db instead.
    Writes nothing.
    """
    (each,) = select_katas([name])
    click.echo(f"{each.title}\n\n{each.request}\n")
    for clause, reason in each.replaced.items():
        click.echo(f"replaced: {clause}: {reason}")
    if not frameworks:
        click.echo(each.shared, nl=False)
        return
    registry = manifest.discover_frameworks(Paths.from_environ().apps)
    for framework in registry.select(frameworks):
        click.echo(f"\n--- {framework.title} ---")
        patch = each.find_patch(framework)
        click.echo(patch if patch is not None else f"{MISSING}: {name} has no patch", nl=False)


@kata.command(cls=DocumentedCommand, example="kata check tips --framework flask")
@click.argument("names", nargs=-1, metavar="[KATA]...", help="Names of katas. Without a name: all.")
@click.option(
    "--framework",
    "selected",
    multiple=True,
    metavar="FRAMEWORK",
    help="Check only the patch of this framework; may be repeated.",
)
@click.option(
    "--core", "with_core", is_flag=True, help="Also run the core clauses that still hold."
)
@click.option(
    "--database",
    type=SuggestingChoice(["sqlite", "postgresql"]),
    default="sqlite",
    help="Database that the sites use.",
)
@json_option
def check(
    names: tuple[str, ...],
    selected: tuple[str, ...],
    with_core: bool,
    database: str,
    as_json: bool,
) -> int:
    """Apply the patches to copies of the project, and run the clauses of each kata there.

    The sites run as taught. A patch that no longer applies, or that fails a clause, is named, does
    not count, and ends the command with 1; so does a clause that a kata declares as replaced and
    that still holds. A framework without a patch is shown as missing.

    Prints a row for each kata and framework: files, lines added and removed, names of the framework
    that the added lines use, and clauses. Writes report/results.json if neither a kata nor a
    framework is named.
    """
    from bench.cli.kata_check import measure_katas
    from bench.conformance.katas.check import CheckOptions

    paths = Paths.from_environ()
    katas = select_katas(names)
    frameworks, code = select_frameworks(paths, selected)
    ready, code = ensure_environments(frameworks, paths, selected, code)
    if not ready:
        raise DependencyError("no site is ready; run: cookoff setup")
    with Progress() as progress:
        results = measure_katas(
            katas, ready, CheckOptions(with_core, database), progress.print_note
        )
    if not (names or selected):
        store.update_results(Results(katas=results))
    rows = [
        build_patch_row(each.name, environment.framework.name, patch)
        for each in katas
        for environment in ready
        for patch in [results[each.name].frameworks.get(environment.framework.name)]
    ]
    if as_json:
        click.echo(store.format_json([*results.values()]))
    else:
        print_rows(rows)
    patches = [
        (each, name, patch)
        for each, result in results.items()
        for name, patch in result.frameworks.items()
    ]
    for each, name, patch in patches:
        print_faults(f"{each}: {name}", patch)
    return 1 if any(patch.problem or patch.failed for *_, patch in patches) else code


def build_patch_row(name: str, framework: str, patch: KataPatch | None) -> Row:
    """Return the row of a framework's patch for a kata."""
    row: dict[str, object] = {"kata": name, "framework": framework}
    if patch is None:
        empty: Row = dict.fromkeys(("files", "added", "removed", "names"))
        return {**row, **empty, "clauses": MISSING}
    clauses = f"{patch.passed} of {patch.clauses}"
    if patch.core:
        clauses += f", core {patch.core.passed} of {patch.core.clauses}"
    return row | {
        "files": len(patch.files),
        "added": sum(file.added for file in patch.files),
        "removed": sum(file.removed for file in patch.files),
        "names": len(patch.names),
        "clauses": "does not count" if patch.problem else clauses,
    }


def print_faults(title: str, patch: KataPatch) -> None:
    """Print why a patch does not count, or each clause that failed."""
    if patch.problem:
        print_error(f"{title}: {patch.problem}")
    for clause, reason in patch.failed.items():
        print_error(f"{title}: {clause}: {reason}")


@kata.command(cls=DocumentedCommand, example="kata new gift-cards")
@click.argument("name", help="Name of the kata: lower-case letters and hyphens.")
def new(name: str) -> None:
    """Write the folder of a new kata: a request and clauses to complete.

    Prints what to do next. Writes the folder tests/katas/NAME.
    """
    folder = scaffold.write_kata(name)
    shown = folder.relative_to(ROOT)
    for line in scaffold.NEXT_STEPS:
        click.echo(spell_commands(line.format(folder=shown, name=name)))
