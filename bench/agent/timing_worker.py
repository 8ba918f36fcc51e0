"""Time the calls of one application, in its own process, without a server.

Like the host, the worker reads a launch spec, one line of JSON, from standard input. After
{"ready": true} it answers each further line with the line's id. A line names a command: prepare a
request and return the reply; call the application for some time and return the count and the time;
count the function calls inside it; report its memory. The worker ends when standard input closes.

bench/measure/workload/worker.py starts it: `.venvs/flask/bin/python -m bench.agent.timing_worker`.
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
from time import perf_counter
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
from bench.agent.slice_timing import time_calls
from bench.agent.slowdown import slow_application


class TimingWorker:
    """The application, and the requests that are prepared for it."""

    def __init__(self, spec: dict[str, Any]):
        self.spec, self.database = spec, None
        self.prepared_requests: dict[str, PreparedRequest] = {}
        self.slower_percent: dict[str, float] = {}  # by page
        self.slowed_applications: dict[str, Application] = {}
        started = perf_counter()
        self.import_seconds = 0.0
        if "app" not in spec:
            if folder := spec.get("folder"):
                sys.path.insert(0, str(Path(folder).absolute()))
            importlib.import_module(spec["module"])
            self.import_seconds = perf_counter() - started
        self.application: Application = load_application(spec)
        self.create_seconds = perf_counter() - started - self.import_seconds

    def handle_command(self, line: dict[str, Any]) -> dict[str, Any]:
        """Run one command, {"do": "slice", ...}; return its reply."""
        commands: dict[str, Callable[..., dict[str, Any]]] = {
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
        return commands[line.pop("do")](**line)

    def call_once(self, request: dict[str, Any]) -> dict[str, Any]:
        """Call the application once, with a request that is not stored."""
        return call_application(
            self.application, PreparedRequest({"status": 0, **request}, None).copy_environ()
        )

    def prepare_request(
        self, page: str, request: dict[str, Any], session: str | None
    ) -> dict[str, Any]:
        """Prepare a request, and return its reply.

        Each call first restores the session and its cart to their present state.
        """
        self.prepared_requests[page] = PreparedRequest(
            request, self.create_session_restorer(session) if session else None
        )
        return call_application(self.application, self.prepared_requests[page].copy_environ())

    def create_session_restorer(self, token: str) -> Callable[[], object]:
        """Return a function that restores a session and its cart to their present state."""
        from shared_db import open_larder

        settings = self.spec["settings"]
        database = open_larder(settings["database_url"], Path(settings["photos_dir"]))
        data, cart = database.sessions.load(token), read_quantities(database, token)
        assert data is not None, "the database has no such session"

        def restore() -> None:
            database.begin_request()  # the data is replaced: only a loaded session is merged
            database.sessions.save(token, data)
            changed = read_quantities(database, token)
            for dish_id in {**changed, **cart}:
                if changed.get(dish_id) != cart.get(dish_id):
                    form = {"dish_id": str(dish_id), "quantity": str(cart.get(dish_id, 0))}
                    database.carts.put(token, form)

        return restore

    def request_slowdown(self, page: str, percent: float) -> dict[str, Any]:
        """Slow down the application by `percent` in each slice of a page.

        The first slice calibrates the slowdown: now the other workers are still starting.
        """
        self.slower_percent[page] = percent
        return {"percent": percent}

    def time_slice(self, page: str, seconds: float, sample: bool) -> dict[str, Any]:
        """Time the calls of some seconds; return their count and time in nanoseconds.

        Checks the status of each call and the marker in the last body. With `sample`, also returns
        one more reply as a whole.
        """
        prepared = self.prepared_requests[page]
        if percent := self.slower_percent.pop(page, None):
            slowed = slow_application(self.application, prepared, percent)
            self.slowed_applications[page] = slowed
        application = self.slowed_applications.get(page, self.application)
        timed = time_calls(application, prepared, seconds)
        wrong = sorted(status for status in timed.statuses if status[:3] != str(prepared.status))
        if wrong or prepared.marker not in timed.last_body:
            return {"wrong": wrong[0] if wrong else "a body that lacks what it should show"}
        reply: dict[str, Any] = {"count": timed.calls, "nanoseconds": timed.nanoseconds}
        if sample:
            reply["reply"] = call_application(application, prepared.copy_environ())
        return reply

    def count_layer_calls(
        self, page: str, requests: int, layer_rules: list[tuple[str, str]], through_server: bool
    ) -> dict[str, Any]:
        """Count the function calls of some requests by layer."""
        prepared = self.prepared_requests[page]
        return count_calls(self.application, prepared, requests, layer_rules, through_server)

    def audit_warm_requests(
        self, page: str, requests: int, roots: list[tuple[str, str]]
    ) -> dict[str, Any]:
        """Return what the typical warm request of `requests` opens, imports and compiles.

        The page must be warm: its calls were counted before.
        """
        # Not above: modules that these import would be missing from the framework's import time.
        from bench.agent.file_layers import PathShortener
        from bench.agent.warm_audit import AUDIT_HOOK
        from bench.agent.warm_use import summarize_uses

        prepared, uses_by_request = self.prepared_requests[page], []
        for _ in range(requests):
            environ = prepared.copy_environ()
            with AUDIT_HOOK.record_uses() as uses:
                consume_body(self.application(environ, discard_response))
            uses_by_request.append(uses)
        settings, files = self.spec["settings"], PathShortener(roots)
        return {"uses": summarize_uses(uses_by_request, prepared, settings, files)}

    def repeat_request(self, page: str, count: int) -> dict[str, Any]:
        """Answer a request `count` times; return the resident memory and the allocated blocks.

        Garbage is collected first, because it is no leak.
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
        """Call getsid(2) before and after nothing, then before and after each request.

        An external profiler separates the phases by these system calls.
        """
        prepared = self.prepared_requests[page]
        for _ in range(WARMUP_REQUESTS):
            consume_body(self.application(prepared.copy_environ(), discard_response))
        random.seed(SEED)
        gc.collect()
        gc.disable()
        os.getsid(0)
        os.getsid(0)
        for _ in range(requests):
            environ = prepared.copy_environ()
            os.getsid(0)
            consume_body(self.application(environ, discard_response))
            os.getsid(0)
        gc.enable()
        return {"requests": requests}

    def report_start_times(self) -> dict[str, Any]:
        """Return the seconds that importing and creating the application took."""
        return {"import_seconds": self.import_seconds, "create_seconds": self.create_seconds}


def read_quantities(database: Any, token: str) -> dict[int, int]:
    """Return the quantities by dish id in the cart of a session."""
    return {line.dish_id: line.quantity for line in database.carts.show(token).lines}


def main(create_worker: Callable[[dict[str, Any]], TimingWorker] = TimingWorker) -> int:
    """Load the application and handle the parent's commands; return the exit code."""
    atexit.register(kill_process_group)  # processes that the application forked end, too
    spec, commands, replies = open_parent_channel()
    with report_fatal_errors(replies):
        worker = create_worker(spec)
    send_message(replies, ready=True)
    for line in read_lines(commands):
        command = json.loads(line)
        number = command.pop("id")
        try:
            reply = worker.handle_command(command)
        except Exception as error:  # noqa: BLE001  # the parent reports any error
            send_error(replies, error, id=number)
        else:
            send_message(replies, id=number, **reply)
    return 0


if __name__ == "__main__":
    sys.exit(main())
