"""Several hosts of one framework on one socket and one database; killed hosts are replaced."""

import http.client
import json
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shared_db
from bench.core.paths import Paths
from bench.frameworks import environments
from bench.frameworks.manifest import discover_frameworks
from bench.runtime import process
from bench.runtime.database import build_launch_spec, build_settings
from bench.runtime.host import get_listener_url, listen
from bench.runtime.launch_spec import LaunchSpec
from bench.runtime.process import ManagedProcess
from shared_db import Larder
from tests.contract.larder import Larder as Rows


@dataclass
class HostGroup:
    """The running hosts and their database."""

    spec: LaunchSpec
    listener: socket.socket
    source: ManagedProcess
    larder: Larder
    rows: Rows
    pids: list[int]

    @property
    def url(self) -> str:
        """Return the URL that the hosts share."""
        return get_listener_url(self.listener)

    def add(self) -> None:
        """Fork one more host."""
        reply = self.source.exchange(process.START_TIMEOUT_SECONDS, threads=self.spec.threads)
        self.pids.append(reply["pid"])

    def replace(self, number: int) -> None:
        """Kill one host with SIGKILL, and fork a new host."""
        os.kill(self.pids.pop(number), signal.SIGKILL)
        self.add()

    def reset(self) -> None:
        """Restore the seed rows, and forget all sessions and the log."""
        self.rows.reset()
        self.rows.run("DELETE FROM sessions")
        self.larder.begin_request()
        os.truncate(self.source.log, 0)

    def log_text(self) -> str:
        """Return the log of the hosts."""
        return self.source.log.read_text(encoding="utf-8", errors="replace")

    def send_json(
        self, method: str, path: str, document: object, **headers: str
    ) -> tuple[int, Any]:
        """Send JSON over a new connection. Return the status and the decoded reply.

        Raise OSError or http.client.HTTPException if the host ends before it answers.
        """
        address, port = self.listener.getsockname()
        connection = http.client.HTTPConnection(address, port, timeout=60)
        try:
            headers["Content-Type"] = "application/json"
            connection.request(method, path, json.dumps(document), headers)
            reply = connection.getresponse()
            return reply.status, json.loads(reply.read())
        finally:
            connection.close()


@contextmanager
def running_hosts(name: str, url: str, folder: Path, count: int) -> Iterator[HostGroup]:
    """Run `count` hosts of a framework on the database of a URL."""
    places = Paths.from_environ()
    environment = environments.ensure_environment(
        discover_frameworks(places.apps).get(name), places
    )
    photos = folder / "photos"
    photos.mkdir(parents=True, exist_ok=True)
    settings = {**build_settings(environment.title, places, url), "photos_dir": str(photos)}
    spec, log = build_launch_spec(environment, settings), folder / "log"
    larder = shared_db.open_larder(url, photos)
    with listen() as listener:
        preforked = lambda: ManagedProcess("tests.concurrency.preforked", spec, log, listener)  # noqa: E731
        source = process.start_process(preforked, name, process.START_TIMEOUT_SECONDS)
        rows = Rows(url)
        rows.remember()
        hosts = HostGroup(spec, listener, source, larder, rows, [])
        try:
            for _ in range(count):
                hosts.add()
            yield hosts
        finally:
            try:
                # Kill the hosts before the source: without it each host ends by itself, and then
                # another process may have its id.
                for pid in hosts.pids:
                    os.kill(pid, signal.SIGKILL)
            finally:
                source.kill()
                rows.close()
                larder.close()
