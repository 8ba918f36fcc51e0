"""Watch the working copy on a terminal: check after each save, and react to keys."""

import os
import select
import sys
import termios
import time
import tty
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.cli.learn_screen import Screen
from bench.core.errors import CookoffError
from bench.core.tables import print_rows
from bench.learn import lesson
from bench.learn.lesson import Verdict
from bench.learn.live_site import LiveSite
from bench.learn.progress import STATE_FOLDER
from bench.learn.working_copy import WorkingCopy
from bench.runtime.file_watcher import FileWatcher

POLL_SECONDS = 0.1


class Session:
    """One sitting of a learner at the terminal."""

    def __init__(
        self, copy: WorkingCopy, screen: Screen, check: Callable[[], Verdict], site: LiveSite
    ) -> None:
        self.copy, self.screen, self.run_check, self.site = copy, screen, check, site
        self.watcher = FileWatcher([copy.folder])

    def run(self) -> int:
        """Show the exercise, then react to saves and keys until q or Ctrl-C."""
        try:
            with single_keys() as descriptor:
                self.screen.show_exercise()
                self.screen.write_line(self.screen.keys, "dim")
                while self.react(descriptor):
                    pass
        except KeyboardInterrupt:
            pass
        finally:
            self.site.close()
        self.screen.write_line(f"To go on: {self.screen.command}")
        return 0

    def react(self, descriptor: int) -> bool:
        """Wait a moment for a key or a save; return False to quit."""
        if select.select([descriptor], [], [], POLL_SECONDS)[0]:
            key = os.read(descriptor, 1).decode("latin-1").lower()
            return self.press(key) if key else False
        if self.find_saves():
            self.check()
        return True

    def find_saves(self) -> list[Path]:
        """Return the learner's files that changed since the last look."""
        state = self.copy.folder / STATE_FOLDER
        changes = self.watcher.find_changes()
        return [file for file in changes if not file.is_relative_to(state)]

    def check(self) -> None:
        """Check the current exercise, and go on to the next when it passes."""
        if not self.copy.progress.current:
            return
        started = time.monotonic()
        self.screen.console.print("… ", end="")
        verdict = self.run_check()
        self.screen.console.print(
            f"{time.strftime('%H:%M:%S')} ({time.monotonic() - started:.1f} s)"
        )
        self.screen.show_verdict(verdict)
        lesson.record(self.copy, verdict)
        self.watcher.find_changes()  # the error page may have been made blank
        if reason := self.site.reload():
            self.screen.write_line(f"In the browser: {reason}", "dim")
        if verdict.passed:
            self.screen.show_exercise()
            self.screen.write_line(self.screen.keys, "dim")

    def press(self, key: str) -> bool:
        """React to a key; return False to quit."""
        if key == "q":
            return False
        if self.copy.progress.kata and key != "h":
            self.screen.write_line(self.screen.keys, "dim")
        elif key == "l":
            print_rows(self.screen.list_rows())
        elif key == "o":
            self.open_site()
        elif not self.copy.progress.current and key in "hsr":
            self.screen.finish()
        elif key == "h":
            self.screen.show_hint()
        elif key == "s":
            self.screen.write_line(f"Skipped: {self.copy.progress.current}.")
            lesson.skip(self.copy)
            self.watcher.find_changes()
            self.screen.show_exercise()
        elif key == "r":
            self.copy.reset(self.copy.progress.current)
            self.watcher.find_changes()
            self.screen.write_line(f"{self.copy.progress.current} is blank again.")
            self.screen.show_exercise()
        else:
            self.screen.write_line(self.screen.keys, "dim")
        return True

    def open_site(self) -> None:
        """Open the working copy's site in the browser."""
        try:
            address = self.site.open()
        except CookoffError as error:
            self.screen.write_line(f"The site does not start: {error}")
            return
        self.screen.write_line(f"Your site runs at {address}")
        webbrowser.open(address)


@contextmanager
def single_keys() -> Iterator[int]:
    """Yield the descriptor of the terminal, which sends each key at once and shows none."""
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor, termios.TCSADRAIN)  # keeps what was typed before
        yield descriptor
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
