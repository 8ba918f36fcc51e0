"""Define the command `cookoff learn`."""

import json
import shutil
import sys
import webbrowser
from dataclasses import asdict
from functools import partial
from pathlib import Path

import click
from rich.console import Console

from bench.cli.common import json_option
from bench.cli.documented import DocumentedCommand
from bench.cli.learn_kata import ACTIONS, learn_kata
from bench.cli.learn_screen import Screen
from bench.cli.learn_session import Session
from bench.cli.option_types import SuggestingChoice
from bench.core.errors import CookoffError, UsageError
from bench.core.hints import print_error
from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.core.tables import print_rows
from bench.frameworks import environments
from bench.frameworks.features import FEATURES_BY_ID
from bench.frameworks.manifest import Framework, FrameworkRegistry, discover_frameworks
from bench.learn import grading, lesson
from bench.learn.clause_server import ClauseServer
from bench.learn.copying import create_copy, create_whole_copy, get_default_folder, open_copy
from bench.learn.exercises import HANDLERS, TEMPLATES, WHOLE
from bench.learn.live_site import LiveSite
from bench.learn.progress import get_progress_path
from bench.learn.working_copy import WorkingCopy

ALL = "all"


@click.command(cls=DocumentedCommand, example="learn flask")
@click.argument(
    "names",
    nargs=-1,
    required=True,
    metavar="FRAMEWORK",
    help="Name of the framework to learn; with --grade, the folders of the submissions.",
)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Folder of the working copy.  [default: learn/FRAMEWORK]",
)
@click.option("--from", "known", metavar="FRAMEWORK", help="A framework that you know, for hints.")
@click.option(
    "--blank",
    type=SuggestingChoice([HANDLERS, TEMPLATES]),
    help="What is blank in a new working copy: handlers or templates.  [default: handlers]",
)
@click.option(
    "--whole",
    is_flag=True,
    help="Write the whole site: a new working copy has templates, and an app that answers 501.",
)
@click.option(
    "--only",
    multiple=True,
    type=SuggestingChoice(FEATURES_BY_ID),
    metavar="ID",
    help="Make only this exercise blank in a new working copy: place-the-order, ...",
)
@click.option(
    "--kata",
    "kata_name",
    metavar="KATA",
    help="Change the site as a kata requests, in a working copy of its own.",
)
@click.option("--check", "action", flag_value="check", help="Check the current exercise, and end.")
@click.option("--hint", "action", flag_value="hint", help="Show the next hint.")
@click.option("--solution", "action", flag_value="solution", help="Show the solution.")
@click.option("--skip", "action", flag_value="skip", help="Skip the current exercise.")
@click.option("--list", "action", flag_value="list", help="List the exercises and their state.")
@click.option("--open", "action", flag_value="open", help="Serve the working copy for a browser.")
@click.option(
    "--reset",
    is_flag=False,
    flag_value="",
    metavar="[ID]",
    help="Make the current exercise, or another one, blank again; all: start from the beginning.",
)
@click.option("--grade", "grades", is_flag=True, help="Grade the submissions in these folders.")
@json_option
def command(
    names: tuple[str, ...],
    folder: Path | None,
    known: str | None,
    blank: str | None,
    whole: bool,
    only: tuple[str, ...],
    kata_name: str | None,
    action: str | None,
    reset: str | None,
    grades: bool,
    as_json: bool,
) -> int:
    """Learn a framework: write the site's handlers, and let the contract check each of them.

    The first call writes a working copy of the framework's app, in which the handlers are blank.
    Edit its files with your own editor. On a terminal, the command then watches the files: after
    each save it runs the clauses of the current exercise, and shows the first that fails. A
    passed exercise leads to the next. The options --check, --hint and so on do one step each, for
    editors and scripts.

    With --whole, the working copy has the templates, and an app that answers 501 to everything: the
    learner writes the application, its routes and its session as well.

    With --kata, the working copy has the whole site, and the exercise is the change request of the
    kata. Its clauses run first, then the core clauses that still hold.

    With --grade, each FRAMEWORK is the folder of a submitted working copy. A copy of it is tested
    in a sandbox: it has no network, sees no other folders, and its time, memory, files and
    processes are limited. --only grades one exercise.

    Prints the exercise, and the result of each check. Writes only the working copy: the apps of the
    project stay as they are.
    """
    paths = Paths.from_environ()
    registry = discover_frameworks(paths.apps)
    if grades:
        return grade_all(names, registry, only, as_json)
    if len(names) > 1:
        raise UsageError(f"learn one framework at a time: cookoff learn {names[0]}")
    name = names[0]
    framework = registry.get(name)
    other = registry.get(known) if known else None
    if kata_name:
        refuse_for_kata(blank, whole, only, action, reset)
        return learn_kata(kata_name, framework, other, folder, action, as_json)
    if whole:
        blank = choose_whole(blank, only)
    place = (folder or get_default_folder(f"{name}-{WHOLE}" if whole else name)).absolute()
    if reset == ALL:
        remove_copy(place, framework)
    copy, is_new = prepare_copy(place, framework, blank, other, only)
    known_framework = registry.get(copy.progress.known) if copy.progress.known else None
    screen = Screen(Console(highlight=False, soft_wrap=False), copy, known_framework)
    environments.ensure_environment(framework, paths)
    if is_new:
        screen.welcome()
    if reset is not None and reset != ALL:
        return run_reset(copy, screen, reset)
    if action:
        return run_action(copy, screen, paths, action, as_json)
    if reset == ALL and not sys.stdin.isatty():
        return 0
    return watch(copy, screen, paths, as_json)


def watch(copy: WorkingCopy, screen: Screen, paths: Paths, as_json: bool) -> int:
    """Watch a working copy on a terminal; elsewhere check once. Return the exit code."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return run_action(copy, screen, paths, "check", as_json)
    with ClauseServer(copy.original.name) as server:
        check = partial(lesson.check, copy, server)
        return Session(copy, screen, check, LiveSite(copy, paths)).run()


def choose_whole(blank: str | None, only: tuple[str, ...]) -> str:
    """Return what is blank with --whole; raise UsageError for options that do not go with it."""
    if blank or only:
        raise UsageError("--whole has all exercises; remove --blank and --only")
    return WHOLE


def refuse_for_kata(
    blank: str | None, whole: bool, only: tuple[str, ...], action: str | None, reset: str | None
) -> None:
    """Raise UsageError for an option that a kata, which is one exercise, does not have."""
    given = {"--blank": blank, "--whole": whole, "--only": only, "--reset": reset is not None}
    given[f"--{action}"] = action is not None and action not in ACTIONS
    if wrong := [option for option, value in given.items() if value]:
        raise UsageError(f"{wrong[0]} does not go with --kata; remove one of the two")


def grade_all(
    names: tuple[str, ...], registry: FrameworkRegistry, only: tuple[str, ...], as_json: bool
) -> int:
    """Grade submissions, and print their marks; return 1 if one could not be graded."""
    if warning := grading.describe_sandbox():
        print_error(warning)
    servers, all_marks = grading.Servers(), []
    try:
        with Progress() as progress:
            for name in names:
                progress.start_step(name)
                all_marks.append(grading.grade(Path(name), registry, servers, only))
    finally:
        servers.close_all()
    if as_json:
        print(
            json.dumps([asdict(each) | {"percent": each.percent} for each in all_marks], indent=2)
        )
    else:
        print_rows([each.as_row() for each in all_marks])
    return 1 if any(each.error for each in all_marks) else 0


def prepare_copy(
    folder: Path,
    framework: Framework,
    blank: str | None,
    known: Framework | None,
    only: tuple[str, ...],
) -> tuple[WorkingCopy, bool]:
    """Return the working copy in a folder, made if necessary, and whether it is new."""
    if get_progress_path(folder).exists():
        copy = open_copy(folder, framework)
        if copy.progress.kata:
            raise UsageError(
                f"{folder} is of a kata; open it by: cookoff learn {framework.name} "
                f"--kata {copy.progress.kata} --folder {folder}"
            )
        if (blank and blank != copy.progress.blank) or (
            only and set(only) != set(copy.progress.exercises)
        ):
            raise UsageError(
                f"{folder} has other exercises already; name another folder with --folder, or "
                f"start again: cookoff learn {framework.name} --reset all"
            )
        if known:
            copy.progress.known = known.name
            copy.save()
        return copy, False
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(
            f"{folder} has other files; name another folder: "
            f"cookoff learn {framework.name} --folder FOLDER"
        )
    name = known.name if known else ""
    if blank == WHOLE:
        return create_whole_copy(folder, framework, name), True
    return create_copy(folder, framework, blank or HANDLERS, name, only), True


def remove_copy(folder: Path, framework: Framework) -> None:
    """Remove a working copy; raise UsageError for any other folder."""
    if folder.exists():
        open_copy(folder, framework)
        shutil.rmtree(folder)


def run_reset(copy: WorkingCopy, screen: Screen, words: str) -> int:
    """Make an exercise blank again; return the exit code."""
    exercise = words or copy.progress.current
    if exercise not in copy.progress.exercises:
        known = ", ".join(copy.progress.exercises)
        raise UsageError(f"{exercise or 'none'} is no exercise here; use one of: {known}, all")
    copy.reset(exercise)
    screen.write_line(f"{exercise} is blank again.")
    return 0


def run_action(copy: WorkingCopy, screen: Screen, paths: Paths, action: str, as_json: bool) -> int:
    """Do one step, and return the exit code."""
    progress = copy.progress
    if action == "list":
        rows = screen.list_rows()
        print(json.dumps(rows, indent=2)) if as_json else print_rows(rows)
        return 0
    if action == "open":
        return serve(copy, screen, paths)
    if not progress.current:
        screen.finish()
        return 0
    if action == "hint":
        screen.show_hint()
    elif action == "solution":
        screen.show_solution()
    elif action == "skip":
        screen.write_line(f"skipped: {progress.current}")
        lesson.skip(copy)
        screen.show_exercise()
    else:
        return check_once(copy, screen, as_json)
    return 0


def check_once(copy: WorkingCopy, screen: Screen, as_json: bool) -> int:
    """Check the current exercise, and move on if it passes; return the exit code."""
    with ClauseServer(copy.original.name) as server:
        verdict = lesson.check(copy, server)
    lesson.record(copy, verdict)
    if as_json:
        print(json.dumps(screen.describe_verdict(verdict), indent=2))
    else:
        screen.show_verdict(verdict)
        if verdict.passed:
            screen.show_exercise()
    return 0 if verdict.passed else 1


def serve(copy: WorkingCopy, screen: Screen, paths: Paths) -> int:
    """Serve the working copy until Ctrl-C."""
    site = LiveSite(copy, paths)
    try:
        address = site.open()
        screen.write_line(f"Your site runs at {address}; Ctrl-C stops it.")
        webbrowser.open(address)
        assert site.host
        site.host.process.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        site.close()
    raise CookoffError(f"the site ended (log: {paths.prepare_log_path('learn')})")
