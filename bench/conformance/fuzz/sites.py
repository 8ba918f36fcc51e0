"""Send hostile requests to a site whose database and photos are restored after each request."""

import hashlib
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from bench.conformance.differential.database_state import CHANGED_TABLES, mask_rows
from bench.conformance.differential.http_client import HttpSession
from bench.conformance.differential.sites import Site, open_sites
from bench.conformance.fuzz import clients, judge, server
from bench.conformance.fuzz.judge import LOG, NO_ANSWER, Fault, merge_faults, parse_last_error
from bench.conformance.fuzz.probes import Probe
from bench.conformance.fuzz.templates import Values, expand_template
from bench.conformance.fuzz.wire import TIMEOUT_SECONDS, SiteConnection
from bench.core.paths import Paths
from bench.frameworks.environments import Environment
from bench.runtime import process
from bench.runtime.host import running_host

DEAD, EXTRA_BYTES, SLOW = "dead", "extra bytes", "slow"
EXIT_WAIT_SECONDS = 0.2
MAX_CPU_SECONDS = 0.5  # for one request; most take 1 to 50 ms


class ProbeOutcome(NamedTuple):
    """The outcome of one request at one site."""

    status: int  # 0 without a reply
    faults: tuple[Fault, ...] = ()
    rejected: bool = False  # whether the server rejected the request before the application
    reply_due: bool = True  # False for an incomplete request, to which no reply is due
    rows_digest: str = ""  # a digest of the rows that the site stored, "" if there are none


@dataclass
class Target:
    """One site that receives hostile requests."""

    site: Site
    stack: ExitStack
    values: dict[str, Values] = field(default_factory=dict)  # by client
    connection: SiteConnection | None = None
    log_bytes: int = 0
    version: int = -1
    rows_digest: str = ""  # a digest of the rows to which the database is restored
    photos: dict[str, bytes] = field(default_factory=dict)  # the files that belong to those rows
    cpu_seconds: float = 0.0  # the processor time of the host when it was last read
    stuck_requests: int = 0  # requests that timed out; each may occupy a thread of the host

    @property
    def name(self) -> str:
        """Return the name of the framework."""
        return self.site.name

    @property
    def url(self) -> str:
        """Return the address of the site."""
        return self.site.host.url

    def prepare(self) -> None:
        """Sign the clients in, and remember the state to which the site is restored."""
        self.values = clients.sign_in_clients(self.site)
        self.site.database.seed = self.site.database.read_rows()
        self.photos = {file.name: file.read_bytes() for file in self.site.photos.iterdir()}
        self.site.database.connection.execute("PRAGMA synchronous=OFF")
        self.restore()
        self.rows_digest = self.digest_rows()
        self.log_bytes = self.site.host.log.stat().st_size

    def restore(self) -> None:
        """Restore the database and the photos to the state after the clients signed in."""
        self.site.database.reset()
        self.version = self.read_data_version()
        present = {file.name for file in self.site.photos.iterdir()}
        for name in present - self.photos.keys():
            (self.site.photos / name).unlink()
        for name in self.photos.keys() - present:
            (self.site.photos / name).write_bytes(self.photos[name])

    def read_data_version(self) -> int:
        """Return SQLite's data_version, which changes when the site writes to its database."""
        (version,) = self.site.database.connection.execute("PRAGMA data_version").fetchone()
        return int(version)

    def send_probe(
        self,
        probe: Probe,
        isolated: bool = False,
        timeout: float = TIMEOUT_SECONDS,
        settle_seconds: float = 0.0,
    ) -> ProbeOutcome:
        """Send a request and judge the reply; `isolated`: on a new connection, after a restore.

        `timeout` is the time in seconds for the reply. A log may be written after the reply:
        `settle_seconds` is the time to wait before the log is read.
        """
        if isolated:
            self.disconnect()
        if isolated and self.read_data_version() != self.version:
            self.restore()
        if isolated:
            self.read_cpu_seconds()
        raw = expand_template(probe.template, self.values[probe.client])
        started = time.monotonic()
        outcome = self.send_bytes(raw, timeout, settle_seconds)
        outcome = outcome._replace(
            faults=merge_faults([*outcome.faults, *self.find_aftermath(outcome)])
        )
        if time.monotonic() - started >= MAX_CPU_SECONDS:
            outcome = outcome._replace(faults=(*outcome.faults, *self.find_slowness()))
        if probe.changes_state and self.read_data_version() != self.version:
            rows = self.digest_rows()
            outcome = outcome._replace(rows_digest="" if rows == self.rows_digest else rows)
            self.restore()
        return outcome

    def read_cpu_seconds(self) -> float:
        """Return the processor time that the host has used since the last call, in seconds."""
        before, self.cpu_seconds = self.cpu_seconds, self.site.host.read_cpu_seconds()
        return self.cpu_seconds - before

    def find_slowness(self) -> Iterator[Fault]:
        """Yield a fault if the host has used too much processor time since it was last read.

        Other requests may have used it, so that a request must be isolated to confirm the fault.
        """
        used = self.read_cpu_seconds()
        if used >= MAX_CPU_SECONDS:
            limit = f"more than {MAX_CPU_SECONDS:g} s of processor time"
            yield Fault(SLOW, f"{limit}{judge.MESSAGE_SEPARATOR}{used:.1f} s")

    def digest_rows(self) -> str:
        """Return a digest of the current rows, without values that differ from site to site."""
        masked = mask_rows(self.site.database.current_rows(), {})
        rows = [(name, masked[name]) for name in CHANGED_TABLES if name != "sessions"]
        return hashlib.sha256(repr(rows).encode("utf-8", "surrogatepass")).hexdigest()[:6]

    def send_bytes(self, raw: bytes, timeout: float, settle_seconds: float) -> ProbeOutcome:
        """Send bytes and judge the replies."""
        requests = server.parse_requests(raw)
        needs_connection = not requests.is_complete or len(requests.methods) != 1
        connection = self.connection
        # Bytes that came after the reply to the previous request.
        late = bool(connection and connection.read_leftover())
        if needs_connection or late or connection is None or not connection.is_open:
            self.disconnect()
            try:
                connection = self.connection = SiteConnection(self.address)
            except OSError as error:
                return ProbeOutcome(0, (Fault(NO_ANSWER, f"no connection: {error}"),))
        replies = connection.exchange(raw, requests, timeout)
        triples = zip(replies, requests.methods, requests.rejected, strict=False)
        faults = [
            fault
            for reply, method, rejected in triples
            if not (rejected and reply.status)
            for fault in judge.find_faults(raw, reply, method, self.url)
        ]
        if settle_seconds:
            time.sleep(settle_seconds)
        has_extra = connection.has_extra_bytes
        faults = [fault for fault in faults if not (has_extra and fault.kind == NO_ANSWER)]
        leftover = bool(connection.read_leftover())
        if late or leftover or has_extra:
            faults.append(Fault(EXTRA_BYTES, "after the reply"))
        if leftover:
            self.disconnect()
        status = replies[0].status if replies else 0
        rejected = any(requests.rejected[:1])
        return ProbeOutcome(status, tuple(faults), rejected, bool(requests.methods))

    @property
    def address(self) -> tuple[str, int]:
        """Return host and port of the site."""
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or 80

    def find_aftermath(self, outcome: ProbeOutcome) -> Iterator[Fault]:
        """Yield a fault for a traceback in the log and for a host that ended."""
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
        """Return whether the host ended; wait EXIT_WAIT_SECONDS for a host that is ending."""
        with suppress(subprocess.TimeoutExpired):
            self.site.host.process.wait(EXIT_WAIT_SECONDS)
        return not self.site.host.is_running

    def disconnect(self) -> None:
        """Close the connection."""
        if self.connection:
            self.connection.close()
            self.connection = None

    def restart_host(self) -> None:
        """Start a new host in the place of one that ended or hangs."""
        self.disconnect()
        launch_spec, log = self.site.host.launch_spec, self.site.host.log
        self.site.host.kill()
        self.site.host = self.stack.enter_context(running_host(launch_spec, log))
        self.site.http_session.connection.close()
        self.site.http_session = HttpSession(self.url)
        self.stuck_requests, self.cpu_seconds = 0, 0.0
        self.site.database.reset()
        self.values = clients.relocate_values(self.values, self.url)
        self.log_bytes = log.stat().st_size


@contextmanager
def open_targets(
    environments: Sequence[Environment],
    paths: Paths,
    folder: Path,
    on_skipped: Callable[[process.ProcessStartError], None],
) -> Iterator[tuple[list[Target], ThreadPoolExecutor]]:
    """Yield the sites of these environments with their clients signed in.

    `on_skipped` is called with the error of each site that does not start.
    """
    with ExitStack() as stack, open_sites(environments, paths, folder, on_skipped) as sites:
        pool = stack.enter_context(ThreadPoolExecutor(max(1, len(sites.sites))))
        targets = [Target(site, stack) for site in sites.sites]
        for target in targets:
            stack.callback(target.disconnect)
        list(pool.map(Target.prepare, targets))
        yield targets, pool
