"""Start a host on a listening socket, and end it without losing a request."""

import errno
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.core import entrypoints
from bench.core.errors import DependencyError, UsageError
from bench.runtime.launch_spec import LaunchSpec
from bench.runtime.process import START_TIMEOUT_SECONDS, ManagedProcess, start_process

DRAIN_TIMEOUT_SECONDS = 30.0
LOOPBACK = "127.0.0.1"


class Host(ManagedProcess):
    """One running host, which answers requests on a listening socket."""

    def __init__(self, order: LaunchSpec, listener: socket.socket, log: Path):
        super().__init__(entrypoints.HTTP_HOST, order, log, listener)
        self.url = get_listener_url(listener)

    def terminate(self) -> None:
        """Tell the host to finish, without waiting for it."""
        if self.is_running:
            self.process.send_signal(signal.SIGTERM)

    def stop_accepting(self, timeout_seconds: float = DRAIN_TIMEOUT_SECONDS) -> None:
        """Make the host leave the socket; after this, every new connection is another host's."""
        self.terminate()
        try:
            self.receive(timeout_seconds)
        except (OSError, ValueError):
            self.kill()

    def stop(self, timeout_seconds: float = DRAIN_TIMEOUT_SECONDS) -> int:
        """Let the host finish what it accepted, kill it when that takes too long; return its code.

        A code below zero is the signal that ended it.
        """
        self.terminate()
        try:
            self.process.wait(timeout_seconds)
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
            raise UsageError(f"{address} is no address of this machine") from error
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            raise DependencyError(
                f"port {port}: {os.strerror(error.errno)}; choose another: --port"
            ) from error
        raise


def get_listener_url(listener: socket.socket) -> str:
    """Return the address under which a listening socket is reached."""
    return "http://{}:{}".format(*listener.getsockname())


def start_host(
    spec: LaunchSpec,
    listener: socket.socket,
    log: Path,
    timeout_seconds: float = START_TIMEOUT_SECONDS,
) -> Host:
    """Return a host that answers requests; raise NotStarted, with the reason, when it does not."""
    return start_process(lambda: Host(spec, listener, log), spec.name, timeout_seconds)


@contextmanager
def running_host(
    spec: LaunchSpec,
    log: Path,
    timeout_seconds: float = START_TIMEOUT_SECONDS,
    address: str = LOOPBACK,
) -> Iterator[Host]:
    """Give a host on a port of its own, stopped afterwards."""
    with listen(address=address) as listener:
        host = start_host(spec, listener, log, timeout_seconds)
        try:
            yield host
        finally:
            host.stop(timeout_seconds=5.0)
