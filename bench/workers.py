"""How does the harness have an application timed, page by page, in slices?"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.hosting import Child, Order, ready
from bench.troubles import Trouble

START_SECONDS = 60.0
REPLY_SECONDS = 60.0


class Broken(Trouble):
    """A worker that failed, or answered a page wrongly: whose, and how."""


@dataclass(frozen=True)
class Page:
    """One request, and what the reply to it must be."""

    name: str
    target: str
    status: int = 200
    marker: bytes = b""  # these bytes are in every right body
    method: str = "GET"
    body: bytes = b""
    environ: Mapping[str, str] = field(default_factory=dict)


class Worker(Child):
    """One application in a process of its own, called without a server."""

    def __init__(self, order: Order, log: Path):
        super().__init__("bench.worker", order, log)

    def prepare(self, page: Page) -> None:
        """Keep a request ready; raise Broken when the reply to it is not the page's."""
        said = self._ask(
            prepare=page.name,
            target=page.target,
            method=page.method,
            body=base64.b64encode(page.body).decode(),
            environ=dict(page.environ),
        )
        body = base64.b64decode(said["body"])
        if said["status"] != page.status or page.marker not in body:
            raise Broken(f"{self.order.name}: {page.name} answered {said['status']} wrongly")

    def slice(self, page: Page, seconds: float, warm: int) -> float:
        """Call the page for so many seconds; return the nanoseconds that one request took."""
        said = self._ask(slice=page.name, seconds=seconds, warm=warm)
        nanoseconds: float = said["nanoseconds"] / said["count"]
        return nanoseconds

    def _ask(self, **what: object) -> dict[str, Any]:
        try:
            self.tell(json.dumps(what).encode() + b"\n")
            said = self.hear(REPLY_SECONDS)
        except (OSError, TimeoutError) as error:
            raise Broken(f"{self.order.name}: the worker is gone (log: {self.log})") from error
        if "error" in said or not said:
            reason = said.get("error", "the worker is gone")
            raise Broken(f"{self.order.name}: {reason} (log: {self.log})")
        return said


def start(order: Order, log: Path) -> Worker:
    """Return a worker that is ready; raise NotStarted, with the reason, when it does not start."""
    return ready(lambda: Worker(order, log), order.name, START_SECONDS)
