"""Run `cookoff learn FRAMEWORK --kata NAME`: one exercise, the change request of a kata."""

import json
import sys
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from bench.cli.learn_screen import Screen
from bench.cli.learn_session import Session
from bench.conformance.katas.catalogue import REQUEST_FILE, SHARED_PATCH, Kata, select_katas
from bench.core.errors import UsageError
from bench.core.paths import Paths, shorten_path
from bench.frameworks import environments
from bench.frameworks.manifest import Framework, discover_frameworks
from bench.learn.copying import get_default_folder, open_copy
from bench.learn.hints import Hint
from bench.learn.kata_lesson import KataLesson, create_kata_copy, open_kata_lesson
from bench.learn.lesson import record
from bench.learn.live_site import LiveSite
from bench.learn.progress import get_progress_path
from bench.learn.working_copy import WorkingCopy

ACTIONS = ("check", "hint", "solution")


class KataScreen(Screen):
    """What a learner of a kata sees."""

    keys = "h hint   q quit"

    def __init__(self, lesson: KataLesson, known: Framework | None) -> None:
        super().__init__(Console(highlight=False, soft_wrap=False), lesson.copy, known)
        self.lesson = lesson

    @property
    def command(self) -> str:
        """Return the command that opens this working copy."""
        name, kata, folder = self.copy.original.name, self.lesson.kata.name, self.copy.folder
        place = "" if folder == get_kata_folder(name, kata) else f" --folder {shorten_path(folder)}"
        return f"cookoff learn {name} --kata {kata}{place}"

    def welcome(self) -> None:
        """Tell where the new working copy is."""
        self.write_line(
            f"New: {shorten_path(self.copy.folder)}, the whole site in {self.copy.original.title}. "
            "Open this folder in your editor; save a file, and the change is checked."
        )

    def show_exercise(self) -> None:
        """Print the request, and what is done already."""
        if not self.copy.progress.current:
            self.finish()
            return
        kata, folder = self.lesson.kata, shorten_path(self.copy.folder)
        self.console.print()
        self.console.rule(f"[bold]{escape(kata.title)}[/bold]", align="left")
        self.console.print(Padding(escape(kata.request), (0, 0, 1, 0)))
        if kata.shared:
            self.write_line(
                f"Done:   the database layer and the static files: {folder}/{SHARED_PATCH}"
            )
        self.write_line(f"Change: the site in {folder}; the request is in {REQUEST_FILE}")

    def build_hints(self) -> list[Hint]:
        """Return the hints of the kata."""
        return self.lesson.build_hints(self.known)

    def describe(self, exercise: str) -> str:
        """Return the title of the kata, as a sentence."""
        return f"{self.lesson.kata.title}."

    def finish(self) -> None:
        """Print that the change is done, and where to read those of other frameworks."""
        name = self.lesson.kata.name
        self.write_line("The change is done.", "bold green")
        self.write_line(
            f"Compare it with others: cookoff kata show {name} {self.copy.original.name}"
        )


def get_kata_folder(name: str, kata: str) -> Path:
    """Return the folder of the working copy of a framework for a kata."""
    return get_default_folder(f"{name}-{kata}")


def learn_kata(
    name: str,
    framework: Framework,
    known: Framework | None,
    folder: Path | None,
    action: str | None,
    as_json: bool,
) -> int:
    """Open or make the working copy of a kata, and watch it or do one step."""
    (kata,) = select_katas([name])
    place = (folder or get_kata_folder(framework.name, name)).absolute()
    copy, is_new = prepare_kata_copy(place, framework, kata, known)
    paths = Paths.from_environ()
    environments.ensure_environment(framework, paths)
    if not known and copy.progress.known:
        known = discover_frameworks(paths.apps).get(copy.progress.known)
    with open_kata_lesson(kata, copy) as lesson:
        screen = KataScreen(lesson, known)
        if is_new:
            screen.welcome()
        if not copy.progress.current:
            screen.finish()
        elif action == "hint":
            screen.show_hint()
        elif action == "solution":
            screen.show_solution()
        elif action == "check" or not (sys.stdin.isatty() and sys.stdout.isatty()):
            return check_kata_once(lesson, screen, as_json)
        else:
            with lesson.start_server() as server:
                site = LiveSite(copy, paths)
                return Session(copy, screen, partial(lesson.check, server), site).run()
    return 0


def prepare_kata_copy(
    folder: Path, framework: Framework, kata: Kata, known: Framework | None
) -> tuple[WorkingCopy, bool]:
    """Return the working copy of a kata in a folder, made if necessary, and whether it is new."""
    if get_progress_path(folder).exists():
        copy = open_copy(folder, framework)
        if copy.progress.kata != kata.name:
            raise UsageError(f"{folder} has other exercises; name another folder with --folder")
        return copy, False
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} has other files; name another folder with --folder")
    return create_kata_copy(folder, framework, kata, known.name if known else ""), True


def check_kata_once(lesson: KataLesson, screen: KataScreen, as_json: bool) -> int:
    """Check the change once; return the exit code."""
    with lesson.start_server() as server:
        verdict = lesson.check(server)
    record(lesson.copy, verdict)
    if as_json:
        print(json.dumps(screen.describe_verdict(verdict), indent=2))
    else:
        screen.show_verdict(verdict)
        screen.show_exercise()
    return 0 if verdict.passed else 1
