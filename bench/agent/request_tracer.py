"""Which Python functions does one request enter, how deep, in which layer, and for how long?

Watched by sys.monitoring where there is one (Python 3.12), else by sys.setprofile. Both count every
time a function's frame is entered: a generator's once more each time it goes on. A function of the
standard library counts for the layer that called it. Nothing inside compiled code is seen. It runs
inside a framework's environment: standard library and waitress only.
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
    """Where a handler stands in a file, decorators included, and its name."""

    file: str
    first_line: int
    last_line: int
    name: str

    def contains(self, code: CodeType) -> bool:
        """Tell whether a function is this handler, or one of its methods.

        A file that is no more was compiled beforehand: there the name and the line have to do.
        """
        file = os.path.realpath(code.co_filename)
        if os.path.exists(file):  # noqa: PTH110  # a Path has more cost and no more use
            return file == self.file and self.first_line <= code.co_firstlineno <= self.last_line
        return (code.co_name, code.co_firstlineno) == (self.name, self.first_line)


class FunctionEntry(NamedTuple):
    """One time that a function was entered."""

    code: CodeType
    layer: str
    depth: int  # 1 for the outermost


class StackFrame(NamedTuple):
    """One frame on the way to the handler, and the line that it had come to."""

    file: str
    function: str
    layer: str
    line: int


class RequestTracer(CallCounter):
    """What is written down while one request is answered."""

    def __init__(self, layer_rules: LayerRules, handlers: Sequence[HandlerLocation]):
        super().__init__(layer_rules, "server")
        self.handlers = handlers
        self.entries: list[FunctionEntry] = []
        self.spent_ns: Counter[str] = Counter()
        self.call_path: list[StackFrame] = []  # ends with the handler; empty where none was entered
        self.calls_before = 0  # entries before the handler's
        self._since = 0
        self._thread = get_ident()
        self._known: dict[
            int, HandlerLocation | None
        ] = {}  # by the id of a code, which self.entries keeps alive

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        """Hear of one event, as sys.setprofile tells it."""
        if event == "call":
            self.record_entry(frame)
        elif event == "return":
            self.record_exit()

    def record_entry(self, frame: FrameType) -> None:
        """Write down that a function was entered."""
        self._pass_time()
        layer = self.find_layer(frame.f_code) or self.stack[-1]
        self.stack.append(layer)
        self.entries.append(FunctionEntry(frame.f_code, layer, len(self.stack) - 1))
        if not self.call_path and (cook := self._cook_of(frame.f_code)):
            self.calls_before = len(self.entries) - 1
            *way, last = self._spine_to(frame)
            self.call_path = [*way, last._replace(file=cook.file)]
        self._since = perf_counter_ns()

    def record_exit(self) -> None:
        """Write down that a function was left, for good or until it goes on."""
        self._pass_time()
        if len(self.stack) > 1:
            self.stack.pop()
        self._since = perf_counter_ns()

    def _pass_time(self) -> None:
        if self._since:
            self.spent_ns[self.stack[-1]] += perf_counter_ns() - self._since

    def _cook_of(self, code: CodeType) -> HandlerLocation | None:
        if id(code) not in self._known:
            self._known[id(code)] = next((one for one in self.handlers if one.contains(code)), None)
        return self._known[id(code)]

    def _spine_to(self, frame: FrameType) -> list[StackFrame]:
        found: list[StackFrame] = []
        at: FrameType | None = frame
        for layer in reversed(self.stack[1:]):
            assert at, "the stack ends before what was written down of it"
            code = at.f_code
            found.append(StackFrame(code.co_filename, code.co_qualname, layer, at.f_lineno))
            at = at.f_back
        return found[::-1]

    def trace_with_profile(self, run: RequestCall) -> None:
        """Run something and watch it by sys.setprofile, which hears of this thread alone."""
        sys.setprofile(self)
        try:
            run()
        finally:
            sys.setprofile(None)

    def trace_with_monitoring(self, run: RequestCall) -> None:
        """Run something and watch it by sys.monitoring, of Python 3.12 and later."""
        monitoring = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
        tool, events = monitoring.PROFILER_ID, monitoring.events
        heard = {
            **dict.fromkeys((events.PY_START, events.PY_RESUME, events.PY_THROW), self._started),
            **dict.fromkeys((events.PY_RETURN, events.PY_YIELD, events.PY_UNWIND), self._ended),
        }
        monitoring.use_tool_id(tool, "cookoff journey")
        for event, callback in heard.items():
            monitoring.register_callback(tool, event, callback)
        monitoring.set_events(tool, sum(heard))
        try:
            run()
        finally:
            monitoring.set_events(tool, 0)
            monitoring.free_tool_id(tool)

    def _started(self, *_: object) -> None:
        if get_ident() == self._thread:
            self.record_entry(sys._getframe(1))

    def _ended(self, *_: object) -> None:
        if get_ident() == self._thread:
            self.record_exit()

    def trace(self, run: RequestCall) -> None:
        """Run something and watch it by the better of the two that this Python has."""
        (self.trace_with_monitoring if INSTRUMENT == "sys.monitoring" else self.trace_with_profile)(
            run
        )


INSTRUMENT = "sys.monitoring" if hasattr(sys, "monitoring") else "sys.setprofile"
