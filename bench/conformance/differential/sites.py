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
from bench.conformance.differential.database_state import SiteDatabase, mask_rows
from bench.conformance.differential.expected import NormalizedReply
from bench.conformance.differential.http_client import HttpSession, Reply, Request
from bench.conformance.differential.model import Rows
from bench.conformance.differential.observed import canonicalize_reply, normalize_reply
from bench.conformance.site_constants import SESSION_COOKIE
from bench.core.paths import Paths
from bench.frameworks.environments import Environment
from bench.runtime.database import build_launch_spec, build_settings
from bench.runtime.host import Host, running_host
from bench.runtime.process import ProcessStartError

SEED_FILE = "seed.sqlite3"  # the larder that every site has a copy of
CONCURRENT_SITES = 4  # while one site is at work, the reply of another is read


class StepOutcome(NamedTuple):
    """What one site made of a step."""

    normalized: NormalizedReply
    dom: str
    rows: Rows
    reply: Reply


@dataclass
class Site:
    """One framework's running site, its larder and the guests who are there."""

    name: str
    host: Host
    database: SiteDatabase
    photos: Path
    http_session: HttpSession = field(init=False)

    def __post_init__(self) -> None:
        self.http_session = HttpSession(self.host.url)

    def reset(self) -> None:
        """Begin a new journey: larder and photos as in the beginning, guests unknown."""
        self.database.reset()
        for photo in self.photos.iterdir():
            photo.unlink()
        self.http_session.connection.close()
        self.http_session = HttpSession(self.host.url)

    def close(self) -> None:
        """Let go of the site's door and larder."""
        self.http_session.connection.close()
        self.database.close()

    def send_request(self, request: Request) -> StepOutcome:
        """Send a request, and look at all that came of it."""
        browser = self.http_session.browsers.get(request.user)
        held = browser.cookies.get(SESSION_COOKIE, "") if browser else ""
        reply = self.http_session.send(request)
        answer = normalize_reply(request, reply, self.http_session.order_codes, held)
        tokens = {
            who: browser.cookies[SESSION_COOKIE]
            for who, browser in self.http_session.browsers.items()
            if SESSION_COOKIE in browser.cookies
        }
        return StepOutcome(
            answer,
            canonicalize_reply(reply),
            mask_rows(self.database.current_rows(), tokens),
            reply,
        )


class Sites:
    """All sites of a walk."""

    def __init__(self, sites: Sequence[Site], pool: ThreadPoolExecutor) -> None:
        self.sites, self.pool = sites, pool

    @property
    def seed(self) -> Rows:
        """Return the rows of a new larder, the same at every site."""
        return self.sites[0].database.seed

    def reset(self) -> None:
        """Begin a new journey everywhere."""
        list(self.pool.map(Site.reset, self.sites))

    def send_request(self, request: Request) -> dict[str, StepOutcome]:
        """Take a step at every site."""
        outcomes = self.pool.map(lambda site: site.take(request), self.sites)
        return dict(zip((site.name for site in self.sites), outcomes, strict=True))


@contextmanager
def open_sites(
    environments: Sequence[Environment],
    places: Paths,
    folder: Path,
    on_skipped: Callable[[ProcessStartError], None],
) -> Iterator[Sites]:
    """Give the sites of these environments; left_out hears of each that does not start."""
    seed = folder / SEED_FILE
    shared_db.create(f"sqlite:///{seed}")
    with closing(sqlite3.connect(seed)) as database, database:
        database.execute("DELETE FROM worlds")  # no page shows them, and 10,000 rows are many
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(CONCURRENT_SITES))
        starting = [pool.submit(start_site, stack, one, places, folder) for one in environments]
        wait(starting)  # all of them, so that one that fails leaves none behind
        for error in (one.exception() for one in starting):
            if isinstance(error, ProcessStartError):
                on_skipped(error)
        started = [one for one in starting if not isinstance(one.exception(), ProcessStartError)]
        yield Sites([one.result() for one in started], pool)


def start_site(stack: ExitStack, environment: Environment, places: Paths, folder: Path) -> Site:
    """Return a framework's site on a copy of the seed; the stack ends it."""
    name = environment.framework.name
    place = folder / name
    file, photos = place / "larder.sqlite3", place / "photos"
    photos.mkdir(parents=True)
    shutil.copyfile(folder / SEED_FILE, file)
    settings = {
        **build_settings(environment.title, places, f"sqlite:///{file}"),
        "photos_dir": str(photos),
    }
    order = build_launch_spec(environment, settings)
    host = stack.enter_context(running_host(order, place / "log"))
    site = Site(name, host, SiteDatabase(file), photos)
    stack.callback(site.close)
    return site
