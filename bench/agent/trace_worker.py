"""What does one request run through, in one application, called as waitress's own task calls it?

It is the worker of bench/cost with two more deeds: rewind puts the larder back as it was in the
beginning; travel answers one request again and again, each time on the same larder, and says which
functions the last few of them entered.

Run: bench/measure/trace/run.py does, as `.venvs/flask/bin/python -m bench.agent.trace_worker`.
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
from bench.agent.database_snapshot import DatabaseSnapshot
from bench.agent.determinism import REQUEST_SEED, SETUP_SEED, Determinism
from bench.agent.file_layers import PathShortener
from bench.agent.prepared_request import Application, PreparedRequest
from bench.agent.request_tracer import HandlerLocation, RequestCall, RequestTracer
from bench.agent.timing_worker import TimingWorker, main
from bench.agent.trace_summary import summarize
from bench.agent.warm_audit import AUDIT_HOOK, ResourceUse
from bench.agent.warm_use import summarize_uses


class CapturingChannel(SocketlessChannel):
    """A connection whose guest takes every piece, and which then closes what was a file."""

    def __init__(self, application: Application):
        super().__init__(application)
        self.reply = io.BytesIO()

    def write_soon(self, data: Any) -> int:
        """Take a piece of the reply, or a file of it."""
        size = self.reply.tell()
        if isinstance(data, bytes):
            self.reply.write(data)
        else:
            self.reply.writelines(data)
            data.close()
        return self.reply.tell() - size

    @property
    def status(self) -> int:
        """Return the status of the reply, 0 where there was none."""
        words = self.reply.getvalue()[:64].split(b" ", 2)
        return int(words[1]) if len(words) > 1 else 0


class TraceWorker(TimingWorker):
    """The application, and the larder as it was in the beginning."""

    def __init__(self, spec: dict[str, Any]):
        self.determinism = Determinism()
        self.determinism.reseed(SETUP_SEED)
        super().__init__(spec)
        self.initial_snapshot = DatabaseSnapshot(spec["settings"])

    def handle_command(self, line: dict[str, Any]) -> dict[str, Any]:
        """Do what one line asks."""
        what = {key: value for key, value in line.items() if key != "do"}
        if line["do"] == "rewind":
            return self.restore_database()
        return (
            self.trace_request(**what) if line["do"] == "travel" else super().handle_command(line)
        )

    def restore_database(self) -> dict[str, Any]:
        """Put the larder back as it was in the beginning."""
        self.initial_snapshot.restore()
        self.determinism.reseed(SETUP_SEED)
        return {"rewound": True}

    def trace_request(
        self,
        request: dict[str, Any],
        requests: int,
        marks: list[tuple[str, str]],
        cooks: list[list[Any]],
        roots: list[tuple[str, str]],
        tree: bool,
    ) -> dict[str, Any]:
        """Answer a request so many times, watched, after some that were not; tell what was seen."""
        handlers = [HandlerLocation(*cook) for cook in cooks]
        watches = [RequestTracer(marks, handlers) for _ in range(requests)]
        heard: list[list[ResourceUse]] = []

        def hear(run: RequestCall) -> None:
            with AUDIT_HOOK.record_uses() as used:
                run()
            heard.append(used)

        with closing(DatabaseSnapshot(self.spec["settings"])) as now, disable_gc():
            kept = PreparedRequest(request, now.restore)
            ways = (
                [run_untraced] * WARMUP_REQUESTS
                + [one.trace for one in watches]
                + [hear] * requests
            )
            for run in ways:
                if (status := self.serve_request(kept, run)) != kept.status:
                    return {"wrong": status}
        files = PathShortener(roots)
        uses = summarize_uses(heard, kept, self.spec["settings"], files)
        return summarize(watches, files, tree) | {"warm": uses}

    def serve_request(self, prepared: PreparedRequest, run: Callable[[RequestCall], None]) -> int:
        """Have waitress's task answer a request that was read already; return the status."""
        raw, door = prepared.to_bytes(), CapturingChannel(self.application)
        parser = HTTPRequestParser(door.adj)
        while raw and not parser.completed:
            raw = raw[parser.received(raw) :]
        task = WSGITask(door, parser)
        self.determinism.reseed(REQUEST_SEED)
        run(task.service)
        return door.status


def run_untraced(run: RequestCall) -> None:
    """Run something, unwatched."""
    run()


@contextmanager
def disable_gc() -> Iterator[None]:
    """Keep the garbage collector off: what it runs, and when, differs from run to run."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


if __name__ == "__main__":
    sys.exit(main(TraceWorker))
