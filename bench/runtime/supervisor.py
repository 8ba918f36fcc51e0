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

from bench.core.errors import Missing, Trouble
from bench.core.paths import Places
from bench.frameworks import environments
from bench.frameworks.manifest import discover
from bench.runtime import control_socket, database
from bench.runtime.host import Host, listen, start_host, url_of
from bench.runtime.log_copy import LogCopy

WATCH_SECONDS = 0.2
GOODBYE_SECONDS = 5.0  # for what is being answered when the whole site closes


class Serving:
    """One address, the host that answers there, and those that are still finishing."""

    def __init__(self, places: Places, port: int, told: Callable[[str], None] = print):
        self.places, self.told = places, told
        self.listener = listen(port)
        self.url = url_of(self.listener)
        self.host: Host | None = None
        self.hosts: list[Host] = []
        self.logs: dict[str, LogCopy] = {}  # by framework
        self.changing = threading.Lock()
        self.closed = threading.Event()

    def __enter__(self) -> "Serving":
        """Open the door for `cookoff switch`."""
        port = self.listener.getsockname()[1]
        self.door = control_socket.Door(control_socket.path_for(self.places, port), self.obey)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Finish what is being answered, and leave nothing behind."""
        self.closed.set()
        self.door.close()
        self.listener.close()
        for host in list(self.hosts):
            host.ask_to_leave()
        for host in list(self.hosts):
            host.stop(GOODBYE_SECONDS)
        self.show_logs(whole_lines=False)

    def obey(self, name: str) -> dict[str, object]:
        """Put a framework here for `cookoff switch`, and return what to answer."""
        try:
            return {"done": self.put(name)}
        except Trouble as trouble:
            return {"trouble": str(trouble), "exit_code": trouble.exit_code}

    def put(self, name: str) -> str:
        """Make the named framework answer here, and return a line that says so.

        Raises Trouble when it cannot; whatever answered before goes on answering.
        """
        with self.changing:
            framework = discover(self.places.apps).one(name)
            environment = environments.ensure(framework, self.places)
            told = database.settings_for(
                environment.title, self.places, database.database_url(self.places)
            )
            order = database.order_for(environment, told)
            log = self.places.log(f"serve-{name}")
            self.logs.setdefault(name, LogCopy(log))
            new = start_host(order, self.listener, log)
            self.hosts.append(new)
            old, self.host = self.host, new
            if old:
                old.leave()
                threading.Thread(target=self.retire, args=[old], daemon=True).start()
        line = f"{environment.title} answers at {self.url}"
        with suppress(OSError):  # whoever read it left: the framework answers nevertheless
            self.told(line)
            self.told(f"errors are shown here and kept in {log}")
        return line

    def retire(self, host: Host) -> None:
        """Let a host that has left the address finish, and forget it."""
        try:
            host.stop()
        finally:
            self.hosts.remove(host)

    def show_logs(self, whole_lines: bool = True) -> None:
        """Show what every host has logged since the last time."""
        for log in list(self.logs.values()):
            log.show_new(whole_lines)

    def hold(self) -> None:
        """Keep the address, and show what hosts log, until interrupted.

        Raises Missing when the host ends by itself.
        """
        while not self.closed.wait(WATCH_SECONDS):
            self.show_logs()
            host = self.host
            if host and not host.running and host is self.host:
                code = host.process.returncode
                raise Missing(f"{host.order.name} ended with code {code} (log: {host.log})")
