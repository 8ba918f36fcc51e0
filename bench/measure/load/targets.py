"""What is put under load? Every framework's site, on waitress, all up at once."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import click
import httpx
import psutil

from bench.core.cpu_affinity import pin_server
from bench.core.errors import Misuse, Trouble, one_line
from bench.measure.workload.entries import Ground
from bench.measure.workload.reply_checks import is_valid as right
from bench.measure.workload.scenarios import PAGES, Page
from bench.measure.workload.worker import Reply, Request
from bench.results.schema import TWIN
from bench.runtime.host import LOOPBACK, Host, running_host

THREADS = 4  # of waitress; more only hand the interpreter's lock around
Failed = dict[str, str]  # why a target is not ranked, by its name
LOADABLE = {page.name: page for page in PAGES if isinstance(page.request, Request)}


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

    def cpu_seconds(self) -> float:
        """Return the processor time that the server has used; raise Trouble where it is gone."""
        try:
            times = [one.cpu_times() for one in self.processes()]
        except psutil.Error as error:
            raise Trouble(f"{self.name}: the server is gone: {one_line(error)}") from error
        return sum(one.user + one.system for one in times)

    def reply(self, page: Page) -> Reply:
        """Ask for the page once."""
        assert isinstance(page.request, Request)
        try:
            got = httpx.get(self.url + page.request.target, timeout=20)
        except httpx.HTTPError as error:
            raise Trouble(
                f"{self.name}: {page.name}: {one_line(f'{type(error).__name__}: {error}')}"
            ) from error
        return Reply(got.status_code, list(got.headers.items()), got.content)


def page_called(name: str) -> Page:
    """Return a page that can be put under load: one plain GET; raise Misuse for another."""
    page = LOADABLE.get(name.replace("-", " "))
    if page is None or page.status != 200:
        known = ", ".join(n.replace(" ", "-") for n, one in LOADABLE.items() if one.status == 200)
        raise Misuse(f"no page under load is called {name!r}; one of: {known}")
    return page


@contextlib.contextmanager
def hosted(
    ground: Ground, page: Page, address: str = LOOPBACK
) -> Iterator[tuple[dict[str, Target], Failed]]:
    """Give every framework that starts, as a target on a port of its own, and why others do not.

    Raises Misuse where the address is none of this machine.
    """
    names = [*(one.framework.name for one in ground.environments), ground.twin]
    with contextlib.ExitStack() as stack:
        targets: dict[str, Target] = {}
        failed: Failed = {}
        for entry in ground.entries():
            if entry.name not in names:
                continue
            order = replace(entry.orders[page.module], threads=THREADS)
            log = ground.places.log(f"load-{order.name}")
            try:
                host = stack.enter_context(running_host(order, log, address=address))
                pin_server(host.pid)
                targets[entry.name] = Target(entry.name, host.url, processes_of(host))
            except Misuse:
                raise
            except (Trouble, psutil.Error) as error:
                fail(failed, entry.name, one_line(error))
        yield targets, failed


def processes_of(host: Host) -> Callable[[], Sequence[psutil.Process]]:
    """Return a function that gives a host's process."""
    process = psutil.Process(host.pid)
    return lambda: [process]


def fail(failed: Failed, name: str, reason: str) -> None:
    """Note why a target is not ranked, and say so at once: the others go on."""
    failed[name] = reason if reason.startswith(f"{name}: ") else f"{name}: {reason}"
    click.echo(f"cookoff: not ranked: {failed[name]}", err=True)


def sound(
    targets: Mapping[str, Target], page: Page, baseline: str, failed: Failed
) -> tuple[str, list[str]]:
    """Return whose reply is the right one, and all who answer likewise; note why others do not.

    It is the baseline's or, where the baseline has none, that of the first who answers. Raises
    Trouble where nobody does.
    """
    replies = replies_to(targets, page, failed)
    baseline = baseline_in(replies, baseline)
    for name, reply in replies.items():
        if not right(page.check, reply, replies[baseline]):
            fail(failed, name, f"{page.name} answered {reply.status} wrongly")
    return baseline, [one for one in standing(replies, baseline) if one not in failed]


def replies_to(targets: Mapping[str, Target], page: Page, failed: Failed) -> dict[str, Reply]:
    """Return the reply of each target that has not failed, and does not now."""
    replies = {}
    for name, target in targets.items():
        if name in failed:
            continue
        try:
            reply = target.reply(page)
        except Trouble as error:
            fail(failed, name, str(error))
            continue
        if reply.status == page.status and page.marker in reply.body:
            replies[name] = reply
        else:
            fail(failed, name, f"{page.name} answered {reply.status} wrongly")
    return replies


def baseline_in(names: Iterable[str], wanted: str) -> str:
    """Return the wanted baseline or, where it has failed, the first of the others, and say so.

    Raises Trouble where no other is left.
    """
    others = [name for name in names if not name.startswith(TWIN)]
    if wanted in others:
        return wanted
    if not others:
        raise Trouble("nobody is left to be put under load; the reasons stand above")
    click.echo(f"cookoff: the baseline {wanted} failed; {others[0]} takes its place", err=True)
    return others[0]


def standing(names: Iterable[str], baseline: str) -> list[str]:
    """Return the names without the twin of a baseline that has failed."""
    return [one for one in names if not one.startswith(TWIN) or one == TWIN + baseline]
