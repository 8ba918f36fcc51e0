"""A site under attack: its host, its database as it was before each request, and its clients."""

import hashlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from bench.conformance.differential import sites as walk
from bench.conformance.differential.database_state import CHANGED, masked
from bench.conformance.differential.http_client import Visit
from bench.conformance.differential.sites import Site
from bench.conformance.fuzz import clients, judge, server
from bench.conformance.fuzz.judge import NO_ANSWER, Fault
from bench.conformance.fuzz.logs import LOG, last_error, merged
from bench.conformance.fuzz.probes import Probe
from bench.conformance.fuzz.templates import Values, expand
from bench.conformance.fuzz.wire import TIMEOUT_SECONDS, Connection
from bench.core.paths import Places
from bench.frameworks.environments import Environment
from bench.runtime import process
from bench.runtime.host import running_host

DEAD, EXTRA = "dead", "extra bytes"
ENDING_SECONDS = 0.2


class Outcome(NamedTuple):
    """What one site made of one request."""

    status: int  # 0: no reply
    faults: tuple[Fault, ...] = ()
    refused: bool = False  # by the server, before the application saw the request
    answered: bool = True  # False where the request is not whole and no reply is due
    rows: str = ""  # a digest of what the site stored, none where it stored nothing


@dataclass
class Target:
    """One site that is sent hostile requests."""

    site: Site
    stack: ExitStack
    values: dict[str, Values] = field(default_factory=dict)  # by client
    connection: Connection | None = None
    log_bytes: int = 0
    version: int = -1
    rows: str = ""  # a digest of the rows to which the database returns
    photos: dict[str, bytes] = field(default_factory=dict)  # the files that belong to those rows
    stuck: int = 0  # requests that were given up; each may hold a thread of the host

    @property
    def name(self) -> str:
        """Return the name of the framework."""
        return self.site.name

    @property
    def url(self) -> str:
        """Return the address of the site."""
        return self.site.host.url

    def prepare(self) -> None:
        """Sign clients in, and take the database as it is then as the state to return to."""
        self.values = clients.sign_in(self.site)
        self.site.larder.seed = self.site.larder.read()
        self.photos = {file.name: file.read_bytes() for file in self.site.photos.iterdir()}
        self.site.larder.connection.execute("PRAGMA synchronous=OFF")
        self.restore()
        self.rows = self.stored()
        self.log_bytes = self.site.host.log.stat().st_size

    def restore(self) -> None:
        """Make database and photos what they were when the clients had signed in."""
        self.site.larder.reset()
        self.version = self.data_version()
        present = {file.name for file in self.site.photos.iterdir()}
        for name in present - self.photos.keys():
            (self.site.photos / name).unlink()
        for name in self.photos.keys() - present:
            (self.site.photos / name).write_bytes(self.photos[name])

    def data_version(self) -> int:
        """Return a number that changes when the site writes to its database."""
        (version,) = self.site.larder.connection.execute("PRAGMA data_version").fetchone()
        return int(version)

    def ask(
        self,
        probe: Probe,
        alone: bool = False,
        timeout: float = TIMEOUT_SECONDS,
        settle_seconds: float = 0.0,
    ) -> Outcome:
        """Send a request and judge the reply; alone: on a new connection, with a fresh state."""
        if alone:
            self.disconnect()
        if alone and self.data_version() != self.version:
            self.restore()
        raw = expand(probe.template, self.values[probe.client])
        outcome = self.send(raw, timeout, settle_seconds)
        outcome = outcome._replace(faults=merged([*outcome.faults, *self.aftermath(outcome)]))
        if probe.changes_state and self.data_version() != self.version:
            rows = self.stored()
            outcome = outcome._replace(rows="" if rows == self.rows else rows)
            self.restore()
        return outcome

    def stored(self) -> str:
        """Return a digest of the rows as they are now, without what differs by nature."""
        seen = masked(self.site.larder.now(), {})
        rows = [(name, seen[name]) for name in CHANGED if name != "sessions"]
        return hashlib.sha256(repr(rows).encode("utf-8", "surrogatepass")).hexdigest()[:6]

    def send(self, raw: bytes, timeout: float, settle_seconds: float) -> Outcome:
        """Send bytes and judge what comes back."""
        reading = server.read(raw)
        fresh = not reading.whole or len(reading.methods) != 1
        connection = self.connection
        late = bool(connection and connection.leftover())  # after the reply to the last request
        if fresh or late or connection is None or not connection.open:
            self.disconnect()
            try:
                connection = self.connection = Connection(self.address)
            except OSError as error:
                return Outcome(0, (Fault(NO_ANSWER, f"no connection: {error}"),))
        replies = connection.ask(raw, reading, timeout)
        triples = zip(replies, reading.methods, reading.refused, strict=False)
        faults = [
            fault
            for reply, method, refused in triples
            if not (refused and reply.status)
            for fault in judge.faults_of(raw, reply, method, self.url)
        ]
        if settle_seconds:
            time.sleep(settle_seconds)
        faults = [fault for fault in faults if not (connection.extra and fault.kind == NO_ANSWER)]
        left = bool(connection.leftover())
        if late or left or connection.extra:
            faults.append(Fault(EXTRA, "after the reply"))
        if left:
            self.disconnect()
        status = replies[0].status if replies else 0
        refused = any(reading.refused[:1])
        return Outcome(status, tuple(faults), refused, bool(reading.methods))

    @property
    def address(self) -> tuple[str, int]:
        """Return host and port of the site."""
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or 80

    def aftermath(self, outcome: Outcome) -> Iterator[Fault]:
        """Yield what a request left behind: a traceback in the log, a host that ended."""
        size = self.site.host.log.stat().st_size
        if size != self.log_bytes:
            with self.site.host.log.open("rb") as log:
                log.seek(self.log_bytes)
                text = log.read()
            self.log_bytes = size
            if judge.TRACEBACK in text:
                yield Fault(LOG, last_error(text))
        if outcome.faults and outcome.status == 0 and self.ended():
            yield Fault(DEAD, f"the host ended with {self.site.host.process.returncode}")

    def ended(self) -> bool:
        """Return whether the host ended; one that is ending is given a moment."""
        with suppress(subprocess.TimeoutExpired):
            self.site.host.process.wait(ENDING_SECONDS)
        return not self.site.host.running

    def disconnect(self) -> None:
        """Close the connection."""
        if self.connection:
            self.connection.close()
            self.connection = None

    def revive(self) -> None:
        """Put a new host in the place of one that ended or hangs."""
        self.disconnect()
        order, log = self.site.host.order, self.site.host.log
        self.site.host.kill()
        self.site.host = self.stack.enter_context(running_host(order, log))
        self.site.visit.connection.close()
        self.site.visit = Visit(self.url)
        self.stuck = 0
        self.site.larder.reset()
        self.values = clients.relocated(self.values, self.url)
        self.log_bytes = os.stat(log).st_size  # noqa: PTH116  # asked for each request elsewhere


@contextmanager
def opened(
    environments: Sequence[Environment],
    places: Places,
    folder: Path,
    left_out: Callable[[process.NotStarted], None],
) -> Iterator[tuple[list[Target], ThreadPoolExecutor]]:
    """Give the sites of these environments with their clients signed in."""
    with ExitStack() as stack, walk.opened(environments, places, folder, left_out) as sites:
        pool = stack.enter_context(ThreadPoolExecutor(max(1, len(sites.sites))))
        targets = [Target(site, stack) for site in sites.sites]
        for target in targets:
            stack.callback(target.disconnect)
        list(pool.map(Target.prepare, targets))
        yield targets, pool
