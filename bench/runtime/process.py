"""How does the harness start a host, watch it, and end it?

The harness binds and listens, and passes the socket on: no race for the port, and the kernel keeps
the first connections until the application is ready. Several hosts may share one socket.
"""

import errno
import json
import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import psutil

from bench.core.errors import Missing, Misuse, last_line, one_line
from bench.core.paths import ROOT
from bench.core.private_files import opener
from bench.core.processes import Family

START_SECONDS = 60.0
DRAIN_SECONDS = 30.0
TELL_SECONDS = 30.0  # for a process to read what it is told
LOOPBACK = "127.0.0.1"
# These would change what a framework's interpreter imports.
NOT_INHERITED = ("PYTHONHOME", "PYTHONPATH", "PYTHONSAFEPATH", "PYTHONSTARTUP", "VIRTUAL_ENV")


class NotStarted(Missing):
    """A host that did not become ready: whose, and why."""


@dataclass(frozen=True)
class Order:
    """What a host is to serve, and with which interpreter."""

    name: str  # for logs and messages
    python: Path
    folder: Path | None = None
    module: str = "app"
    app: str = ""  # "package.module:callable" instead of a module with create_app(settings)
    settings: Mapping[str, object] = field(default_factory=dict)
    threads: int = 8
    environ: Mapping[str, str] = field(default_factory=dict)  # on top of the harness's own
    record: str = ""  # the file that takes down which lines of the folder run for which feature

    def line(self, descriptor: int) -> bytes:
        """Return the line that tells the host what to do."""
        order: dict[str, Any] = {"id": 0, "fd": descriptor, "threads": self.threads}
        order |= {"app": self.app} if self.app else {"module": self.module}
        order |= {"folder": str(self.folder)} if self.folder else {}
        order |= {"record": self.record} if self.record else {}
        return json.dumps(order | {"settings": dict(self.settings)}).encode() + b"\n"


class Child:
    """One process in a framework's environment. It ends with this process, however that ends.

    A message to the process has a number, and the reply to the message has the same one. A process
    that does not reply in time is ended: no later question gets the late reply.
    """

    def __init__(self, module: str, order: Order, log: Path, listener: socket.socket | None = None):
        self.order, self.log = order, log
        self._received, self._number = b"", 0
        inherited = {k: v for k, v in os.environ.items() if k not in NOT_INHERITED}
        descriptor = -1 if listener is None else listener.fileno()
        with open(log, "ab", opener=opener) as errors:
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": errors}
            passed = [] if listener is None else [descriptor]
            # In a session of its own: Ctrl-C is for the harness, which then ends its hosts.
            self.family = Family(
                [order.python, "-m", module],
                inherited | dict(order.environ),
                {"cwd": ROOT, "bufsize": 0, "pass_fds": passed, **pipes},
            )
        self.process = self.family.process
        with suppress(OSError):  # it ended already, or does not read; start() says why
            self.tell(order.line(descriptor))

    def tell(self, line: bytes, limit_seconds: float = TELL_SECONDS) -> None:
        """Write one line to the process.

        Raises BrokenPipeError when it ended, TimeoutError when it does not read the line.
        """
        assert self.process.stdin
        if self.process.stdin.closed:
            raise BrokenPipeError(f"process {self.pid} was ended")
        pipe, deadline = self.process.stdin.fileno(), time.monotonic() + limit_seconds
        os.set_blocking(pipe, False)
        while line:
            if not select.select([], [pipe], [], max(0.0, deadline - time.monotonic()))[1]:
                raise TimeoutError
            with suppress(BlockingIOError):  # there is room, but not for a whole page of memory
                line = line[os.write(pipe, line) :]

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self.process.pid

    @property
    def running(self) -> bool:
        """Return whether the process is still there."""
        return self.process.poll() is None

    def rss_bytes(self) -> int:
        """Return the resident memory of the process, in bytes."""
        rss: int = psutil.Process(self.pid).memory_info().rss
        return rss

    def exchange(self, limit_seconds: float, **what: object) -> dict[str, Any]:
        """Send a message and return the reply to it, or {} when the process ended.

        Raises TimeoutError when there is no reply in time, BrokenPipeError when the process ended
        before, ValueError when the reply is no JSON. The process is ended then.
        """
        try:
            return self.reply(self.send(**what), limit_seconds)
        except (OSError, ValueError):
            self.kill()
            raise

    def send(self, **what: object) -> int:
        """Send a message and return its number; raise what tell() raises."""
        self._number += 1
        self.tell(json.dumps({"id": self._number, **what}).encode() + b"\n")
        return self._number

    def reply(self, number: int, limit_seconds: float) -> dict[str, Any]:
        """Return the reply to a message, without its number, or {} when the process ended.

        Replies to earlier messages are dropped. Raises TimeoutError, after which the reply may
        still be waited for, and ValueError for what is no reply.
        """
        deadline = time.monotonic() + limit_seconds
        while said := self.hear(max(0.0, deadline - time.monotonic())):
            if said.pop("id", None) == number:
                return said
        return {}

    def hear(self, limit_seconds: float) -> dict[str, Any]:
        """Return the next line of the process, or {} when it ended.

        Raises TimeoutError when there is none in time, ValueError when it is no JSON object.
        """
        assert self.process.stdout
        deadline = time.monotonic() + limit_seconds
        while b"\n" not in self._received:
            if self.process.stdout.closed:
                return {}
            pipe = self.process.stdout.fileno()
            if not select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise TimeoutError
            piece = os.read(pipe, 65536)
            if not piece:
                return {}
            self._received += piece
        line, _, self._received = self._received.partition(b"\n")
        said = json.loads(line)
        if not isinstance(said, dict):
            raise ValueError(f"no JSON object: {said!r}")
        return said

    def kill(self) -> None:
        """End the process and all that came of it, and let go of its pipes."""
        try:
            self.family.end()
        finally:
            for pipe in (self.process.stdin, self.process.stdout):
                assert pipe
                pipe.close()


class Host(Child):
    """One running host, which answers requests on a listening socket."""

    def __init__(self, order: Order, listener: socket.socket, log: Path):
        super().__init__("bench.agent.http_host", order, log, listener)
        self.url = url_of(listener)

    def ask_to_leave(self) -> None:
        """Tell the host to finish, without waiting for it."""
        if self.running:
            self.process.send_signal(signal.SIGTERM)

    def leave(self, limit_seconds: float = DRAIN_SECONDS) -> None:
        """Make the host leave the socket; after this, every new connection is another host's."""
        self.ask_to_leave()
        try:
            self.hear(limit_seconds)
        except (OSError, ValueError):
            self.kill()

    def stop(self, limit_seconds: float = DRAIN_SECONDS) -> int:
        """Let the host finish what it accepted, kill it when that takes too long; return its code.

        A code below zero is the signal that ended it.
        """
        self.ask_to_leave()
        try:
            self.process.wait(limit_seconds)
        except subprocess.TimeoutExpired:
            pass
        finally:
            self.kill()
        return self.process.returncode


def listen(port: int = 0, address: str = LOOPBACK) -> socket.socket:
    """Return a listening socket; port 0 lets the kernel choose."""
    try:
        return socket.create_server((address, port), backlog=1024)
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
            raise Misuse(f"{address} is no address of this machine") from error
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            raise Missing(
                f"port {port}: {os.strerror(error.errno)}; choose another: --port"
            ) from error
        raise


def url_of(listener: socket.socket) -> str:
    """Return the address under which a listening socket is reached."""
    return "http://{}:{}".format(*listener.getsockname())


def start(
    order: Order, listener: socket.socket, log: Path, limit_seconds: float = START_SECONDS
) -> Host:
    """Return a host that answers requests; raise NotStarted, with the reason, when it does not."""
    return ready(lambda: Host(order, listener, log), order.name, limit_seconds)


Kind = TypeVar("Kind", bound=Child)


def ready(make: Callable[[], Kind], name: str, limit_seconds: float) -> Kind:
    """Return the process once it says that it is ready; raise NotStarted when it does not."""
    try:
        child = make()
    except OSError as error:
        raise NotStarted(f"{name}: {one_line(error)}") from error
    try:
        said = child.hear(limit_seconds)
        words = child.log.read_text(encoding="utf-8", errors="replace")
        reason = said.get("error") or f"ended at once: {last_line(words)}"
    except TimeoutError:
        said, reason = {}, f"not ready after {limit_seconds:g} s"
    except ValueError as error:
        said, reason = {}, one_line(error)
    except BaseException:
        child.kill()
        raise
    if not said.get("ready"):
        child.kill()
        raise NotStarted(f"{name}: {reason} (log: {child.log})")
    return child


@contextmanager
def hosted(
    order: Order, log: Path, limit_seconds: float = START_SECONDS, address: str = LOOPBACK
) -> Iterator[Host]:
    """Give a host on a port of its own, stopped afterwards."""
    with listen(address=address) as listener:
        host = start(order, listener, log, limit_seconds)
        try:
            yield host
        finally:
            host.stop(limit_seconds=5.0)
