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

from bench.agent.call_counter import WARM_REQUESTS, Channel
from bench.agent.database_snapshot import Snapshot
from bench.agent.determinism import ANSWERING, PREPARING, Chance
from bench.agent.file_layers import Files
from bench.agent.prepared_request import Application, Kept
from bench.agent.request_tracer import Cook, Run, Watch
from bench.agent.timing_worker import Timer, main
from bench.agent.trace_summary import told
from bench.agent.warm_audit import AUDIT, Use
from bench.agent.warm_use import usual_use


class Door(Channel):
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


class Guide(Timer):
    """The application, and the larder as it was in the beginning."""

    def __init__(self, order: dict[str, Any]):
        self.chance = Chance()
        self.chance.again(PREPARING)
        super().__init__(order)
        self.beginning = Snapshot(order["settings"])

    def answer(self, line: dict[str, Any]) -> dict[str, Any]:
        """Do what one line asks."""
        what = {key: value for key, value in line.items() if key != "do"}
        if line["do"] == "rewind":
            return self.rewind()
        return self.travel(**what) if line["do"] == "travel" else super().answer(line)

    def rewind(self) -> dict[str, Any]:
        """Put the larder back as it was in the beginning."""
        self.beginning.put_back()
        self.chance.again(PREPARING)
        return {"rewound": True}

    def travel(
        self,
        request: dict[str, Any],
        requests: int,
        marks: list[tuple[str, str]],
        cooks: list[list[Any]],
        roots: list[tuple[str, str]],
        tree: bool,
    ) -> dict[str, Any]:
        """Answer a request so many times, watched, after some that were not; tell what was seen."""
        handlers = [Cook(*cook) for cook in cooks]
        watches = [Watch(marks, handlers) for _ in range(requests)]
        heard: list[list[Use]] = []

        def hear(run: Run) -> None:
            with AUDIT.hearing() as used:
                run()
            heard.append(used)

        with closing(Snapshot(self.order["settings"])) as now, uncollected():
            kept = Kept(request, now.put_back)
            ways = [call] * WARM_REQUESTS + [one.watch for one in watches] + [hear] * requests
            for run in ways:
                if (status := self.serve(kept, run)) != kept.status:
                    return {"wrong": status}
        files = Files(roots)
        uses = usual_use(heard, kept, self.order["settings"], files)
        return told(watches, files, tree) | {"warm": uses}

    def serve(self, kept: Kept, run: Callable[[Run], None]) -> int:
        """Have waitress's task answer a request that was read already; return the status."""
        raw, door = kept.raw(), Door(self.application)
        parser = HTTPRequestParser(door.adj)
        while raw and not parser.completed:
            raw = raw[parser.received(raw) :]
        task = WSGITask(door, parser)
        self.chance.again(ANSWERING)
        run(task.service)
        return door.status


def call(run: Run) -> None:
    """Run something, unwatched."""
    run()


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the garbage collector off: what it runs, and when, differs from run to run."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


if __name__ == "__main__":
    sys.exit(main(Guide))
