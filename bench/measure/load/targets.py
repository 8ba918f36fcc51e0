"""Start every framework's site on waitress, as a target of the load."""

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from bench.conformance.differential import http_client
from bench.core.cpu_affinity import pin_server
from bench.core.errors import CookoffError, UsageError, collapse_whitespace
from bench.core.hints import print_error
from bench.measure.workload.entries import Testbed
from bench.measure.workload.reply_checks import is_valid
from bench.measure.workload.scenarios import PAGES, Page
from bench.measure.workload.worker import Reply, Request
from bench.results.schema import CONTROL_PREFIX
from bench.runtime.host import LOOPBACK, Host, running_host

WAITRESS_THREADS = 4  # more threads only pass the interpreter's lock around
PEAK_MEMORY = re.compile(r"^VmHWM:\s*(\d+) kB", re.MULTILINE)  # of /proc/PID/status
Failures = dict[str, str]  # the reason why a target is not ranked, by name
LOADABLE_PAGES = {page.name: page for page in PAGES if isinstance(page.request, Request)}


@dataclass
class Target:
    """One server under load."""

    name: str
    url: str
    processes: Callable[[], Sequence[psutil.Process]]

    @property
    def address(self) -> tuple[str, int]:
        """Return host and port."""
        parts = urlsplit(self.url)
        return parts.hostname or "127.0.0.1", parts.port or 80

    def read_cpu_seconds(self) -> float:
        """Return the processor time of the server; raise CookoffError when the server has ended."""
        try:
            times = [process.cpu_times() for process in self.processes()]
        except psutil.Error as error:
            raise CookoffError(
                f"{self.name}: the server has ended: {collapse_whitespace(error)}"
            ) from error
        return sum(cpu.user + cpu.system for cpu in times)

    def read_peak_mib(self) -> float | None:
        """Return the peak resident memory of the server since its start, in MiB.

        Return None where the kernel does not tell it, as on macOS.
        """
        try:
            texts = [
                Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
                for process in self.processes()
            ]
        except OSError:
            return None
        peaks_kib = [int(peak[1]) for text in texts if (peak := PEAK_MEMORY.search(text))]
        return round(sum(peaks_kib) / 1024, 1) if peaks_kib else None

    def fetch_reply(self, page: Page) -> Reply:
        """Send one request for the page, and return the reply."""
        assert isinstance(page.request, Request)
        session = http_client.HttpSession(self.url)
        with contextlib.closing(session.connection):
            reply = session.send(http_client.Request("load", "GET", page.request.target))
        if reply.status == 0:
            reason = collapse_whitespace(reply.body.decode())
            raise CookoffError(f"{self.name}: {page.name}: {reason}")
        return Reply(reply.status, reply.headers, reply.body)


def find_loadable_page(name: str) -> Page:
    """Return a page that one plain GET shows; raise UsageError for any other name."""
    page = LOADABLE_PAGES.get(name.replace("-", " "))
    if page is None or page.status != 200:
        known = ", ".join(
            n.replace(" ", "-") for n, other in LOADABLE_PAGES.items() if other.status == 200
        )
        raise UsageError(f"no page for load tests is called {name!r}; use one of: {known}")
    return page


@contextlib.contextmanager
def running_targets(
    testbed: Testbed, page: Page, address: str = LOOPBACK
) -> Iterator[tuple[dict[str, Target], Failures]]:
    """Start every framework on a port of its own; yield the targets and the failures by name.

    Raise UsageError when the address does not belong to this machine.
    """
    names = [*(each.framework.name for each in testbed.environments), testbed.control]
    with contextlib.ExitStack() as stack:
        targets: dict[str, Target] = {}
        failed: Failures = {}
        for entry in testbed.build_entries():
            if entry.name not in names:
                continue
            launch_spec = replace(entry.launch_specs[page.module], threads=WAITRESS_THREADS)
            log = testbed.paths.prepare_log_path(f"load-{launch_spec.name}")
            try:
                host = stack.enter_context(running_host(launch_spec, log, address=address))
                pin_server(host.pid)
                targets[entry.name] = Target(entry.name, host.url, build_process_lister(host))
            except UsageError:
                raise
            except (CookoffError, psutil.Error) as error:
                record_failure(failed, entry.name, collapse_whitespace(error))
        yield targets, failed


def build_process_lister(host: Host) -> Callable[[], Sequence[psutil.Process]]:
    """Return a function that returns a host's process."""
    process = psutil.Process(host.pid)
    return lambda: [process]


def record_failure(failed: Failures, name: str, reason: str) -> None:
    """Record and print why a target is not ranked; the other targets go on."""
    failed[name] = reason if reason.startswith(f"{name}: ") else f"{name}: {reason}"
    print_error(f"not ranked: {failed[name]}")


def validate_targets(
    targets: Mapping[str, Target], page: Page, baseline: str, failed: Failures
) -> tuple[str, list[str]]:
    """Return the baseline and the names of all targets whose reply matches the baseline's.

    Record the other targets as failures. If the baseline does not answer, the first target that
    answers is the baseline. Raise CookoffError when no target answers.
    """
    replies = fetch_replies(targets, page, failed)
    baseline = choose_baseline(replies, baseline)
    for name, reply in replies.items():
        if not is_valid(page.check, reply, replies[baseline]):
            record_failure(failed, name, f"{page.name}: wrong reply, status {reply.status}")
    return baseline, [
        name for name in drop_orphaned_control(replies, baseline) if name not in failed
    ]


def fetch_replies(targets: Mapping[str, Target], page: Page, failed: Failures) -> dict[str, Reply]:
    """Return the replies of the targets that have not failed; record those that fail now."""
    replies = {}
    for name, target in targets.items():
        if name in failed:
            continue
        try:
            reply = target.fetch_reply(page)
        except CookoffError as error:
            record_failure(failed, name, str(error))
            continue
        if reply.status == page.status and page.marker in reply.body:
            replies[name] = reply
        else:
            record_failure(failed, name, f"{page.name}: wrong reply, status {reply.status}")
    return replies


def choose_baseline(names: Iterable[str], wanted: str) -> str:
    """Return the wanted baseline or, if it has failed, the first other target, and print which.

    Raise CookoffError when no target is left.
    """
    others = [name for name in names if not name.startswith(CONTROL_PREFIX)]
    if wanted in others:
        return wanted
    if not others:
        raise CookoffError("no target is left to measure; see the reasons above")
    print_error(f"the baseline {wanted} failed; the new baseline is {others[0]}")
    return others[0]


def drop_orphaned_control(names: Iterable[str], baseline: str) -> list[str]:
    """Return the names without the control copy of a baseline that has failed."""
    return [
        name
        for name in names
        if not name.startswith(CONTROL_PREFIX) or name == CONTROL_PREFIX + baseline
    ]
