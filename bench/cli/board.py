"""Show the progress of `cookoff compare`: a live table on a terminal, plain lines in a pipe.

The same rows are written to the report's first page, so that a browser shows them, too.
"""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.live import Live
from rich.table import Table

from bench.cli.common import log_step
from bench.conformance.clause_progress import ClauseCount, format_counts
from bench.conformance.contract import SiteResult
from bench.core.errors import CookoffError
from bench.core.files import write_file
from bench.core.hints import print_error
from bench.core.progress import Progress, format_time_left
from bench.core.tables import Row, build_columns
from bench.frameworks.environments import Environment, EnvironmentBuildError
from bench.frameworks.manifest import Framework
from bench.report.progress import write_progress
from bench.report.site import INDEX_FILE
from bench.results.schema import TAUGHT_SUFFIX, Code, Cost

PAGE_SECONDS = 3.0  # between two writes of the report's first page
REFRESHES_PER_SECOND = 2
SITE_SUFFIXES = ("", TAUGHT_SUFFIX)


@dataclass
class BoardRow:
    """What is known about one framework."""

    framework: str
    environment: str = "building"
    clauses: str = ""
    taught: str = ""
    lines: str = ""
    cost: str = ""
    time_left: str = ""

    def as_row(self, page: str) -> Row:
        """Return the cells by heading; `page` is the timed page."""
        return {
            "framework": self.framework,
            "environment": self.environment,
            "clauses": self.clauses,
            "as taught": self.taught,
            "lines + hardening": self.lines,
            f"{page}: µs so far": self.cost,
            "time left": self.time_left,
        }


class Board(Progress):
    """The rows of all frameworks and the current step, as the progress of a comparison."""

    def __init__(self, names: Sequence[str], page: str) -> None:
        self.rows = {name: BoardRow(name) for name in names}
        self.page, self.step, self.detail = page, "", ""
        self.first_counts: dict[str, float] = {}  # the time of the first clause, by framework
        self.finished_sites: set[str] = set()
        self.written_seconds = float("-inf")
        self.page_failure = ""
        self._display = (
            Live(
                get_renderable=self.render,
                console=Console(stderr=True),
                refresh_per_second=REFRESHES_PER_SECOND,
                transient=True,  # the summary takes its place
            )
            if sys.stderr.isatty()
            else None
        )

    def start_step(self, step: str, state: str = "") -> None:
        """Show the step that starts, and write the first page."""
        self.step, self.detail = step, state
        if not self._display:
            log_step(f"{step} ({state})" if state else step)
        self.write_page(at_once=True)

    def update_detail(self, detail: str) -> None:
        """Show a detail of the step."""
        self.detail = detail

    def print_note(self, note: str) -> None:
        """Print a line above the live table."""
        click.echo(note, err=True)

    def show_environment(
        self, framework: Framework, outcome: Environment | EnvironmentBuildError
    ) -> None:
        """Show whether an environment is ready."""
        row = self.rows[framework.name]
        if isinstance(outcome, EnvironmentBuildError):
            row.environment = "missing"
        else:
            row.framework = outcome.title
            row.environment = "ready"
            if outcome.build_seconds:
                row.environment = f"built in {outcome.build_seconds:.0f} s"
        self.write_page()

    def show_clauses(self, counts: Mapping[str, ClauseCount]) -> None:
        """Show how many clauses of each site have run, and the time that the others take."""
        now = time.monotonic()
        if any(count.total for count in counts.values()):
            self.detail = format_counts([*counts.values()])
        for name, row in self.rows.items():
            hardened, taught = (counts.get(f"{name}{end}", ClauseCount()) for end in SITE_SUFFIXES)
            if name not in self.finished_sites:
                row.clauses = format_running(hardened)
            if f"{name}{TAUGHT_SUFFIX}" not in self.finished_sites:
                row.taught = format_running(taught)
            if finished := hardened.finished + taught.finished:
                seconds = now - self.first_counts.setdefault(name, now)
                left = 2 * max(hardened.total, taught.total) - finished
                row.time_left = format_time_left(seconds / finished * left) if left else ""
        self.write_page()

    def show_result(self, result: SiteResult) -> None:
        """Show how many clauses a site passed."""
        self.finished_sites.add(result.title)
        passed = len(result.find_clauses("passed")) + len(result.find_clauses("deviation"))
        text = f"{passed:,} of {len(result.outcomes):,}"
        if result.as_taught:
            self.rows[result.name].taught = text
        else:
            self.rows[result.name].clauses = text
        self.write_page()

    def show_code(self, name: str, code: Code) -> None:
        """Show the lines of a framework's code."""
        self.rows[name].lines = f"{code.python_lines:,} + {code.hardening_lines:,}"

    def show_cost(self, cost: Cost | None, seconds_left: float) -> None:
        """Show the time of the page so far, in microseconds, and the remaining time."""
        for name, times in (cost.pages.get(self.page, {}) if cost else {}).items():
            if name in self.rows:
                self.rows[name].cost = f"{times.microseconds:,.0f}"
                self.rows[name].time_left = format_time_left(seconds_left) if seconds_left else ""
        self.write_page()

    def write_page(self, at_once: bool = False) -> None:
        """Write the report's first page, at most every PAGE_SECONDS; print why it fails."""
        if not at_once and time.monotonic() - self.written_seconds < PAGE_SECONDS:
            return
        self.written_seconds = time.monotonic()
        try:
            write_progress(self.list_rows(), self.format_step())
        except CookoffError as error:
            if str(error) != self.page_failure:
                self.page_failure = str(error)
                print_error(f"the first page of the report is not written: {error}")

    def list_rows(self) -> list[Row]:
        """Return the rows, in the order of the names."""
        return [row.as_row(self.page) for row in self.rows.values()]

    def format_step(self) -> str:
        """Return the step with its detail."""
        return f"{self.step}: {self.detail}" if self.detail else self.step

    def render(self) -> Table:
        """Return the table that the terminal shows."""
        title = self.format_step()
        table = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
        for column in build_columns(self.list_rows()):
            table.add_column(column.cells[0], overflow="fold")
        for row in self.list_rows():
            table.add_row(*map(str, row.values()))
        return table


def format_running(count: ClauseCount) -> str:
    """Return a count as "349 of 1,834 run", "" before the clauses are known."""
    return f"{count.finished:,} of {count.total:,} run" if count.total else ""


@contextmanager
def keep_first_page(file: Path = INDEX_FILE) -> Iterator[None]:
    """Put the earlier first page back on any error: the page of a running comparison reloads."""
    earlier = file.read_bytes() if file.is_file() else None
    try:
        yield
    except BaseException:
        if earlier is None:
            file.unlink(missing_ok=True)
        else:
            write_file(file, earlier)
        raise
