"""What is put under load? Every framework's site, on waitress, all up at once."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import click
import httpx
import psutil

from bench import hosting
from bench.cost.entries import Ground
from bench.cost.measurement import right
from bench.cost.pages import PAGES, Page
from bench.cost.workers import Reply, Request
from bench.hosting import LOOPBACK, Host
from bench.load.cores import pin_server
from bench.troubles import Misuse, Trouble

THREADS = 4  # of waitress; more only hand the interpreter's lock around
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
        """Return the processor time that the server has used."""
        times = [one.cpu_times() for one in self.processes()]
        return sum(one.user + one.system for one in times)

    def reply(self, page: Page) -> Reply:
        """Ask for the page once."""
        assert isinstance(page.request, Request)
        try:
            got = httpx.get(self.url + page.request.target, timeout=20)
        except httpx.HTTPError as error:
            raise Trouble(f"{self.name}: {page.name}: {type(error).__name__}: {error}") from error
        return Reply(got.status_code, list(got.headers.items()), got.content)


def page_called(name: str) -> Page:
    """Return a page that can be put under load: one plain GET; raise Misuse for another."""
    page = LOADABLE.get(name.replace("-", " "))
    if page is None or page.status != 200:
        known = ", ".join(n.replace(" ", "-") for n, one in LOADABLE.items() if one.status == 200)
        raise Misuse(f"no page under load is called {name!r}; one of: {known}")
    return page


@contextlib.contextmanager
def hosted(ground: Ground, page: Page, address: str = LOOPBACK) -> Iterator[dict[str, Target]]:
    """Give every framework that starts, as a target on a port of its own; say what does not."""
    names = [one.framework.name for one in ground.environments]
    with contextlib.ExitStack() as stack:
        targets: dict[str, Target] = {}
        for entry in ground.entries():
            if entry.name not in names and entry.name != ground.twin:
                continue
            order = replace(entry.orders[page.module], threads=THREADS)
            log = ground.places.log(f"load-{order.name}")
            try:
                host = stack.enter_context(hosting.hosted(order, log, address=address))
            except Trouble as error:
                click.echo(f"cookoff: {error}", err=True)
                continue
            pin_server(host.pid)
            targets[entry.name] = Target(entry.name, host.url, processes_of(host))
        yield targets


def processes_of(host: Host) -> Callable[[], Sequence[psutil.Process]]:
    """Return a function that gives a host's process."""
    process = psutil.Process(host.pid)
    return lambda: [process]


def sound(
    targets: dict[str, Target], page: Page, baseline: str
) -> tuple[list[str], dict[str, str]]:
    """Return who answers a page rightly, and why the others do not.

    The baseline's reply is the right one; raise Trouble when it has none.
    """
    model = targets[baseline].reply(page)
    if model.status != page.status or page.marker not in model.body:
        raise Trouble(f"{baseline}: {page.name} answered {model.status} wrongly")
    failed = {}
    for name, target in targets.items():
        try:
            reply = target.reply(page)
        except Trouble as error:
            failed[name] = str(error)
            continue
        if reply.status != page.status or not right(page.check, reply, model):
            failed[name] = f"{name}: {page.name} answered {reply.status} wrongly"
    return [name for name in targets if name not in failed], failed
