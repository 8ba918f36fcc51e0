"""Start a host on a listening socket, and stop it without losing a request."""

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
    """A running process that serves an application on a listening socket."""

    def __init__(self, spec: LaunchSpec, listener: socket.socket, log: Path):
        super().__init__(entrypoints.HTTP_HOST, spec, log, listener)
        self.url = get_listener_url(listener)

    def terminate(self) -> None:
        """Send SIGTERM to the host without waiting for its end."""
        if self.is_running:
            self.process.send_signal(signal.SIGTERM)

    def stop_accepting(self, timeout_seconds: float = DRAIN_TIMEOUT_SECONDS) -> None:
        """Make the host close its socket, so that other hosts receive all new connections."""
        self.terminate()
        try:
            self.receive(timeout_seconds)
        except (OSError, ValueError):
            self.kill()

    def stop(self, timeout_seconds: float = DRAIN_TIMEOUT_SECONDS) -> int:
        """Let the host finish accepted requests, kill it after the timeout; return its exit code.

        A negative code is the number of the signal that ended the host.
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
            raise UsageError(f"{address} is not an address of this machine") from error
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            raise DependencyError(
                f"port {port}: {os.strerror(error.errno)}; choose another port with --port"
            ) from error
        raise


def get_listener_url(listener: socket.socket) -> str:
    """Return the URL of a listening socket."""
    return "http://{}:{}".format(*listener.getsockname())


def start_host(
    spec: LaunchSpec,
    listener: socket.socket,
    log: Path,
    timeout_seconds: float = START_TIMEOUT_SECONDS,
) -> Host:
    """Return a host that is ready for requests; raise ProcessStartError with the reason."""
    return start_process(lambda: Host(spec, listener, log), spec.name, timeout_seconds)


@contextmanager
def running_host(
    spec: LaunchSpec,
    log: Path,
    timeout_seconds: float = START_TIMEOUT_SECONDS,
    address: str = LOOPBACK,
) -> Iterator[Host]:
    """Yield a host on a free port, and stop the host afterwards."""
    with listen(address=address) as listener:
        host = start_host(spec, listener, log, timeout_seconds)
        try:
            yield host
        finally:
            host.stop(timeout_seconds=5.0)
