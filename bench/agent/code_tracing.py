"""Collect the lines of an app that run for one request, and the tree of its calls with times.

sys.settrace and sys.setprofile report one thread, and only while a part of the request runs there.
Both make each call slower, so that the times of calls are comparable with each other only. Runs
inside a framework's environment.
"""

import os
import sys
from collections.abc import Callable, Sequence
from time import perf_counter_ns
from types import CodeType, FrameType
from typing import Any

from bench.agent.call_counter import CallCounter, LayerRules

MAX_CALLS = 20_000  # of one request; later calls count for their caller


class CodeTracer:
    """The lines and the calls of one request."""

    def __init__(self, app_folder: str, layer_rules: LayerRules):
        self._folder, self._paths = app_folder, dict[str, str]()
        self._lines: set[tuple[str, int]] = set()
        self._calls = CallTimer(layer_rules)

    def run(self, call: Callable[[], Any]) -> Any:
        """Run a part of the request and return its result."""
        outer_trace, outer_profile = sys.gettrace(), sys.getprofile()
        sys.settrace(self._on_call)
        sys.setprofile(self._calls)
        try:
            return call()
        finally:
            sys.setprofile(outer_profile)
            sys.settrace(outer_trace)
            self._calls.close_open_calls()

    def _on_call(self, frame: FrameType, event: str, argument: object) -> Any:
        path = self._find_path(frame.f_code.co_filename)
        if not path:
            return None
        self._lines.add((path, frame.f_lineno))
        return self._on_line

    def _on_line(self, frame: FrameType, event: str, argument: object) -> Any:
        if event == "line":
            self._lines.add((self._paths[frame.f_code.co_filename], frame.f_lineno))
        return self._on_line

    def _find_path(self, name: str) -> str:
        """Return the path of a Python file of the app, relative to its folder, "" for others."""
        if name not in self._paths:
            path = os.path.realpath(name)
            is_inside = path.endswith(".py") and path.startswith(self._folder)
            self._paths[name] = path.removeprefix(self._folder) if is_inside else ""
        return self._paths[name]

    def summarize(self) -> dict[str, Any]:
        """Return the lines by file, and the calls in the order in which they began.

        A call is depth, layer, file, line, function, start and duration in microseconds.
        """
        lines: dict[str, list[int]] = {}
        for path, line in sorted(self._lines):
            lines.setdefault(path, []).append(line)
        return {"lines": lines, "calls": list(map(build_call, self._calls.calls))}


class CallTimer(CallCounter):
    """A profile function that times each call."""

    def __init__(self, layer_rules: LayerRules):
        super().__init__(layer_rules, "server")
        self.calls: list[list[Any]] = []  # depth, layer, code, start and end in nanoseconds
        self._open: list[list[Any] | None] = []

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        """Handle one event of sys.setprofile."""
        if event == "call":
            layer = self.find_layer(frame.f_code) or self.stack[-1]
            self.stack.append(layer)
            call = [len(self.stack) - 1, layer, frame.f_code, perf_counter_ns(), 0]
            is_kept = len(self.calls) < MAX_CALLS
            if is_kept:
                self.calls.append(call)
            self._open.append(call if is_kept else None)
        elif event == "return" and self._open:
            self.stack.pop()
            if call_ended := self._open.pop():
                call_ended[4] = perf_counter_ns()

    def close_open_calls(self) -> None:
        """End the calls of which no end was reported."""
        for call in filter(None, self._open):
            call[4] = perf_counter_ns()
        self._open.clear()
        del self.stack[1:]


def build_call(call: Sequence[Any]) -> tuple[int, str, str, int, str, int, int]:
    """Return one call as the observation stores it, with times in microseconds."""
    depth, layer, code, start, end = call
    assert isinstance(code, CodeType)
    path = code.co_filename
    if path.endswith(".py"):
        path = os.path.realpath(path)
    return (
        depth,
        layer,
        path,
        code.co_firstlineno,
        code.co_qualname,
        start // 1000,
        (end - start) // 1000,
    )
