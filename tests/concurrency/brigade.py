"""Hosts that work side by side on one socket and one larder, and a replacement for the fallen."""

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


@dataclass
class Brigade:
    """The running hosts and the larder behind them."""

    order: LaunchSpec
    listener: socket.socket
    source: ManagedProcess
    larder: Larder
    pids: list[int]

    @property
    def url(self) -> str:
        """Return the address they share."""
        return get_listener_url(self.listener)

    def add(self) -> None:
        """Fork one more host."""
        said = self.source.exchange(process.START_TIMEOUT_SECONDS, threads=self.order.threads)
        self.pids.append(said["pid"])

    def replace(self, number: int) -> None:
        """Kill one host where it stands, and put a new one in its place."""
        os.kill(self.pids.pop(number), signal.SIGKILL)
        self.add()

    def log_text(self) -> str:
        """Return all that the hosts complained about."""
        return self.source.log.read_text(encoding="utf-8", errors="replace")

    def ask(self, method: str, path: str, document: object, **headers: str) -> tuple[int, Any]:
        """Send JSON over a connection of its own; return the status and the decoded reply.

        OSError or http.client.HTTPException when the host is gone before it has answered.
        """
        connection = http.client.HTTPConnection(*self.listener.getsockname(), timeout=60)
        try:
            headers["Content-Type"] = "application/json"
            connection.request(method, path, json.dumps(document), headers)
            reply = connection.getresponse()
            return reply.status, json.loads(reply.read())
        finally:
            connection.close()


@contextmanager
def brigade(name: str, url: str, folder: Path, count: int) -> Iterator[Brigade]:
    """Start so many hosts of a framework on the larder at a URL."""
    places = Paths.from_environ()
    environment = environments.ensure_environment(
        discover_frameworks(places.apps).get(name), places
    )
    photos = folder / "photos"
    photos.mkdir(parents=True, exist_ok=True)
    settings = {**build_settings(environment.title, places, url), "photos_dir": str(photos)}
    order, log = build_launch_spec(environment, settings), folder / "log"
    larder = shared_db.open_larder(url, photos)
    with listen() as listener:
        preforked = lambda: ManagedProcess("tests.concurrency.preforked", order, log, listener)  # noqa: E731
        source = process.start_process(preforked, name, process.START_TIMEOUT_SECONDS)
        hosts = Brigade(order, listener, source, larder, [])
        try:
            for _ in range(count):
                hosts.add()
            yield hosts
        finally:
            try:
                # Before their source: without it each ends by itself, and then nobody has its id.
                for pid in hosts.pids:
                    os.kill(pid, signal.SIGKILL)
            finally:
                source.kill()
                larder.close()
