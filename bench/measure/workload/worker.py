"""How does the harness have an application called, page by page, in a process of its own?"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.core import entrypoints
from bench.core.errors import CookoffError
from bench.runtime.launch_spec import LaunchSpec
from bench.runtime.process import ManagedProcess, start_process

START_TIMEOUT_SECONDS = 60.0
REPLY_TIMEOUT_SECONDS = 60.0


class WorkerError(CookoffError):
    """A worker that failed, or answered a page wrongly: whose, and how."""


@dataclass(frozen=True)
class Request:
    """A request as a worker takes it."""

    target: str
    method: str = "GET"
    body: bytes = b""
    environ: Mapping[str, str] = field(default_factory=dict)  # headers, as CGI names them
    session: str | None = None  # the token of the session that every call finds as it is now

    def as_dict(self) -> dict[str, Any]:
        """Return it fit for JSON."""
        return {
            "target": self.target,
            "method": self.method,
            "body": base64.b64encode(self.body).decode(),
            "environ": dict(self.environ),
        }


@dataclass(frozen=True)
class Reply:
    """What an application answered."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes

    @classmethod
    def from_dict(cls, said: Mapping[str, Any]) -> "Reply":
        """Return the reply a worker told of."""
        headers = [(name, value) for name, value in said["headers"]]
        return cls(said["status"], headers, base64.b64decode(said["body"]))

    def header(self, name: str) -> str:
        """Return a header's value, "" when it is not there."""
        found = (value for key, value in self.headers if key.lower() == name.lower())
        return next(found, "")


@dataclass(frozen=True)
class Slice:
    """What came of calling a page for a few milliseconds."""

    nanoseconds: float  # that one request took
    count: int
    sample: Reply | None


class Worker(ManagedProcess):
    """One application in a process of its own, called without a server."""

    def __init__(self, order: LaunchSpec, log: Path):
        super().__init__(entrypoints.TIMING_WORKER, order, log)

    def call_once(self, request: Request) -> Reply:
        """Call the application once."""
        return Reply.from_dict(self.call("call", request=request.as_dict()))

    def prepare_request(
        self, page: str, request: Request, status: int = 200, marker: bytes = b""
    ) -> Reply:
        """Keep a request ready under a page's name; return the reply to it."""
        told = request.as_dict() | {
            "status": status,
            "marker": base64.b64encode(marker).decode(),
        }
        return Reply.from_dict(self.call("keep", page=page, request=told, session=request.session))

    def request_slowdown(self, page: str, percent: float) -> None:
        """Have the application take so many percent longer for a kept page from here on."""
        self.call("slow", page=page, percent=percent)

    def time_slice(self, page: str, seconds: float, sample: bool = False) -> Slice:
        """Call a kept page for so many seconds; raise Broken when a reply to it was wrong."""
        said = self.call("slice", page=page, seconds=seconds, sample=sample)
        if "wrong" in said:
            raise WorkerError(
                f"{self.launch_spec.name}: {page} answered {said['wrong']} while it was timed"
            )
        reply = Reply.from_dict(said["reply"]) if sample else None
        return Slice(said["nanoseconds"] / said["count"], said["count"], reply)

    def call(
        self, command: str, timeout_seconds: float = REPLY_TIMEOUT_SECONDS, **what: object
    ) -> dict[str, Any]:
        """Have the worker do something and return what it says; raise Broken when it cannot.

        A worker that does not reply in time is ended.
        """
        try:
            said = self.exchange(timeout_seconds, do=command, **what)
        except TimeoutError as error:
            raise self.build_error(
                f"no reply to {command!r} within {timeout_seconds:g} s"
            ) from error
        except BrokenPipeError as error:
            raise self.build_error("the worker is gone") from error
        except ValueError as error:
            raise self.build_error(f"the reply to {command!r} is no JSON") from error
        if "error" in said or not said:
            raise self.build_error(said.get("error", "the worker is gone"))
        return said

    def build_error(self, why: str) -> WorkerError:
        """Return what to raise for this worker."""
        return WorkerError(f"{self.launch_spec.name}: {why} (log: {self.log})")


def start_worker(
    order: LaunchSpec, log: Path, timeout_seconds: float = START_TIMEOUT_SECONDS
) -> Worker:
    """Return a worker that is ready; raise NotStarted, with the reason, when it does not start."""
    return start_process(lambda: Worker(order, log), order.name, timeout_seconds)
