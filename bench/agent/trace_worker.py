"""Trace requests in one application, called as waitress's task calls it.

The timing worker with two more commands: "rewind" restores the initial database; "trace" answers
one request several times, each time on the same database, and returns which functions the last
calls entered.

bench/measure/trace/run.py starts it: `.venvs/flask/bin/python -m bench.agent.trace_worker`.
"""

import gc
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from waitress.parser import HTTPRequestParser
from waitress.task import WSGITask

from bench.agent.call_counter import WARMUP_REQUESTS, SocketlessChannel
from bench.agent.file_layers import PathShortener
from bench.agent.prepared_request import Application, PreparedRequest
from bench.agent.repeatability import (
    REQUEST_SEED,
    SETUP_SEED,
    DatabaseSnapshot,
    Determinism,
)
from bench.agent.request_tracer import HandlerLocation, RequestCall, RequestTracer
from bench.agent.timing_worker import TimingWorker, main
from bench.agent.trace_summary import summarize
from bench.agent.warm_audit import AUDIT_HOOK, ResourceUse
from bench.agent.warm_use import summarize_uses


class CapturingChannel(SocketlessChannel):
    """A connection whose client reads all pieces, and that closes files as waitress does."""

    def __init__(self, application: Application):
        super().__init__(application)
        self.reply = io.BytesIO()

    def write_soon(self, data: Any) -> int:
        """Store a piece of the reply, or the content of a file; return its size in bytes."""
        size = self.reply.tell()
        if isinstance(data, bytes):
            self.reply.write(data)
        else:
            self.reply.writelines(data)
            data.close()
        return self.reply.tell() - size

    @property
    def status(self) -> int:
        """Return the status of the reply, 0 without a reply."""
        words = self.reply.getvalue()[:64].split(b" ", 2)
        return int(words[1]) if len(words) > 1 else 0


class TraceWorker(TimingWorker):
    """The application, and a snapshot of its initial database."""

    def __init__(self, spec: dict[str, Any]):
        self.determinism = Determinism()
        self.determinism.reseed(SETUP_SEED)
        super().__init__(spec)
        self.initial_snapshot = DatabaseSnapshot(spec["settings"])

    def handle_command(self, line: dict[str, Any]) -> dict[str, Any]:
        """Run one command; return its reply."""
        arguments = {key: value for key, value in line.items() if key != "do"}
        if line["do"] == "rewind":
            return self.restore_database()
        if line["do"] == "trace":
            return self.trace_request(**arguments)
        return super().handle_command(line)

    def restore_database(self) -> dict[str, Any]:
        """Restore the initial database."""
        self.initial_snapshot.restore()
        self.determinism.reseed(SETUP_SEED)
        return {"rewound": True}

    def trace_request(
        self,
        request: dict[str, Any],
        requests: int,
        layer_rules: list[tuple[str, str]],
        handlers: list[list[Any]],
        roots: list[tuple[str, str]],
        tree: bool,
    ) -> dict[str, Any]:
        """Trace a request `requests` times, after some untraced calls; return a summary."""
        locations = [HandlerLocation(*location) for location in handlers]
        tracers = [RequestTracer(layer_rules, locations) for _ in range(requests)]
        uses_by_request: list[list[ResourceUse]] = []

        def audit(run: RequestCall) -> None:
            with AUDIT_HOOK.record_uses() as uses:
                run()
            uses_by_request.append(uses)

        with closing(DatabaseSnapshot(self.spec["settings"])) as snapshot, disable_gc():
            prepared = PreparedRequest(request, snapshot.restore)
            runners = (
                [run_untraced] * WARMUP_REQUESTS
                + [tracer.trace for tracer in tracers]
                + [audit] * requests
            )
            for run in runners:
                if (status := self.serve_request(prepared, run)) != prepared.status:
                    return {"wrong": status}
        files = PathShortener(roots)
        uses = summarize_uses(uses_by_request, prepared, self.spec["settings"], files)
        return summarize(tracers, files, tree) | {"repeated_work": uses}

    def serve_request(self, prepared: PreparedRequest, run: Callable[[RequestCall], None]) -> int:
        """Answer a parsed request with waitress's task; return the status."""
        raw, channel = prepared.to_bytes(), CapturingChannel(self.application)
        parser = HTTPRequestParser(channel.adj)
        while raw and not parser.completed:
            raw = raw[parser.received(raw) :]
        task = WSGITask(channel, parser)
        self.determinism.reseed(REQUEST_SEED)
        run(task.service)
        return channel.status


def run_untraced(run: RequestCall) -> None:
    """Run a call without a tracer."""
    run()


@contextmanager
def disable_gc() -> Iterator[None]:
    """Disable the garbage collector, whose work differs from run to run."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


if __name__ == "__main__":
    sys.exit(main(TraceWorker))
