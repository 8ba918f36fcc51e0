"""Keep one address open while the framework behind it changes.

`cookoff serve` owns the listening socket and one host. `cookoff switch`, in another terminal,
requests another framework over a Unix socket. The new host accepts requests before the old host
stops, and the old host continues when the new host does not start. New lines in the log of a host,
such as the traceback of a failing page, are also printed on the terminal of `cookoff serve`;
clients never receive them.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

from bench.core.errors import CookoffError, DependencyError
from bench.core.paths import ROOT, Paths
from bench.frameworks import environments
from bench.frameworks.manifest import discover_frameworks
from bench.runtime import control_socket, database
from bench.runtime.file_watcher import FileWatcher
from bench.runtime.host import Host, get_listener_url, listen, start_host
from bench.runtime.log_copy import LogCopy

POLL_SECONDS = 0.2
SHUTDOWN_TIMEOUT_SECONDS = 5.0  # for requests in progress when the site closes


class Supervisor:
    """One address, its current host, and the earlier hosts that still finish requests."""

    def __init__(
        self,
        paths: Paths,
        port: int,
        on_progress: Callable[[str], None] = print,
        reloads: bool = False,
    ):
        self.paths, self.on_progress = paths, on_progress
        self.reloads = reloads  # whether a change of the code starts a new host
        self.watcher: FileWatcher | None = None
        self.listener = listen(port)
        self.url = get_listener_url(self.listener)
        self.port: int = self.listener.getsockname()[1]
        self.host: Host | None = None
        self.hosts: list[Host] = []
        self.log_copies: dict[str, LogCopy] = {}  # by framework
        self.switch_lock = threading.Lock()
        self.closed = threading.Event()

    def __enter__(self) -> "Supervisor":
        """Open the control socket for `cookoff switch`."""
        self.control_server = control_socket.ControlServer(
            control_socket.build_socket_path(self.paths, self.port), self.handle_switch
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Let the hosts finish their requests, and stop all processes and sockets."""
        self.closed.set()
        self.control_server.close()
        self.listener.close()
        for host in list(self.hosts):
            host.terminate()
        for host in list(self.hosts):
            host.stop(SHUTDOWN_TIMEOUT_SECONDS)
        self.show_logs(whole_lines=False)

    def handle_switch(self, name: str) -> dict[str, object]:
        """Switch to a framework for `cookoff switch`, and return the reply."""
        try:
            return {"done": self.switch_to(name)}
        except CookoffError as error:
            return {"error": str(error), "exit_code": error.exit_code}

    def switch_to(self, name: str) -> str:
        """Serve the named framework at this address, and return a message about it.

        Raise CookoffError when the framework cannot start; the current host then continues.
        """
        with self.switch_lock:
            framework = discover_frameworks(self.paths.apps).get(name)
            environment = environments.ensure_environment(framework, self.paths)
            settings = database.build_settings(
                environment.title, self.paths, database.get_database_url(self.paths)
            )
            launch_spec = database.build_launch_spec(environment, settings)
            log = self.paths.prepare_log_path(f"serve-{framework.name}")
            self.log_copies.setdefault(framework.name, LogCopy(log))
            if self.reloads:
                folders = (framework.folder, self.paths.pages, ROOT / "shared_db")
                self.watcher = FileWatcher(folders)
            new = start_host(launch_spec, self.listener, log)
            self.hosts.append(new)
            old, self.host = self.host, new
            if old:
                old.stop_accepting()
                threading.Thread(target=self.drain, args=[old], daemon=True).start()
        message = f"{environment.title} runs at {self.url}"
        with suppress(
            OSError
        ):  # the reader of the output has gone; the framework runs nevertheless
            self.on_progress(message)
            self.on_progress(f"errors are printed here and logged to {log}")
        return message

    def drain(self, host: Host) -> None:
        """Let a host that no longer accepts connections finish, and remove it."""
        try:
            host.stop()
        finally:
            self.hosts.remove(host)

    def show_logs(self, whole_lines: bool = True) -> None:
        """Print the new log lines of every host."""
        for log in list(self.log_copies.values()):
            log.print_new(whole_lines)

    def reload_changes(self) -> None:
        """Start the current framework again if its code changed; print why it does not start."""
        changed = self.watcher.find_changes() if self.watcher else []
        if not changed or not self.host:
            return
        self.on_progress(f"{changed[0].name} changed")
        try:
            self.switch_to(self.host.launch_spec.name)
        except CookoffError as error:
            self.on_progress(f"{error}; the site before the change still answers")

    def wait(self) -> None:
        """Print the logs of the hosts until interrupted.

        Raise DependencyError when the current host ends by itself.
        """
        while not self.closed.wait(POLL_SECONDS):
            self.show_logs()
            self.reload_changes()
            host = self.host
            if host and not host.is_running and host is self.host:
                code = host.process.returncode
                raise DependencyError(
                    f"{host.launch_spec.name} ended with exit code {code} (log: {host.log})"
                )
