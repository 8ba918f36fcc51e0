"""Prove every exercise of frameworks; takes minutes for each, so it is not a test.

A blank exercise fails clauses of its own, and no others fail: those that need it are blocked. With
the solution, its clauses pass. Run: .venv/bin/python -m tests.bench.learn.prove flask [--whole]
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bench.core.paths import Paths
from bench.frameworks.manifest import discover_frameworks
from bench.learn.clause_server import ClauseResult, ClauseServer, Job
from bench.learn.copying import create_copy
from bench.learn.exercises import HANDLERS, LAST
from bench.learn.lesson import build_job
from bench.learn.working_copy import WorkingCopy


@click.command()
@click.argument("names", nargs=-1)
@click.option("--only", multiple=True, metavar="ID", help="Prove only this exercise.")
@click.option("--whole", is_flag=True, help="Run the clauses of all other exercises, too.")
def main(names: tuple[str, ...], only: tuple[str, ...], whole: bool) -> None:
    """Prove the exercises of the named frameworks, or of all; end with 1 if one is wrong."""
    faults = 0
    for framework in discover_frameworks(Paths().apps).select(names):
        with TemporaryDirectory() as folder, ClauseServer(framework.name) as server:
            copy = create_copy(Path(folder, framework.name), framework, HANDLERS)
            for exercise in copy.progress.exercises:
                copy.write_exercise(exercise, solved=True)
            for exercise in copy.progress.exercises:
                if exercise in (only or copy.progress.exercises):
                    lines = [*prove(copy, server, exercise, whole)]
                    faults += len(lines)
                    print(f"{framework.name} {exercise}: {'; '.join(lines) or 'holds'}", flush=True)
    sys.exit(1 if faults else 0)


def prove(copy: WorkingCopy, server: ClauseServer, exercise: str, whole: bool) -> Iterator[str]:
    """Yield a line for each property that an exercise lacks."""
    clauses = [each for each in server.catalogue if whole or not each.other_hosts]
    own = {each.id for each in clauses if exercise in each.features}
    copy.write_exercise(exercise, solved=False)
    try:
        results = run(copy, server, [each.id for each in clauses] if whole else [*own])
    finally:
        copy.write_exercise(exercise, solved=True)
    failed = {each.clause for each in results if each.outcome == "failed"}
    if not failed & own:
        yield "blank, it fails none of its clauses"
    # The log is read last: it has the errors of all clauses.
    if exercise != LAST and (others := sorted(failed - own - LOG_CLAUSES)):
        yield f"blank, {len(others)} other clauses fail, such as {others[0]!r}"
    solved = [each for each in run(copy, server, [*own]) if each.outcome != "passed"]
    if wrong := [each for each in solved if each.outcome != "deviation"]:
        yield f"solved, {wrong[0].clause!r} is {wrong[0].outcome}: {wrong[0].why}"


def run(copy: WorkingCopy, server: ClauseServer, clauses: list[str]) -> list[ClauseResult]:
    """Run clauses on the working copy as it is, to the end; the order is that of the contract."""
    site = copy.parse()
    job = build_job(copy, site, clauses, copy.list_missing(site))
    ordered = [each.id for each in server.catalogue if each.id in set(clauses)]
    return server.run(Job(ordered, job.folder, job.missing, job.blanks, stop=False))


LOG_CLAUSES = {"nothing went wrong that no guest saw"}

if __name__ == "__main__":
    main()
