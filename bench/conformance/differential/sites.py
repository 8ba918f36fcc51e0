"""Send the same requests to all sites, each with its own copy of a database."""

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
from bench.conformance.differential.profiles import HARDENED_PROFILE, Profile
from bench.conformance.site_constants import SESSION_COOKIE
from bench.core.paths import Paths
from bench.frameworks.environments import Environment
from bench.runtime.database import DATABASE_FILE, build_launch_spec, build_settings
from bench.runtime.host import Host, running_host
from bench.runtime.launch_spec import LaunchSpec
from bench.runtime.process import ProcessStartError

SEED_FILE = "seed.sqlite3"  # the database that every site has a copy of
PHOTOS_FOLDER = "photos"  # in the folder of a site, beside its database
CONCURRENT_SITES = 4  # the reply of a site is read while other sites work


class StepOutcome(NamedTuple):
    """The outcome of a step at one site."""

    normalized: NormalizedReply
    dom: str
    rows: Rows
    reply: Reply


@dataclass
class Site:
    """The running site of a framework, its database, and the browsers of its users."""

    name: str
    host: Host
    database: SiteDatabase
    photos: Path
    http_session: HttpSession = field(init=False)

    def __post_init__(self) -> None:
        self.http_session = HttpSession(self.host.url)

    def reset(self) -> None:
        """Start a new sequence: restore the database, remove photos, and forget the browsers."""
        self.database.reset()
        for photo in self.photos.iterdir():
            photo.unlink()
        self.http_session.connection.close()
        self.http_session = HttpSession(self.host.url)

    def close(self) -> None:
        """Close the connections to the site and to its database."""
        self.http_session.connection.close()
        self.database.close()

    def send_request(self, request: Request) -> StepOutcome:
        """Send a request; return the reply, the page's DOM and the rows of the database."""
        browser = self.http_session.browsers.get(request.user)
        cookie = browser.cookies.get(SESSION_COOKIE, "") if browser else ""
        reply = self.http_session.send(request)
        tokens = {
            user: browser.cookies[SESSION_COOKIE]
            for user, browser in self.http_session.browsers.items()
            if SESSION_COOKIE in browser.cookies
        }
        return StepOutcome(
            normalize_reply(request, reply, self.http_session.order_codes, cookie),
            canonicalize_reply(reply),
            mask_rows(self.database.current_rows(), tokens),
            reply,
        )


class Sites:
    """All sites of a run, and the profile by which they are compared."""

    def __init__(
        self,
        sites: Sequence[Site],
        pool: ThreadPoolExecutor,
        profile: Profile = HARDENED_PROFILE,
    ) -> None:
        self.sites, self.pool, self.profile = sites, pool, profile

    def select(self, sites: Sequence[Site]) -> "Sites":
        """Return some of the sites with the same pool and profile."""
        return Sites(sites, self.pool, self.profile)

    @property
    def seed(self) -> Rows:
        """Return the rows of a new database, the same at every site."""
        return self.sites[0].database.seed

    def reset(self) -> None:
        """Start a new sequence at every site."""
        list(self.pool.map(Site.reset, self.sites))

    def send_request(self, request: Request) -> dict[str, StepOutcome]:
        """Send a request to every site; return the outcomes by name."""
        outcomes = self.pool.map(lambda site: site.send_request(request), self.sites)
        return dict(zip((site.name for site in self.sites), outcomes, strict=True))


@contextmanager
def open_sites(
    environments: Sequence[Environment],
    paths: Paths,
    folder: Path,
    on_skipped: Callable[[ProcessStartError], None],
    profile: Profile = HARDENED_PROFILE,
) -> Iterator[Sites]:
    """Yield the running sites of these environments, hardened or as taught.

    `on_skipped` is called with the error of each site that does not start.
    """
    create_seed(folder)
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(CONCURRENT_SITES))
        starts = [
            pool.submit(start_site, stack, environment, paths, folder, profile.hardened)
            for environment in environments
        ]
        wait(starts)  # wait for all of them, so that the stack ends each site that started
        errors = [start.exception() for start in starts]
        for error in errors:
            if isinstance(error, ProcessStartError):
                on_skipped(error)
        sites = [
            start.result()
            for start, error in zip(starts, errors, strict=True)
            if not isinstance(error, ProcessStartError)
        ]
        yield Sites(sites, pool, profile)


def create_seed(folder: Path) -> Path:
    """Create the database that every site has a copy of; return its file."""
    seed = folder / SEED_FILE
    shared_db.create(f"sqlite:///{seed}")
    with closing(sqlite3.connect(seed)) as database, database:
        database.execute("DELETE FROM worlds")  # 10,000 rows that no page shows
    return seed


def start_site(
    stack: ExitStack, environment: Environment, paths: Paths, folder: Path, hardened: bool
) -> Site:
    """Return the running site of a framework on a copy of the seed; the stack ends the site."""
    name = environment.framework.name
    place = folder / name
    copy_seed(folder / SEED_FILE, place)
    launch_spec = build_site_spec(environment, paths, place, hardened=hardened)
    host = stack.enter_context(running_host(launch_spec, place / "log"))
    site = Site(name, host, SiteDatabase(place / DATABASE_FILE), place / PHOTOS_FOLDER)
    stack.callback(site.close)
    return site


def copy_seed(seed: Path, place: Path) -> None:
    """Copy the seed to the folder of a site, and create the folder of its photos."""
    (place / PHOTOS_FOLDER).mkdir(parents=True)
    shutil.copyfile(seed, place / DATABASE_FILE)


def build_site_spec(
    environment: Environment, paths: Paths, place: Path, **more: object
) -> LaunchSpec:
    """Return the spec of a site on the database in the folder `place`, with more settings."""
    settings = build_settings(
        environment.title,
        paths,
        f"sqlite:///{place / DATABASE_FILE}",
        photos_dir=str(place / PHOTOS_FOLDER),
        **more,
    )
    return build_launch_spec(environment, settings)
