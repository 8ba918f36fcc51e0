"""Print what a learner sees: the exercise, the verdict of a check, hints and the list."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table

from bench.core.hints import spell_commands
from bench.core.paths import shorten_path
from bench.core.words import format_count
from bench.frameworks.features import FEATURES_BY_ID
from bench.frameworks.manifest import Framework
from bench.learn.code_checks import get_name
from bench.learn.copying import get_default_folder
from bench.learn.exercises import HANDLERS, TEMPLATES, WHOLE
from bench.learn.hints import SOLUTION, Hint, build_hints
from bench.learn.lesson import Verdict
from bench.learn.material import list_given
from bench.learn.working_copy import WorkingCopy

KEYS = "h hint   s skip   r reset   l list   o open in the browser   q quit"


class Screen:
    """The output of `cookoff learn` for one working copy."""

    keys = KEYS

    def __init__(self, console: Console, copy: WorkingCopy, known: Framework | None) -> None:
        self.console, self.copy, self.known = console, copy, known

    @property
    def command(self) -> str:
        """Return the command that opens this working copy."""
        name, folder = self.copy.original.name, self.copy.folder
        whole = self.copy.progress.blank == WHOLE
        usual = get_default_folder(f"{name}-{WHOLE}" if whole else name)
        place = "" if folder == usual else f" --folder {shorten_path(folder)}"
        return f"cookoff learn {name}{' --whole' * whole}{place}"

    def write_line(self, text: str, style: str = "") -> None:
        """Print a line of text as it is."""
        self.console.print(escape(spell_commands(text)), style=style or None)

    def welcome(self) -> None:
        """Tell where the new working copy is."""
        count = format_count(len(self.copy.progress.exercises), "exercise")
        if self.copy.progress.blank == WHOLE:
            self.welcome_to_whole()
            return
        blank = "handler" if self.copy.progress.blank == HANDLERS else "template"
        self.write_line(
            f"New: {shorten_path(self.copy.folder)}, the site in {self.copy.original.title}."
        )
        self.write_line(
            f"It has {count}, each a blank {blank}. Open this folder in your editor; save a file, "
            "and the exercise is checked."
        )

    def welcome_to_whole(self) -> None:
        """Tell where the new working copy is, and what it has."""
        folder, title = shorten_path(self.copy.folder), self.copy.original.title
        self.write_line(f"New: {folder}, a site that answers 501. Write all of it in {title}.")
        self.write_line(
            "app.py makes the application, handlers.py has a stub for each exercise, problems.py "
            "the errors; the templates are there. Start with the application in app.py."
        )

    def show_exercise(self) -> None:
        """Print the current exercise: what to write, where, and what may be used."""
        progress = self.copy.progress
        exercise = progress.current
        if not exercise:
            self.finish()
            return
        feature = FEATURES_BY_ID[exercise]
        number = progress.exercises.index(exercise) + 1
        self.console.print()
        self.console.rule(
            f"[bold]{number} of {len(progress.exercises)}: {escape(feature.sentence)}[/bold]",
            align="left",
        )
        self.write_line(f"Request: {feature.request}")
        for place in self.list_places(exercise):
            self.write_line(f"Write:   {place}")
        given = list_given(self.copy, exercise)
        if given:
            self.write_line("You can use:")
            table = Table.grid(padding=(0, 2))
            for each in given:
                table.add_row(f"[cyan]{escape(each.name)}[/cyan]", escape(each.text))
            self.console.print(Padding(table, (0, 0, 0, 2)))

    def list_places(self, exercise: str) -> list[str]:
        """Return the files and lines of an exercise: "learn/flask/handlers.py, line 66"."""
        folder = Path(shorten_path(self.copy.folder))
        feature = FEATURES_BY_ID[exercise]
        if self.copy.progress.blank == TEMPLATES:
            files = map(self.copy.to_copy, self.copy.find_own_templates(feature))
            return [str(folder / file.relative_to(self.copy.folder)) for file in files]
        try:
            site = self.copy.parse()
        except Exception:  # noqa: BLE001  # the next check names the mistake
            return []
        return [
            f"{handler.name} in {folder / get_name(self.copy, handler.file)}, "
            f"line {handler.node.lineno}"
            for handler in site.select_handlers(feature)
        ]

    def finish(self) -> None:
        """Print that no exercise is left."""
        skipped = self.copy.progress.skipped
        if skipped:
            self.write_line(
                f"All other exercises are done. Skipped: {', '.join(skipped)}. Take one up again: "
                f"cookoff learn {self.copy.original.name} --reset {skipped[0]}"
            )
        else:
            self.write_line(
                "All exercises are done: you have written the whole site.", "bold green"
            )

    def show_verdict(self, verdict: Verdict) -> None:
        """Print the result of a check."""
        if not verdict.passed:
            sentence = escape(spell_commands(verdict.sentence))
            self.console.print(f"[bold red]✗[/bold red] {sentence}")
            if verdict.clause:
                self.write_line(f"  The clause: {verdict.clause}.", "dim")
            return
        waiting = len(verdict.waiting)
        later = f"; {waiting} more wait for later exercises" if waiting else ""
        sentence = self.describe(verdict.exercise)
        passed = f"{format_count(verdict.passed_clauses, 'clause')} passed{later}"
        self.console.print(f"[bold green]✓[/bold green] {sentence} {passed}.")

    def describe(self, exercise: str) -> str:
        """Return the sentence of an exercise."""
        return FEATURES_BY_ID[exercise].sentence

    def describe_verdict(self, verdict: Verdict) -> dict[str, object]:
        """Return the result of a check for --json."""
        return {
            "exercise": verdict.exercise,
            "passed": verdict.passed,
            "sentence": verdict.sentence,
            "clause": verdict.clause,
            "passed_clauses": verdict.passed_clauses,
            "waiting_clauses": len(verdict.waiting),
            "next": self.copy.progress.current,
        }

    def list_rows(self) -> list[dict[str, object]]:
        """Return a row for each exercise, with its state."""
        progress = self.copy.progress
        return [
            {
                "number": number,
                "exercise": exercise,
                "state": progress.describe(exercise),
                "hints": progress.hints.get(exercise, 0),
                "sentence": self.describe(exercise),
            }
            for number, exercise in enumerate(progress.exercises, 1)
        ]

    def show_hint(self) -> None:
        """Print the next hint of the current exercise; the last is the solution."""
        progress = self.copy.progress
        exercise = progress.current
        hints = self.build_hints()
        number = min(progress.hints.get(exercise, 0), len(hints) - 1)
        progress.hints[exercise] = number + 1
        self.copy.save()
        self.print_hint(hints[number], f"Hint {number + 1} of {len(hints)}: ")

    def build_hints(self) -> list[Hint]:
        """Return the hints of the current exercise."""
        return build_hints(self.copy, self.copy.progress.current, self.known)

    def show_solution(self) -> None:
        """Print the solution of the current exercise."""
        for hint in self.build_hints():
            if hint.line.startswith(SOLUTION):
                self.print_hint(hint, "")

    def print_hint(self, hint: Hint, prefix: str) -> None:
        """Print a hint, with its code."""
        self.write_line(f"{prefix}{hint.line}")
        if hint.code and self.console.is_terminal:
            self.console.print(
                Padding(Syntax(hint.code.rstrip(), hint.language, theme="ansi_dark"), (0, 0, 0, 2))
            )
        elif hint.code:
            print(hint.code.rstrip())
