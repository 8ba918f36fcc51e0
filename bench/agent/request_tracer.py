"""Trace which Python functions one request enters, with depth, layer and time.

sys.monitoring (Python 3.12) or else sys.setprofile reports the entries. Both report each entry of a
function's frame, for a generator each resumption, too. A function of the standard library counts
for the layer that called it. Nothing inside compiled code is reported. Runs inside a framework's
environment: standard library and waitress only.
"""

import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from threading import get_ident
from time import perf_counter_ns
from types import CodeType, FrameType
from typing import NamedTuple

from bench.agent.call_counter import CallCounter, LayerRules

RequestCall = Callable[[], object]


class HandlerLocation(NamedTuple):
    """The file, the lines (with decorators) and the name of a handler."""

    file: str
    first_line: int
    last_line: int
    name: str

    def contains(self, code: CodeType) -> bool:
        """Return whether a function is this handler, or one of its methods.

        Where the file does not exist any more, the name and the first line decide.
        """
        file = os.path.realpath(code.co_filename)
        if os.path.exists(file):  # noqa: PTH110  # creating a Path costs more
            return file == self.file and self.first_line <= code.co_firstlineno <= self.last_line
        return (code.co_name, code.co_firstlineno) == (self.name, self.first_line)


class FunctionEntry(NamedTuple):
    """One entry of a function."""

    code: CodeType
    layer: str
    depth: int  # 1 for the outermost


class StackFrame(NamedTuple):
    """One frame on the path to the handler, and its current line."""

    file: str
    function: str
    layer: str
    line: int


class RequestTracer(CallCounter):
    """Records the entries of one request."""

    def __init__(self, layer_rules: LayerRules, handlers: Sequence[HandlerLocation]):
        super().__init__(layer_rules, "server")
        self.handlers = handlers
        self.entries: list[FunctionEntry] = []
        self.spent_ns: Counter[str] = Counter()
        self.call_path: list[StackFrame] = []  # ends with the handler; empty without a handler
        self.calls_before = 0  # entries before the handler's
        self._since = 0
        self._thread = get_ident()
        # By the id of a code object, which self.entries keeps alive.
        self._handlers_by_code: dict[int, HandlerLocation | None] = {}

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        """Handle one event of sys.setprofile."""
        if event == "call":
            self.record_entry(frame)
        elif event == "return":
            self.record_exit()

    def record_entry(self, frame: FrameType) -> None:
        """Record that a function was entered."""
        self._add_time()
        layer = self.find_layer(frame.f_code) or self.stack[-1]
        self.stack.append(layer)
        self.entries.append(FunctionEntry(frame.f_code, layer, len(self.stack) - 1))
        if not self.call_path and (handler := self._find_handler(frame.f_code)):
            self.calls_before = len(self.entries) - 1
            *outer, last = self._build_call_path(frame)
            self.call_path = [*outer, last._replace(file=handler.file)]
        self._since = perf_counter_ns()

    def record_exit(self) -> None:
        """Record that a function returned, raised or yielded."""
        self._add_time()
        if len(self.stack) > 1:
            self.stack.pop()
        self._since = perf_counter_ns()

    def _add_time(self) -> None:
        if self._since:
            self.spent_ns[self.stack[-1]] += perf_counter_ns() - self._since

    def _find_handler(self, code: CodeType) -> HandlerLocation | None:
        if id(code) not in self._handlers_by_code:
            self._handlers_by_code[id(code)] = next(
                (handler for handler in self.handlers if handler.contains(code)), None
            )
        return self._handlers_by_code[id(code)]

    def _build_call_path(self, frame: FrameType) -> list[StackFrame]:
        path: list[StackFrame] = []
        current: FrameType | None = frame
        for layer in reversed(self.stack[1:]):
            assert current, "more functions are recorded than the stack has frames"
            code = current.f_code
            path.append(StackFrame(code.co_filename, code.co_qualname, layer, current.f_lineno))
            current = current.f_back
        return path[::-1]

    def trace_with_profile(self, run: RequestCall) -> None:
        """Run a call with sys.setprofile, which reports this thread only."""
        sys.setprofile(self)
        try:
            run()
        finally:
            sys.setprofile(None)

    def trace_with_monitoring(self, run: RequestCall) -> None:
        """Run a call with sys.monitoring, of Python 3.12 and later."""
        monitoring = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
        tool, events = monitoring.PROFILER_ID, monitoring.events
        callbacks = {
            **dict.fromkeys((events.PY_START, events.PY_RESUME, events.PY_THROW), self._on_entry),
            **dict.fromkeys((events.PY_RETURN, events.PY_YIELD, events.PY_UNWIND), self._on_exit),
        }
        monitoring.use_tool_id(tool, "cookoff tracer")
        for event, callback in callbacks.items():
            monitoring.register_callback(tool, event, callback)
        monitoring.set_events(tool, sum(callbacks))
        try:
            run()
        finally:
            monitoring.set_events(tool, 0)
            monitoring.free_tool_id(tool)

    def _on_entry(self, *_: object) -> None:
        if get_ident() == self._thread:
            self.record_entry(sys._getframe(1))

    def _on_exit(self, *_: object) -> None:
        if get_ident() == self._thread:
            self.record_exit()

    def trace(self, run: RequestCall) -> None:
        """Run a call with the better instrument that this Python has."""
        if INSTRUMENT == "sys.monitoring":
            self.trace_with_monitoring(run)
        else:
            self.trace_with_profile(run)


INSTRUMENT = "sys.monitoring" if hasattr(sys, "monitoring") else "sys.setprofile"
