"""What is put under load? Every framework's site, on waitress, all up at once."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import click
import httpx
import psutil

from bench.core.cpu_affinity import pin_server
from bench.core.errors import CookoffError, UsageError, collapse_whitespace
from bench.measure.workload.entries import Testbed
from bench.measure.workload.reply_checks import is_valid as right
from bench.measure.workload.scenarios import PAGES, Page
from bench.measure.workload.worker import Reply, Request
from bench.results.schema import CONTROL_PREFIX
from bench.runtime.host import LOOPBACK, Host, running_host

WAITRESS_THREADS = 4  # of waitress; more only hand the interpreter's lock around
Failures = dict[str, str]  # why a target is not ranked, by its name
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
        """Return the processor time that the server has used; raise Trouble where it is gone."""
        try:
            times = [one.cpu_times() for one in self.processes()]
        except psutil.Error as error:
            raise CookoffError(
                f"{self.name}: the server is gone: {collapse_whitespace(error)}"
            ) from error
        return sum(one.user + one.system for one in times)

    def fetch_reply(self, page: Page) -> Reply:
        """Ask for the page once."""
        assert isinstance(page.request, Request)
        try:
            got = httpx.get(self.url + page.request.target, timeout=20)
        except httpx.HTTPError as error:
            reason = collapse_whitespace(f"{type(error).__name__}: {error}")
            raise CookoffError(f"{self.name}: {page.name}: {reason}") from error
        return Reply(got.status_code, list(got.headers.items()), got.content)


def find_loadable_page(name: str) -> Page:
    """Return a page that can be put under load: one plain GET; raise Misuse for another."""
    page = LOADABLE_PAGES.get(name.replace("-", " "))
    if page is None or page.status != 200:
        known = ", ".join(
            n.replace(" ", "-") for n, one in LOADABLE_PAGES.items() if one.status == 200
        )
        raise UsageError(f"no page under load is called {name!r}; one of: {known}")
    return page


@contextlib.contextmanager
def running_targets(
    ground: Testbed, page: Page, address: str = LOOPBACK
) -> Iterator[tuple[dict[str, Target], Failures]]:
    """Give every framework that starts, as a target on a port of its own, and why others do not.

    Raises Misuse where the address is none of this machine.
    """
    names = [*(one.framework.name for one in ground.environments), ground.control]
    with contextlib.ExitStack() as stack:
        targets: dict[str, Target] = {}
        failed: Failures = {}
        for entry in ground.build_entries():
            if entry.name not in names:
                continue
            order = replace(entry.launch_specs[page.module], threads=WAITRESS_THREADS)
            log = ground.paths.prepare_log_path(f"load-{order.name}")
            try:
                host = stack.enter_context(running_host(order, log, address=address))
                pin_server(host.pid)
                targets[entry.name] = Target(entry.name, host.url, build_process_lister(host))
            except UsageError:
                raise
            except (CookoffError, psutil.Error) as error:
                record_failure(failed, entry.name, collapse_whitespace(error))
        yield targets, failed


def build_process_lister(host: Host) -> Callable[[], Sequence[psutil.Process]]:
    """Return a function that gives a host's process."""
    process = psutil.Process(host.pid)
    return lambda: [process]


def record_failure(failed: Failures, name: str, reason: str) -> None:
    """Note why a target is not ranked, and say so at once: the others go on."""
    failed[name] = reason if reason.startswith(f"{name}: ") else f"{name}: {reason}"
    click.echo(f"cookoff: not ranked: {failed[name]}", err=True)


def validate_targets(
    targets: Mapping[str, Target], page: Page, baseline: str, failed: Failures
) -> tuple[str, list[str]]:
    """Return whose reply is the right one, and all who answer likewise; note why others do not.

    It is the baseline's or, where the baseline has none, that of the first who answers. Raises
    Trouble where nobody does.
    """
    replies = fetch_replies(targets, page, failed)
    baseline = choose_baseline(replies, baseline)
    for name, reply in replies.items():
        if not right(page.check, reply, replies[baseline]):
            record_failure(failed, name, f"{page.name} answered {reply.status} wrongly")
    return baseline, [one for one in drop_orphaned_control(replies, baseline) if one not in failed]


def fetch_replies(targets: Mapping[str, Target], page: Page, failed: Failures) -> dict[str, Reply]:
    """Return the reply of each target that has not failed, and does not now."""
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
            record_failure(failed, name, f"{page.name} answered {reply.status} wrongly")
    return replies


def choose_baseline(names: Iterable[str], wanted: str) -> str:
    """Return the wanted baseline or, where it has failed, the first of the others, and say so.

    Raises Trouble where no other is left.
    """
    others = [name for name in names if not name.startswith(CONTROL_PREFIX)]
    if wanted in others:
        return wanted
    if not others:
        raise CookoffError("nobody is left to be put under load; the reasons stand above")
    click.echo(f"cookoff: the baseline {wanted} failed; {others[0]} takes its place", err=True)
    return others[0]


def drop_orphaned_control(names: Iterable[str], baseline: str) -> list[str]:
    """Return the names without the twin of a baseline that has failed."""
    return [
        one
        for one in names
        if not one.startswith(CONTROL_PREFIX) or one == CONTROL_PREFIX + baseline
    ]
