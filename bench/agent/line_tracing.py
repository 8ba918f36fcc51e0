"""Collect which lines of a folder's Python files run, by context: a feature's id, or "".

Both tracers collect the same lines and write the same file, a record that coverage reads. The one
over sys.monitoring disturbs only the folder's own code. The one over sys.settrace, which is
coverage's, hears every call in the process and writes to the disk at every change of context; it
serves Python 3.11, which has nothing else. They run inside a framework's environment.
"""

import os
import sys
from collections import defaultdict
from collections.abc import Callable
from types import CodeType
from typing import Protocol

Line = tuple[str, int]  # the file as its code object names it, and the line's number


class LineTracer(Protocol):
    """Collects lines until it is saved."""

    def start(self) -> None:
        """Begin to collect, in the context ""."""

    def switch_context(self, context: str) -> None:
        """Collect for this context from here on."""

    def save(self) -> None:
        """Stop, and write the record."""


class MonitoringTracer:
    """Collects lines by sys.monitoring, which Python 3.12 brought, in every thread.

    Code of other folders is heard of once, when it is first entered, and then never again. Lines of
    the folder stay enabled: one that already ran for one context must be heard for the next.
    """

    def __init__(self, folder: str, file: str):
        self._folder, self._file = os.path.realpath(folder) + os.sep, file
        self._lines: defaultdict[str, set[Line]] = defaultdict(set)
        self._current = self._lines[""]
        self._paths: dict[str, str] = {}  # by the name in a code object; "" of other folders' files
        self._codes: list[CodeType] = []

    def start(self) -> None:
        """Begin to collect; code that was compiled or entered before counts as well."""
        monitoring = self._monitoring = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
        events = monitoring.events
        # Its own number says what it is: an application may ask for it, as web2py's does. Numbers 3
        # and 4 belong to nobody: coverage itself may be measuring this process.
        candidates = (monitoring.COVERAGE_ID, 3, 4)
        self._tool = next(one for one in candidates if monitoring.get_tool(one) is None)
        monitoring.use_tool_id(self._tool, "cookoff recorder")
        callbacks = {
            events.PY_START: self._entered,
            events.PY_RESUME: self._entered,  # a generator that was begun before this tracer was
            events.PY_THROW: self._entered_by_error,
            events.LINE: self._ran,
        }
        for event, callback in callbacks.items():
            monitoring.register_callback(self._tool, event, callback)
        monitoring.set_events(self._tool, events.PY_START | events.PY_RESUME | events.PY_THROW)

    def switch_context(self, context: str) -> None:
        """Collect for this context from here on."""
        self._current = self._lines[context]

    def save(self) -> None:
        """Stop, let go of the tool's number, and write the record."""
        monitoring, no_events = self._monitoring, 0
        monitoring.set_events(self._tool, no_events)
        for code in self._codes:
            monitoring.set_local_events(self._tool, code, no_events)
        monitoring.free_tool_id(self._tool)
        write_record(self._file, self._lines, self._paths)

    def _entered(self, code: CodeType, offset: int) -> object:
        if not self._path(code.co_filename):
            return self._monitoring.DISABLE
        if not self._monitoring.get_local_events(self._tool, code):
            self._monitoring.set_local_events(self._tool, code, self._monitoring.events.LINE)
            self._codes.append(code)
        # Not disabled: CPython 3.13.0 would raise no event for the line of a function that has only
        # one, such as a lambda, where it raises none for the entry.
        return None

    def _entered_by_error(self, code: CodeType, offset: int, error: BaseException) -> None:
        self._entered(code, offset)  # this event cannot be disabled

    def _ran(self, code: CodeType, line: int) -> None:
        self._current.add((code.co_filename, line))

    def _path(self, name: str) -> str:
        """Return the path of a file of the folder, "" of any other.

        It is looked for when its code is entered: links may be gone at the end.
        """
        if name not in self._paths:
            path = os.path.realpath(name)
            # Python alone: template engines give the code they make any line numbers, such as
            # Kajiki's negative ones, and a record cannot hold these.
            is_inside = path.endswith(".py") and path.startswith(self._folder)
            self._paths[name] = path if is_inside else ""
        return self._paths[name]


class CoverageTracer:
    """Collects lines by coverage's own tracer over sys.settrace."""

    def __init__(self, folder: str, file: str):
        # The core that knows contexts under every Python; coverage's own over sys.monitoring does
        # not. coverage reads the variable when it is imported.
        os.environ.setdefault("COVERAGE_CORE", "ctrace")
        from coverage import Coverage

        self._coverage = Coverage(
            data_file=file, include=[f"{folder}/**/*.py"], config_file=False, messages=False
        )

    def start(self) -> None:
        """Begin to collect."""
        self._coverage.start()

    def switch_context(self, context: str) -> None:
        """Collect for this context from here on; writes to the disk what ran in the last one."""
        self._coverage.switch_context(context)

    def save(self) -> None:
        """Stop, and write the record."""
        self._coverage.stop()
        self._coverage.save()


def write_record(file: str, lines: dict[str, set[Line]], paths: dict[str, str]) -> None:
    """Write lines by context as coverage's own tracer would; paths are those of the files."""
    from coverage import CoverageData

    data = CoverageData(file)
    for context, ran in lines.items():
        by_file: defaultdict[str, set[int]] = defaultdict(set)
        for name, line in ran:
            by_file[paths[name]].add(line)
        data.set_context(context)
        data.add_lines(by_file)
    data.write()


DEFAULT_TRACER: Callable[[str, str], LineTracer] = (
    MonitoringTracer if hasattr(sys, "monitoring") else CoverageTracer
)
