"""Collect which lines of a folder's Python files run, by context: a feature's id, or "".

Both tracers collect the same lines and write the same file, a record that coverage reads. The
tracer on sys.monitoring slows down only the folder's own code. The tracer on sys.settrace, which is
coverage's, receives each call in the process; only Python 3.11 needs it. Both run inside the
environment of a framework.
"""

import os
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from types import CodeType
from typing import Protocol

Line = tuple[str, int]  # the file as its code object names it, and the number of the line


class LineTracer(Protocol):
    """Collects lines until save()."""

    def start(self) -> None:
        """Start collecting, in the context ""."""

    def switch_context(self, context: str) -> None:
        """Collect for this context from now on."""

    def save(self) -> None:
        """Stop collecting and write the record."""


class MonitoringTracer:
    """Collects lines by sys.monitoring, new in Python 3.12, in every thread.

    Code of other folders raises one event, when it is first entered. Lines of the folder stay
    enabled: a line that ran for one context may run for the next.
    """

    def __init__(self, folder: str, file: str):
        self._folder, self._file = os.path.realpath(folder) + os.sep, file
        self._lines: defaultdict[str, set[Line]] = defaultdict(set)
        self._current = self._lines[""]
        self._paths: dict[
            str, str
        ] = {}  # by the name in a code object; "" for files of other folders
        self._codes: list[CodeType] = []

    def start(self) -> None:
        """Start collecting, also in code that was compiled or entered before."""
        monitoring = self._monitoring = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
        events = monitoring.events
        # The application may look for a tool with coverage's number, as web2py does. Numbers 3 and
        # 4 are unassigned: coverage itself may measure this process.
        candidates = (monitoring.COVERAGE_ID, 3, 4)
        self._tool = next(tool for tool in candidates if monitoring.get_tool(tool) is None)
        monitoring.use_tool_id(self._tool, "cookoff recorder")
        callbacks = {
            events.PY_START: self._on_entry,
            events.PY_RESUME: self._on_entry,  # a generator that was entered before start()
            events.PY_THROW: self._on_throw,
            events.LINE: self._on_line,
        }
        for event, callback in callbacks.items():
            monitoring.register_callback(self._tool, event, callback)
        monitoring.set_events(self._tool, events.PY_START | events.PY_RESUME | events.PY_THROW)

    def switch_context(self, context: str) -> None:
        """Collect for this context from now on."""
        self._current = self._lines[context]

    def save(self) -> None:
        """Stop collecting, free the tool's number and write the record."""
        monitoring, no_events = self._monitoring, 0
        monitoring.set_events(self._tool, no_events)
        for code in self._codes:
            monitoring.set_local_events(self._tool, code, no_events)
        monitoring.free_tool_id(self._tool)
        write_record(self._file, self._lines, self._paths)

    def _on_entry(self, code: CodeType, offset: int) -> object:
        if not self._find_path(code.co_filename):
            return self._monitoring.DISABLE
        if not self._monitoring.get_local_events(self._tool, code):
            self._monitoring.set_local_events(self._tool, code, self._monitoring.events.LINE)
            self._codes.append(code)
        # Not disabled: without events for the entry, CPython 3.13.0 raises no line event in a
        # function of a single line, such as a lambda.
        return None

    def _on_throw(self, code: CodeType, offset: int, error: BaseException) -> None:
        self._on_entry(code, offset)  # this event cannot be disabled

    def _on_line(self, code: CodeType, line: int) -> None:
        self._current.add((code.co_filename, line))

    def _find_path(self, name: str) -> str:
        """Return the path of a file of the folder, "" for any other file.

        Called when the file's code is entered: symbolic links may be removed before the end.
        """
        if name not in self._paths:
            path = os.path.realpath(name)
            # Only .py files: template engines give their code arbitrary line numbers, such as the
            # negative ones of Kajiki, and a record cannot store these.
            is_inside = path.endswith(".py") and path.startswith(self._folder)
            self._paths[name] = path if is_inside else ""
        return self._paths[name]


class CoverageTracer:
    """Collects lines by coverage's own tracer on sys.settrace, and keeps them in memory.

    Otherwise coverage would write to the disk at each change of context, that is for each request,
    which takes as long as most requests.
    """

    def __init__(self, folder: str, file: str):
        # This core supports contexts under every Python; coverage's core on sys.monitoring does
        # not. coverage reads the variable when it is imported.
        os.environ.setdefault("COVERAGE_CORE", "ctrace")
        from coverage import Coverage

        self._coverage = Coverage(
            data_file=None, include=[f"{folder}/**/*.py"], config_file=False, messages=False
        )
        self._coverage.set_option("run:disable_warnings", ["no-data-collected"])
        self._file = file
        self._lines: defaultdict[str, set[Line]] = defaultdict(set)
        self._current = self._lines[""]

    def start(self) -> None:
        """Start collecting."""
        self._coverage.start()
        vars(self._coverage.get_data()).update(add_lines=self._add, set_context=self._set_context)

    def switch_context(self, context: str) -> None:
        """Collect for this context from now on."""
        self._coverage.switch_context(context)

    def save(self) -> None:
        """Stop collecting and write the record."""
        self._coverage.switch_context("")  # moves the last lines to this object
        self._coverage.stop()
        paths = {name: name for lines in self._lines.values() for name, _ in lines}
        write_record(self._file, self._lines, paths)

    def _add(self, lines_by_file: Mapping[str, Collection[int]]) -> None:
        for name, lines in lines_by_file.items():
            self._current.update((name, line) for line in lines)

    def _set_context(self, context: str | None) -> None:
        self._current = self._lines[context or ""]


def write_record(file: str, lines: dict[str, set[Line]], paths: dict[str, str]) -> None:
    """Write lines by context in coverage's format; `paths` maps the names of files to paths."""
    from coverage import CoverageData

    data = CoverageData(file)
    for context, context_lines in lines.items():
        by_file: defaultdict[str, set[int]] = defaultdict(set)
        for name, line in context_lines:
            by_file[paths[name]].add(line)
        data.set_context(context)
        data.add_lines(by_file)
    data.write()


DEFAULT_TRACER: Callable[[str, str], LineTracer] = (
    MonitoringTracer if hasattr(sys, "monitoring") else CoverageTracer
)
