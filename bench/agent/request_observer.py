"""Observe single requests of an application: its time, its SQL statements, lines and calls.

The workbench numbers a request with the header X-Cookoff-Observe, which the application does not
receive: "12" for the time and the SQL statements, "12 code" for the lines and calls, too. The
observation is a file of JSON in a folder, complete as soon as the file has its name. Runs inside a
framework's environment.
"""

import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.agent.code_tracing import CodeTracer

Application = Callable[..., Iterable[bytes]]
HEADER_VARIABLE = "HTTP_X_COOKOFF_OBSERVE"
MAX_STATEMENTS = 500  # of one request; the number of all is reported
CURRENT = threading.local()  # the observation of the thread's request


class Observation:
    """What one request did so far."""

    def __init__(self, number: str, tracer: CodeTracer | None):
        self.number, self.tracer = number, tracer
        self.seconds, self.statement_count = 0.0, 0
        self.statements: list[tuple[str, float]] = []

    def add_statement(self, sql: str, seconds: float, count: int = 1) -> None:
        """Add a statement that ran `count` times in `seconds`."""
        self.statement_count += count
        if len(self.statements) < MAX_STATEMENTS:
            self.statements.append((sql, round(seconds * 1000, 3)))

    def run(self, call: Callable[[], Any]) -> Any:
        """Run a part of the request in this thread, and observe it; return its result."""
        CURRENT.observation = self
        start, waited = perf_counter(), read_wait_seconds()
        try:
            return self.tracer.run(call) if self.tracer else call()
        finally:
            self.seconds += perf_counter() - start - (read_wait_seconds() - waited)
            CURRENT.observation = None

    def save(self, folder: str) -> None:
        """Write the file of the observation."""
        content = {
            "milliseconds": round(self.seconds * 1000, 3),
            "statement_count": self.statement_count,
            "statements": self.statements,
            **(self.tracer.summarize() if self.tracer else {}),
        }
        path = Path(folder, self.number)
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(content), encoding="utf-8")
        draft.rename(path)


def read_wait_seconds() -> float:
    """Return how long this thread has waited for a processor; 0 where the kernel does not say.

    All sites answer a request at the same time, and the machine has fewer processors than sites.
    """
    try:
        with open("/proc/thread-self/schedstat", "rb") as file:  # noqa: PTH123  # on each request
            return int(file.read().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0


class RequestObserver:
    """Observes the numbered requests of one application."""

    def __init__(self, app_folder: str, folder: str, layer_rules: list[tuple[str, str]]):
        self._app_folder, self._folder = os.path.realpath(app_folder) + os.sep, folder
        self._layer_rules = layer_rules
        observe_statements()

    def wrap(self, application: Application) -> Application:
        """Return the application, its numbered requests observed."""

        def observed(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
            number, _, kind = environ.pop(HEADER_VARIABLE, "").partition(" ")
            if not number.isdecimal():
                return application(environ, start_response)
            tracer = CodeTracer(self._app_folder, self._layer_rules) if kind == "code" else None
            observation = Observation(number, tracer)
            try:
                content = observation.run(lambda: application(environ, start_response))
            except BaseException:
                observation.save(self._folder)
                raise
            if hasattr(content, "__len__") or hasattr(content, "prepare"):
                # A list is complete, and waitress sends an open file by itself.
                observation.save(self._folder)
                return content
            return ObservedBody(content, observation, self._folder)

        return observed


class ObservedBody:
    """The body of a reply whose pieces are produced while they are sent."""

    def __init__(self, content: Iterable[bytes], observation: Observation, folder: str):
        self._content, self._observation, self._folder = content, observation, folder

    def __iter__(self) -> Iterator[bytes]:
        pieces = iter(self._content)
        while (piece := self._observation.run(lambda: next(pieces, None))) is not None:
            yield piece

    def close(self) -> None:
        """Close the application's iterable, and write the observation."""
        try:
            if close := getattr(self._content, "close", None):
                self._observation.run(close)
        finally:
            self._observation.save(self._folder)


def observe_statements() -> None:
    """Add each SQL statement of shared_db to the observation of its thread."""
    from shared_db.connections import Connections

    run_one, run_many = Connections._run_statement, Connections.execute_many

    def observe_one(self: Any, statement: Any, values: Any, returns_rows: bool) -> Any:
        start = perf_counter()
        try:
            return run_one(self, statement, values, returns_rows)
        finally:
            add_statement(self, statement, perf_counter() - start)

    def observe_many(self: Any, statement: Any, many: Any) -> None:
        start = perf_counter()
        try:
            run_many(self, statement, many)
        finally:
            add_statement(self, statement, perf_counter() - start, len(many))

    Connections._run_statement = observe_one  # type: ignore[method-assign]
    Connections.execute_many = observe_many  # type: ignore[method-assign]


def add_statement(connections: Any, statement: Any, seconds: float, count: int = 1) -> None:
    """Add a statement to the observation of this thread, if there is one."""
    observation: Observation | None = getattr(CURRENT, "observation", None)
    if observation:
        observation.add_statement(connections._sql[statement], seconds, count)
