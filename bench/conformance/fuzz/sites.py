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
from bench.conformance.differential.database_state import CHANGED_TABLES, mask_rows
from bench.conformance.differential.http_client import HttpSession
from bench.conformance.differential.sites import Site
from bench.conformance.fuzz import clients, judge, server
from bench.conformance.fuzz.judge import NO_ANSWER, Fault
from bench.conformance.fuzz.logs import LOG, merge_faults, parse_last_error
from bench.conformance.fuzz.probes import Probe
from bench.conformance.fuzz.templates import Values, expand_template
from bench.conformance.fuzz.wire import TIMEOUT_SECONDS, Connection
from bench.core.paths import Paths
from bench.frameworks.environments import Environment
from bench.runtime import process
from bench.runtime.host import running_host

DEAD, EXTRA = "dead", "extra bytes"
EXIT_WAIT_SECONDS = 0.2


class ProbeOutcome(NamedTuple):
    """What one site made of one request."""

    status: int  # 0: no reply
    faults: tuple[Fault, ...] = ()
    rejected: bool = False  # by the server, before the application saw the request
    reply_due: bool = True  # False where the request is not whole and no reply is due
    rows_digest: str = ""  # a digest of what the site stored, none where it stored nothing


@dataclass
class Target:
    """One site that is sent hostile requests."""

    site: Site
    stack: ExitStack
    values: dict[str, Values] = field(default_factory=dict)  # by client
    connection: Connection | None = None
    log_bytes: int = 0
    version: int = -1
    rows_digest: str = ""  # a digest of the rows to which the database returns
    photos: dict[str, bytes] = field(default_factory=dict)  # the files that belong to those rows
    stuck_requests: int = 0  # requests that were given up; each may hold a thread of the host

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
        self.values = clients.sign_in_clients(self.site)
        self.site.database.seed = self.site.database.read_rows()
        self.photos = {file.name: file.read_bytes() for file in self.site.photos.iterdir()}
        self.site.database.connection.execute("PRAGMA synchronous=OFF")
        self.restore()
        self.rows_digest = self.digest_rows()
        self.log_bytes = self.site.host.log.stat().st_size

    def restore(self) -> None:
        """Make database and photos what they were when the clients had signed in."""
        self.site.database.reset()
        self.version = self.read_data_version()
        present = {file.name for file in self.site.photos.iterdir()}
        for name in present - self.photos.keys():
            (self.site.photos / name).unlink()
        for name in self.photos.keys() - present:
            (self.site.photos / name).write_bytes(self.photos[name])

    def read_data_version(self) -> int:
        """Return a number that changes when the site writes to its database."""
        (version,) = self.site.database.connection.execute("PRAGMA data_version").fetchone()
        return int(version)

    def send_probe(
        self,
        probe: Probe,
        isolated: bool = False,
        timeout: float = TIMEOUT_SECONDS,
        settle_seconds: float = 0.0,
    ) -> ProbeOutcome:
        """Send a request and judge the reply; alone: on a new connection, with a fresh state."""
        if isolated:
            self.disconnect()
        if isolated and self.read_data_version() != self.version:
            self.restore()
        raw = expand_template(probe.template, self.values[probe.client])
        outcome = self.send_bytes(raw, timeout, settle_seconds)
        outcome = outcome._replace(
            faults=merge_faults([*outcome.faults, *self.find_aftermath(outcome)])
        )
        if probe.changes_state and self.read_data_version() != self.version:
            rows = self.digest_rows()
            outcome = outcome._replace(rows_digest="" if rows == self.rows_digest else rows)
            self.restore()
        return outcome

    def digest_rows(self) -> str:
        """Return a digest of the rows as they are now, without what differs by nature."""
        seen = mask_rows(self.site.database.current_rows(), {})
        rows = [(name, seen[name]) for name in CHANGED_TABLES if name != "sessions"]
        return hashlib.sha256(repr(rows).encode("utf-8", "surrogatepass")).hexdigest()[:6]

    def send_bytes(self, raw: bytes, timeout: float, settle_seconds: float) -> ProbeOutcome:
        """Send bytes and judge what comes back."""
        reading = server.parse_requests(raw)
        fresh = not reading.is_complete or len(reading.methods) != 1
        connection = self.connection
        late = bool(
            connection and connection.read_leftover()
        )  # after the reply to the last request
        if fresh or late or connection is None or not connection.is_open:
            self.disconnect()
            try:
                connection = self.connection = Connection(self.address)
            except OSError as error:
                return ProbeOutcome(0, (Fault(NO_ANSWER, f"no connection: {error}"),))
        replies = connection.exchange(raw, reading, timeout)
        triples = zip(replies, reading.methods, reading.rejected, strict=False)
        faults = [
            fault
            for reply, method, refused in triples
            if not (refused and reply.status)
            for fault in judge.find_faults(raw, reply, method, self.url)
        ]
        if settle_seconds:
            time.sleep(settle_seconds)
        faults = [fault for fault in faults if not (connection.extra and fault.kind == NO_ANSWER)]
        left = bool(connection.read_leftover())
        if late or left or connection.extra:
            faults.append(Fault(EXTRA, "after the reply"))
        if left:
            self.disconnect()
        status = replies[0].status if replies else 0
        refused = any(reading.rejected[:1])
        return ProbeOutcome(status, tuple(faults), refused, bool(reading.methods))

    @property
    def address(self) -> tuple[str, int]:
        """Return host and port of the site."""
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or 80

    def find_aftermath(self, outcome: ProbeOutcome) -> Iterator[Fault]:
        """Yield what a request left behind: a traceback in the log, a host that ended."""
        size = self.site.host.log.stat().st_size
        if size != self.log_bytes:
            with self.site.host.log.open("rb") as log:
                log.seek(self.log_bytes)
                text = log.read()
            self.log_bytes = size
            if judge.TRACEBACK in text:
                yield Fault(LOG, parse_last_error(text))
        if outcome.faults and outcome.status == 0 and self.has_ended():
            yield Fault(DEAD, f"the host ended with {self.site.host.process.returncode}")

    def has_ended(self) -> bool:
        """Return whether the host ended; one that is ending is given a moment."""
        with suppress(subprocess.TimeoutExpired):
            self.site.host.process.wait(EXIT_WAIT_SECONDS)
        return not self.site.host.is_running

    def disconnect(self) -> None:
        """Close the connection."""
        if self.connection:
            self.connection.close()
            self.connection = None

    def restart_host(self) -> None:
        """Put a new host in the place of one that ended or hangs."""
        self.disconnect()
        order, log = self.site.host.launch_spec, self.site.host.log
        self.site.host.kill()
        self.site.host = self.stack.enter_context(running_host(order, log))
        self.site.http_session.connection.close()
        self.site.http_session = HttpSession(self.url)
        self.stuck_requests = 0
        self.site.database.reset()
        self.values = clients.relocate_values(self.values, self.url)
        self.log_bytes = os.stat(log).st_size  # noqa: PTH116  # asked for each request elsewhere


@contextmanager
def open_targets(
    environments: Sequence[Environment],
    places: Paths,
    folder: Path,
    on_skipped: Callable[[process.ProcessStartError], None],
) -> Iterator[tuple[list[Target], ThreadPoolExecutor]]:
    """Give the sites of these environments with their clients signed in."""
    with ExitStack() as stack, walk.open_sites(environments, places, folder, on_skipped) as sites:
        pool = stack.enter_context(ThreadPoolExecutor(max(1, len(sites.sites))))
        targets = [Target(site, stack) for site in sites.sites]
        for target in targets:
            stack.callback(target.disconnect)
        list(pool.map(Target.prepare, targets))
        yield targets, pool
