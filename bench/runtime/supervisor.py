"""How does one address stay open while the framework behind it changes?

`cookoff serve` holds the listening socket and one host; `cookoff switch`, in another terminal, asks
it over a Unix socket to put another framework there. The new host answers before the old one
leaves, and the old one stays when the new one does not start. What a host writes to its log, such
as a failing page's traceback, is shown on the terminal of `cookoff serve`, too; a client never
gets it.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

from bench.core.errors import CookoffError, DependencyError
from bench.core.paths import Paths
from bench.frameworks import environments
from bench.frameworks.manifest import discover_frameworks
from bench.runtime import control_socket, database
from bench.runtime.host import Host, get_listener_url, listen, start_host
from bench.runtime.log_copy import LogCopy

POLL_SECONDS = 0.2
SHUTDOWN_TIMEOUT_SECONDS = 5.0  # for what is being answered when the whole site closes


class Supervisor:
    """One address, the host that answers there, and those that are still finishing."""

    def __init__(self, places: Paths, port: int, on_progress: Callable[[str], None] = print):
        self.places, self.on_progress = places, on_progress
        self.listener = listen(port)
        self.url = get_listener_url(self.listener)
        self.host: Host | None = None
        self.hosts: list[Host] = []
        self.log_copies: dict[str, LogCopy] = {}  # by framework
        self.switch_lock = threading.Lock()
        self.closed = threading.Event()

    def __enter__(self) -> "Supervisor":
        """Open the door for `cookoff switch`."""
        port = self.listener.getsockname()[1]
        self.control_server = control_socket.ControlServer(
            control_socket.build_socket_path(self.places, port), self.handle_switch
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Finish what is being answered, and leave nothing behind."""
        self.closed.set()
        self.control_server.close()
        self.listener.close()
        for host in list(self.hosts):
            host.terminate()
        for host in list(self.hosts):
            host.stop(SHUTDOWN_TIMEOUT_SECONDS)
        self.show_logs(whole_lines=False)

    def handle_switch(self, name: str) -> dict[str, object]:
        """Put a framework here for `cookoff switch`, and return what to answer."""
        try:
            return {"done": self.switch_to(name)}
        except CookoffError as trouble:
            return {"trouble": str(trouble), "exit_code": trouble.exit_code}

    def switch_to(self, name: str) -> str:
        """Make the named framework answer here, and return a line that says so.

        Raises Trouble when it cannot; whatever answered before goes on answering.
        """
        with self.switch_lock:
            framework = discover_frameworks(self.places.apps).get(name)
            environment = environments.ensure_environment(framework, self.places)
            told = database.build_settings(
                environment.title, self.places, database.get_database_url(self.places)
            )
            order = database.build_launch_spec(environment, told)
            log = self.places.prepare_log_path(f"serve-{name}")
            self.log_copies.setdefault(name, LogCopy(log))
            new = start_host(order, self.listener, log)
            self.hosts.append(new)
            old, self.host = self.host, new
            if old:
                old.stop_accepting()
                threading.Thread(target=self.drain, args=[old], daemon=True).start()
        line = f"{environment.title} answers at {self.url}"
        with suppress(OSError):  # whoever read it left: the framework answers nevertheless
            self.on_progress(line)
            self.on_progress(f"errors are shown here and kept in {log}")
        return line

    def drain(self, host: Host) -> None:
        """Let a host that has left the address finish, and forget it."""
        try:
            host.stop()
        finally:
            self.hosts.remove(host)

    def show_logs(self, whole_lines: bool = True) -> None:
        """Show what every host has logged since the last time."""
        for log in list(self.log_copies.values()):
            log.print_new(whole_lines)

    def wait(self) -> None:
        """Keep the address, and show what hosts log, until interrupted.

        Raises Missing when the host ends by itself.
        """
        while not self.closed.wait(POLL_SECONDS):
            self.show_logs()
            host = self.host
            if host and not host.is_running and host is self.host:
                code = host.process.returncode
                raise DependencyError(
                    f"{host.launch_spec.name} ended with code {code} (log: {host.log})"
                )
