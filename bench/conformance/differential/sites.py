"""How do all sites take the same step? Each on a copy of one larder, reset between journeys."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import shared_db
from bench.conformance.differential.database_state import Larder, masked
from bench.conformance.differential.expected import Answer
from bench.conformance.differential.http_client import Reply, Request, Visit
from bench.conformance.differential.model import Rows
from bench.conformance.differential.observed import dom_of, seen
from bench.conformance.site_constants import COOKIE
from bench.core.paths import Places
from bench.frameworks.environments import Environment
from bench.runtime.database import order_for, settings_for
from bench.runtime.host import Host, running_host
from bench.runtime.process import NotStarted

SEED = "seed.sqlite3"  # the larder that every site has a copy of
AT_ONCE = 4  # while one site is at work, the reply of another is read


class Outcome(NamedTuple):
    """What one site made of a step."""

    answer: Answer
    dom: str
    rows: Rows
    reply: Reply


@dataclass
class Site:
    """One framework's running site, its larder and the guests who are there."""

    name: str
    host: Host
    larder: Larder
    photos: Path
    visit: Visit = field(init=False)

    def __post_init__(self) -> None:
        self.visit = Visit(self.host.url)

    def reset(self) -> None:
        """Begin a new journey: larder and photos as in the beginning, guests unknown."""
        self.larder.reset()
        for photo in self.photos.iterdir():
            photo.unlink()
        self.visit.connection.close()
        self.visit = Visit(self.host.url)

    def close(self) -> None:
        """Let go of the site's door and larder."""
        self.visit.connection.close()
        self.larder.close()

    def take(self, request: Request) -> Outcome:
        """Send a request, and look at all that came of it."""
        browser = self.visit.browsers.get(request.who)
        held = browser.cookies.get(COOKIE, "") if browser else ""
        reply = self.visit.ask(request)
        answer = seen(request, reply, self.visit.orders, held)
        tokens = {
            who: browser.cookies[COOKIE]
            for who, browser in self.visit.browsers.items()
            if COOKIE in browser.cookies
        }
        return Outcome(answer, dom_of(reply), masked(self.larder.now(), tokens), reply)


class Sites:
    """All sites of a walk."""

    def __init__(self, sites: Sequence[Site], pool: ThreadPoolExecutor) -> None:
        self.sites, self.pool = sites, pool

    @property
    def seed(self) -> Rows:
        """Return the rows of a new larder, the same at every site."""
        return self.sites[0].larder.seed

    def reset(self) -> None:
        """Begin a new journey everywhere."""
        list(self.pool.map(Site.reset, self.sites))

    def take(self, request: Request) -> dict[str, Outcome]:
        """Take a step at every site."""
        outcomes = self.pool.map(lambda site: site.take(request), self.sites)
        return dict(zip((site.name for site in self.sites), outcomes, strict=True))


@contextmanager
def opened(
    environments: Sequence[Environment],
    places: Places,
    folder: Path,
    left_out: Callable[[NotStarted], None],
) -> Iterator[Sites]:
    """Give the sites of these environments; left_out hears of each that does not start."""
    seed = folder / SEED
    shared_db.create(f"sqlite:///{seed}")
    with closing(sqlite3.connect(seed)) as database, database:
        database.execute("DELETE FROM worlds")  # no page shows them, and 10,000 rows are many
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(AT_ONCE))
        starting = [pool.submit(start, stack, one, places, folder) for one in environments]
        wait(starting)  # all of them, so that one that fails leaves none behind
        for error in (one.exception() for one in starting):
            if isinstance(error, NotStarted):
                left_out(error)
        started = [one for one in starting if not isinstance(one.exception(), NotStarted)]
        yield Sites([one.result() for one in started], pool)


def start(stack: ExitStack, environment: Environment, places: Places, folder: Path) -> Site:
    """Return a framework's site on a copy of the seed; the stack ends it."""
    name = environment.framework.name
    place = folder / name
    file, photos = place / "larder.sqlite3", place / "photos"
    photos.mkdir(parents=True)
    shutil.copyfile(folder / SEED, file)
    settings = {
        **settings_for(environment.title, places, f"sqlite:///{file}"),
        "photos_dir": str(photos),
    }
    order = order_for(environment, settings)
    host = stack.enter_context(running_host(order, place / "log"))
    site = Site(name, host, Larder(file), photos)
    stack.callback(site.close)
    return site
