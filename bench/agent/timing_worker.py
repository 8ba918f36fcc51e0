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

from bench.agent.application import load
from bench.agent.call_counter import SEED, WARM_REQUESTS, count_calls, ignore
from bench.agent.prepared_request import Application, Kept, consume, reply_of
from bench.agent.protocol import end_group, ending_told, lines_of, say, say_error, take_over_pipes
from bench.agent.run_queue import waited_ns
from bench.agent.slowdown import slowed

MOST_COPIES = 64  # of a request, made at once before the clock starts
WARM_SHARE = 20  # one warm request for so many timed ones: another process had the caches


class Timer:
    """The application, and the requests that are kept ready for it."""

    def __init__(self, order: dict[str, Any]):
        self.order, self.larder = order, None
        self.kept: dict[str, Kept] = {}
        self.slower_percent: dict[str, float] = {}  # by page
        self.slowed: dict[str, Application] = {}
        began = perf_counter()
        self.import_seconds = 0.0
        if "app" not in order:
            if folder := order.get("folder"):
                sys.path.insert(0, str(Path(folder).absolute()))
            importlib.import_module(order["module"])
            self.import_seconds = perf_counter() - began
        self.application: Application = load(order)
        self.create_seconds = perf_counter() - began - self.import_seconds

    def answer(self, line: dict[str, Any]) -> dict[str, Any]:
        """Do what one line asks: {"do": "slice", ...}."""
        deeds: dict[str, Callable[..., dict[str, Any]]] = {
            "call": self.call,
            "keep": self.keep,
            "slow": self.slow,
            "slice": self.slice,
            "calls": self.calls,
            "warm": self.warm,
            "repeat": self.repeat,
            "start": self.start,
            "phases": self.phases,
        }
        return deeds[line.pop("do")](**line)

    def call(self, request: dict[str, Any]) -> dict[str, Any]:
        """Call the application once, with a request that is not kept."""
        return reply_of(self.application, Kept({"status": 0, **request}, None).fresh())

    def keep(self, page: str, request: dict[str, Any], session: str | None) -> dict[str, Any]:
        """Keep a request, and return the reply to it.

        The session and its cart are made what they are now before every call.
        """
        self.kept[page] = Kept(request, self.restorer(session) if session else None)
        return reply_of(self.application, self.kept[page].fresh())

    def restorer(self, token: str) -> Callable[[], object]:
        """Return a function that makes a session and its cart what they are now."""
        from shared_db import open_larder

        settings = self.order["settings"]
        larder = open_larder(settings["database_url"], Path(settings["photos_dir"]))
        data, cart = larder.sessions.load(token), quantities(larder, token)
        assert data is not None, "the larder knows no such session"

        def restore() -> None:
            larder.begin_request()  # the data is replaced: only a loaded session is merged
            larder.sessions.save(token, data)
            now = quantities(larder, token)
            for dish_id in {**now, **cart}:
                if now.get(dish_id) != cart.get(dish_id):
                    form = {"dish_id": str(dish_id), "quantity": str(cart.get(dish_id, 0))}
                    larder.carts.put(token, form)

        return restore

    def slow(self, page: str, percent: float) -> dict[str, Any]:
        """Have every slice of a page find the application slower by so many percent.

        How much that is, the first slice finds out: now the other workers are still starting.
        """
        self.slower_percent[page] = percent
        return {"percent": percent}

    def slice(self, page: str, seconds: float, sample: bool) -> dict[str, Any]:
        """Call the application again and again; return how often, and the nanoseconds it took.

        Only the calls are timed: not the making of requests, nor what this process waited while
        another had its core. Every status is looked at, the body
        of the last reply for its marker, and sample returns one more reply whole.
        """
        kept, statuses = self.kept[page], set()
        if percent := self.slower_percent.pop(page, None):
            self.slowed[page] = slowed(self.application, kept, percent)
        application = self.slowed.get(page, self.application)

        def start_response(status: str, headers: Any, failure: Any = None) -> Callable[..., Any]:
            statuses.add(status)
            return len

        for _ in range(1 + kept.count // WARM_SHARE):
            consume(application(kept.fresh(), start_response))
        count, took, goal, body = 0, 0, seconds * 1e9, b""
        while took < goal:
            environs = [kept.fresh() for _ in range(kept.batch)]
            waited, began = waited_ns(), perf_counter_ns()
            for environ in environs:
                body = consume(application(environ, start_response))
            spent = perf_counter_ns() - began
            took += max(1, spent - (waited_ns() - waited))
            count += len(environs)
        kept.count = count
        kept.batch = 1 if kept.restore else min(max(1, count // 4), MOST_COPIES)
        wrong = sorted(status for status in statuses if status[:3] != str(kept.status))
        if wrong or kept.marker not in body:
            return {"wrong": wrong[0] if wrong else "a body that lacks what it should show"}
        said: dict[str, Any] = {"count": count, "nanoseconds": took}
        return said | {"reply": reply_of(application, kept.fresh())} if sample else said

    def calls(
        self, page: str, requests: int, marks: list[tuple[str, str]], through_server: bool
    ) -> dict[str, Any]:
        """Count the calls in the application, by layer, for some requests."""
        kept = self.kept[page]
        return count_calls(self.application, kept, requests, marks, through_server)

    def warm(self, page: str, requests: int, roots: list[tuple[str, str]]) -> dict[str, Any]:
        """Return what a warm request opens, imports and compiles: the usual one of so many.

        The page must be warm: its calls were counted.
        """
        # Not above: the time that a framework's import takes would lack what these import.
        from bench.agent.file_layers import Files
        from bench.agent.warm_audit import AUDIT
        from bench.agent.warm_use import usual_use

        kept, heard = self.kept[page], []
        for _ in range(requests):
            environ = kept.fresh()
            with AUDIT.hearing() as used:
                consume(self.application(environ, ignore))
            heard.append(used)
        return {"uses": usual_use(heard, kept, self.order["settings"], Files(roots))}

    def repeat(self, page: str, count: int) -> dict[str, Any]:
        """Answer a request so many times; return the resident memory and the blocks in use.

        Garbage is collected first: what waits for that is not kept.
        """
        for _ in range(count):
            reply_of(self.application, self.kept[page].fresh())
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return {
            "rss_bytes": pages * os.sysconf("SC_PAGE_SIZE"),
            "blocks": sys.getallocatedblocks(),
        }

    def phases(self, page: str, requests: int) -> dict[str, Any]:
        """Answer nothing, then a request, again and again, each between two calls of getsid(2).

        A profiler outside tells the phases apart by them.
        """
        kept = self.kept[page]
        for _ in range(WARM_REQUESTS):
            consume(self.application(kept.fresh(), ignore))
        random.seed(SEED)
        gc.collect()
        gc.disable()
        os.getsid(0)
        os.getsid(0)
        for _ in range(requests):
            environ = kept.fresh()
            os.getsid(0)
            consume(self.application(environ, ignore))
            os.getsid(0)
        gc.enable()
        return {"requests": requests}

    def start(self) -> dict[str, Any]:
        """Return how long importing the application and creating it took."""
        return {"import_seconds": self.import_seconds, "create_seconds": self.create_seconds}


def quantities(larder: Any, token: str) -> dict[int, int]:
    """Return the quantities by dish id in the cart of a session."""
    return {line.dish_id: line.quantity for line in larder.carts.show(token).lines}


def main(make: Callable[[dict[str, Any]], Timer] = Timer) -> int:
    """Load the application and answer the parent's lines until there are no more."""
    atexit.register(end_group)  # what the application forked ends with it
    order, orders, replies = take_over_pipes()
    with ending_told(replies):
        timer = make(order)
    say(replies, ready=True)
    for line in lines_of(orders):
        asked = json.loads(line)
        number = asked.pop("id")
        try:
            said = timer.answer(asked)
        except Exception as error:  # noqa: BLE001  # whatever it is, the parent is told
            say_error(replies, error, id=number)
        else:
            say(replies, id=number, **said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
