"""Start a worker process, which calls one application without a server, and send it commands."""

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
    """A worker failed, or gave a wrong reply; the message begins with the name of its entry."""


@dataclass(frozen=True)
class Request:
    """A request that a worker can send to its application."""

    target: str
    method: str = "GET"
    body: bytes = b""
    environ: Mapping[str, str] = field(default_factory=dict)  # headers, as CGI names them
    session: str | None = None  # the token of a session that the worker restores before each call

    def as_dict(self) -> dict[str, Any]:
        """Return the request as JSON values, with the body in base64."""
        return {
            "target": self.target,
            "method": self.method,
            "body": base64.b64encode(self.body).decode(),
            "environ": dict(self.environ),
        }


@dataclass(frozen=True)
class Reply:
    """The reply of an application."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes

    @classmethod
    def from_dict(cls, message: Mapping[str, Any]) -> "Reply":
        """Return the reply that a worker's message describes."""
        headers = [(name, value) for name, value in message["headers"]]
        return cls(message["status"], headers, base64.b64decode(message["body"]))

    def header(self, name: str) -> str:
        """Return the first value of a header, or "" without such a header."""
        values = (value for key, value in self.headers if key.lower() == name.lower())
        return next(values, "")


@dataclass(frozen=True)
class Slice:
    """The result of a slice: a few milliseconds of calls with the same request."""

    nanoseconds: float  # the mean time of a request
    count: int  # of requests
    sample: Reply | None


class Worker(ManagedProcess):
    """A process that calls one application without a server."""

    def __init__(self, launch_spec: LaunchSpec, log: Path):
        super().__init__(entrypoints.TIMING_WORKER, launch_spec, log)

    def call_once(self, request: Request) -> Reply:
        """Call the application once and return its reply."""
        return Reply.from_dict(self.call("call", request=request.as_dict()))

    def prepare_request(
        self, page: str, request: Request, status: int = 200, marker: bytes = b""
    ) -> Reply:
        """Store a request under a page's name, call the application once, and return the reply.

        Each reply of a later slice must have this status, and its last body this marker.
        """
        message = request.as_dict() | {
            "status": status,
            "marker": base64.b64encode(marker).decode(),
        }
        return Reply.from_dict(
            self.call("keep", page=page, request=message, session=request.session)
        )

    def request_slowdown(self, page: str, percent: float) -> None:
        """Slow down the application by so many percent in all later slices of a prepared page."""
        self.call("slow", page=page, percent=percent)

    def time_slice(self, page: str, seconds: float, sample: bool = False) -> Slice:
        """Call the application with a prepared request again and again, for so many seconds.

        With `sample` the result has the reply to one more request. Raises WorkerError when a reply
        was wrong.
        """
        result = self.call("slice", page=page, seconds=seconds, sample=sample)
        if "wrong" in result:
            raise WorkerError(
                f"{self.launch_spec.name}: {page} answered {result['wrong']} during timing"
            )
        reply = Reply.from_dict(result["reply"]) if sample else None
        return Slice(result["nanoseconds"] / result["count"], result["count"], reply)

    def call(
        self, command: str, timeout_seconds: float = REPLY_TIMEOUT_SECONDS, **arguments: object
    ) -> dict[str, Any]:
        """Send a command to the worker and return the result.

        Raises WorkerError when the command fails, or when the process has ended. After a timeout or
        an invalid reply the process is killed, too.
        """
        try:
            result = self.exchange(timeout_seconds, do=command, **arguments)
        except TimeoutError as error:
            raise self.build_error(
                f"no reply to {command!r} within {timeout_seconds:g} s"
            ) from error
        except BrokenPipeError as error:
            raise self.build_error("the worker process has ended") from error
        except ValueError as error:
            raise self.build_error(f"the reply to {command!r} is not JSON") from error
        if "error" in result or not result:
            raise self.build_error(result.get("error", "the worker process has ended"))
        return result

    def build_error(self, reason: str) -> WorkerError:
        """Return the error with the worker's name, the reason and the path of the log."""
        return WorkerError(f"{self.launch_spec.name}: {reason} (log: {self.log})")


def start_worker(
    launch_spec: LaunchSpec, log: Path, timeout_seconds: float = START_TIMEOUT_SECONDS
) -> Worker:
    """Start a worker and return it once it is ready; raise ProcessStartError with the reason."""
    return start_process(lambda: Worker(launch_spec, log), launch_spec.name, timeout_seconds)
