"""How long does one application take for a request, called in its own process, with no server?

Like the host it takes its order, one line of JSON, on standard input. After {"ready": true} it
answers each further line, under the number that the line has. A line names what to do: keep a
request and say what came back; call the application for a while and say how often and how long;
count the calls inside it; tell its memory. It ends when standard input closes.

Run: bench/measure/workload/worker.py does, as `.venvs/flask/bin/python -m
bench.agent.timing_worker`.
"""

import atexit
import gc
import importlib
import json
import os
import random
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, perf_counter_ns
from typing import Any

from bench.agent.application import load_application
from bench.agent.call_counter import SEED, WARMUP_REQUESTS, count_calls, discard_response
from bench.agent.prepared_request import (
    Application,
    PreparedRequest,
    call_application,
    consume_body,
)
from bench.agent.protocol import (
    kill_process_group,
    open_parent_channel,
    read_lines,
    report_fatal_errors,
    send_error,
    send_message,
)
from bench.agent.run_queue import read_wait_ns
from bench.agent.slowdown import slow_application

MAX_BATCH_SIZE = 64  # of a request, made at once before the clock starts
TIMED_PER_WARMUP = 20  # one warm request for so many timed ones: another process had the caches


class TimingWorker:
    """The application, and the requests that are kept ready for it."""

    def __init__(self, spec: dict[str, Any]):
        self.spec, self.database = spec, None
        self.prepared_requests: dict[str, PreparedRequest] = {}
        self.slower_percent: dict[str, float] = {}  # by page
        self.slowed_applications: dict[str, Application] = {}
        began = perf_counter()
        self.import_seconds = 0.0
        if "app" not in spec:
            if folder := spec.get("folder"):
                sys.path.insert(0, str(Path(folder).absolute()))
            importlib.import_module(spec["module"])
            self.import_seconds = perf_counter() - began
        self.application: Application = load_application(spec)
        self.create_seconds = perf_counter() - began - self.import_seconds

    def handle_command(self, line: dict[str, Any]) -> dict[str, Any]:
        """Do what one line asks: {"do": "slice", ...}."""
        deeds: dict[str, Callable[..., dict[str, Any]]] = {
            "call": self.call_once,
            "keep": self.prepare_request,
            "slow": self.request_slowdown,
            "slice": self.time_slice,
            "calls": self.count_layer_calls,
            "warm": self.audit_warm_requests,
            "repeat": self.repeat_request,
            "start": self.report_start_times,
            "phases": self.run_instrumented,
        }
        return deeds[line.pop("do")](**line)

    def call_once(self, request: dict[str, Any]) -> dict[str, Any]:
        """Call the application once, with a request that is not kept."""
        return call_application(
            self.application, PreparedRequest({"status": 0, **request}, None).copy_environ()
        )

    def prepare_request(
        self, page: str, request: dict[str, Any], session: str | None
    ) -> dict[str, Any]:
        """Keep a request, and return the reply to it.

        The session and its cart are made what they are now before every call.
        """
        self.prepared_requests[page] = PreparedRequest(
            request, self.create_session_restorer(session) if session else None
        )
        return call_application(self.application, self.prepared_requests[page].copy_environ())

    def create_session_restorer(self, token: str) -> Callable[[], object]:
        """Return a function that makes a session and its cart what they are now."""
        from shared_db import open_larder

        settings = self.spec["settings"]
        larder = open_larder(settings["database_url"], Path(settings["photos_dir"]))
        data, cart = larder.sessions.load(token), read_quantities(larder, token)
        assert data is not None, "the larder knows no such session"

        def restore() -> None:
            larder.begin_request()  # the data is replaced: only a loaded session is merged
            larder.sessions.save(token, data)
            now = read_quantities(larder, token)
            for dish_id in {**now, **cart}:
                if now.get(dish_id) != cart.get(dish_id):
                    form = {"dish_id": str(dish_id), "quantity": str(cart.get(dish_id, 0))}
                    larder.carts.put(token, form)

        return restore

    def request_slowdown(self, page: str, percent: float) -> dict[str, Any]:
        """Have every slice of a page find the application slower by so many percent.

        How much that is, the first slice finds out: now the other workers are still starting.
        """
        self.slower_percent[page] = percent
        return {"percent": percent}

    def time_slice(self, page: str, seconds: float, sample: bool) -> dict[str, Any]:
        """Call the application again and again; return how often, and the nanoseconds it took.

        Only the calls are timed: not the making of requests, nor what this process waited while
        another had its core. Every status is looked at, the body
        of the last reply for its marker, and sample returns one more reply whole.
        """
        kept, statuses = self.prepared_requests[page], set()
        if percent := self.slower_percent.pop(page, None):
            self.slowed_applications[page] = slow_application(self.application, kept, percent)
        application = self.slowed_applications.get(page, self.application)

        def start_response(status: str, headers: Any, failure: Any = None) -> Callable[..., Any]:
            statuses.add(status)
            return len

        for _ in range(1 + kept.slice_count // TIMED_PER_WARMUP):
            consume_body(application(kept.copy_environ(), start_response))
        count, took, goal, body = 0, 0, seconds * 1e9, b""
        while took < goal:
            environs = [kept.copy_environ() for _ in range(kept.batch_size)]
            waited, began = read_wait_ns(), perf_counter_ns()
            for environ in environs:
                body = consume_body(application(environ, start_response))
            spent = perf_counter_ns() - began
            took += max(1, spent - (read_wait_ns() - waited))
            count += len(environs)
        kept.slice_count = count
        kept.batch_size = 1 if kept.restore else min(max(1, count // 4), MAX_BATCH_SIZE)
        wrong = sorted(status for status in statuses if status[:3] != str(kept.status))
        if wrong or kept.marker not in body:
            return {"wrong": wrong[0] if wrong else "a body that lacks what it should show"}
        said: dict[str, Any] = {"count": count, "nanoseconds": took}
        return (
            said | {"reply": call_application(application, kept.copy_environ())} if sample else said
        )

    def count_layer_calls(
        self, page: str, requests: int, marks: list[tuple[str, str]], through_server: bool
    ) -> dict[str, Any]:
        """Count the calls in the application, by layer, for some requests."""
        kept = self.prepared_requests[page]
        return count_calls(self.application, kept, requests, marks, through_server)

    def audit_warm_requests(
        self, page: str, requests: int, roots: list[tuple[str, str]]
    ) -> dict[str, Any]:
        """Return what a warm request opens, imports and compiles: the usual one of so many.

        The page must be warm: its calls were counted.
        """
        # Not above: the time that a framework's import takes would lack what these import.
        from bench.agent.file_layers import PathShortener
        from bench.agent.warm_audit import AUDIT_HOOK
        from bench.agent.warm_use import summarize_uses

        kept, heard = self.prepared_requests[page], []
        for _ in range(requests):
            environ = kept.copy_environ()
            with AUDIT_HOOK.record_uses() as used:
                consume_body(self.application(environ, discard_response))
            heard.append(used)
        return {"uses": summarize_uses(heard, kept, self.spec["settings"], PathShortener(roots))}

    def repeat_request(self, page: str, count: int) -> dict[str, Any]:
        """Answer a request so many times; return the resident memory and the blocks in use.

        Garbage is collected first: what waits for that is not kept.
        """
        for _ in range(count):
            call_application(self.application, self.prepared_requests[page].copy_environ())
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return {
            "rss_bytes": pages * os.sysconf("SC_PAGE_SIZE"),
            "blocks": sys.getallocatedblocks(),
        }

    def run_instrumented(self, page: str, requests: int) -> dict[str, Any]:
        """Answer nothing, then a request, again and again, each between two calls of getsid(2).

        A profiler outside tells the phases apart by them.
        """
        kept = self.prepared_requests[page]
        for _ in range(WARMUP_REQUESTS):
            consume_body(self.application(kept.copy_environ(), discard_response))
        random.seed(SEED)
        gc.collect()
        gc.disable()
        os.getsid(0)
        os.getsid(0)
        for _ in range(requests):
            environ = kept.copy_environ()
            os.getsid(0)
            consume_body(self.application(environ, discard_response))
            os.getsid(0)
        gc.enable()
        return {"requests": requests}

    def report_start_times(self) -> dict[str, Any]:
        """Return how long importing the application and creating it took."""
        return {"import_seconds": self.import_seconds, "create_seconds": self.create_seconds}


def read_quantities(larder: Any, token: str) -> dict[int, int]:
    """Return the quantities by dish id in the cart of a session."""
    return {line.dish_id: line.quantity for line in larder.carts.show(token).lines}


def main(create_worker: Callable[[dict[str, Any]], TimingWorker] = TimingWorker) -> int:
    """Load the application and answer the parent's lines until there are no more."""
    atexit.register(kill_process_group)  # what the application forked ends with it
    order, orders, replies = open_parent_channel()
    with report_fatal_errors(replies):
        timer = create_worker(order)
    send_message(replies, ready=True)
    for line in read_lines(orders):
        asked = json.loads(line)
        number = asked.pop("id")
        try:
            said = timer.handle_command(asked)
        except Exception as error:  # noqa: BLE001  # whatever it is, the parent is told
            send_error(replies, error, id=number)
        else:
            send_message(replies, id=number, **said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
