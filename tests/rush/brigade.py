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
from bench.core.paths import Places
from bench.frameworks import environments
from bench.frameworks.manifest import discover
from bench.runtime import process
from bench.runtime.database import order_for, settings_for
from bench.runtime.host import listen, url_of
from bench.runtime.launch_spec import Order
from bench.runtime.process import Child
from shared_db import Larder


@dataclass
class Brigade:
    """The running hosts and the larder behind them."""

    order: Order
    listener: socket.socket
    source: Child
    larder: Larder
    pids: list[int]

    @property
    def url(self) -> str:
        """Return the address they share."""
        return url_of(self.listener)

    def add(self) -> None:
        """Fork one more host."""
        said = self.source.exchange(process.START_SECONDS, threads=self.order.threads)
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
    places = Places.from_environ()
    environment = environments.ensure(discover(places.apps).one(name), places)
    photos = folder / "photos"
    photos.mkdir(parents=True, exist_ok=True)
    settings = {**settings_for(environment.title, places, url), "photos_dir": str(photos)}
    order, log = order_for(environment, settings), folder / "log"
    larder = shared_db.open_larder(url, photos)
    with listen() as listener:
        preforked = lambda: Child("tests.rush.preforked", order, log, listener)  # noqa: E731
        source = process.ready(preforked, name, process.START_SECONDS)
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
