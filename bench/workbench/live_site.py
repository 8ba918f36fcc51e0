"""One host of a framework with its own database, and all that a browser of the site remembers.

A framework that starts again gets another live site, which answers the journey from its beginning.
"""

import asyncio
import shutil
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from bench.conformance.differential.database_state import ALL_TABLES, SiteDatabase
from bench.conformance.differential.http_client import ORDER_LOCATION, store_cookies
from bench.conformance.differential.model import Rows
from bench.conformance.differential.observed import is_message_cookie
from bench.conformance.differential.sites import PHOTOS_FOLDER, build_site_spec, copy_seed
from bench.conformance.site_constants import SESSION_COOKIE
from bench.core.paths import ROOT, Paths
from bench.frameworks.environments import Environment
from bench.measure.workload.entries import Entry
from bench.measure.workload.layers import build_layer_rules
from bench.runtime.database import DATABASE_FILE
from bench.runtime.host import Host, listen, start_host
from bench.runtime.launch_spec import LaunchSpec
from bench.workbench.outcomes import Observation, Outcome, find_changes, mask_changes
from bench.workbench.reply_values import Translator
from shared_db.schema import metadata

USER = "guest"  # the owner of the browser's session
OBSERVATION_SECONDS = 3.0  # until the host has written what it observed
OBSERVATIONS = "observations"
MAX_ROWS = 2000  # of a table that was large at the start


class NewestRows(SiteDatabase):
    """The database of a site; of a table that was large at the start only the newest rows."""

    def __init__(self, file: Path) -> None:
        self._first_keys: dict[str, int] = {}
        super().__init__(file)

    def read_rows(self) -> Rows:
        """Return the rows that a request of the workbench may change."""
        return {name: self._read_table(name) for name in ALL_TABLES}

    def _read_table(self, name: str) -> list[tuple[Any, ...]]:
        (key, *_) = metadata.tables[name].primary_key.columns.keys()
        if name not in self._first_keys:
            (last,) = self.connection.execute(f"SELECT max({key}) FROM {name}").fetchone()
            self._first_keys[name] = max(0, last - MAX_ROWS) if isinstance(last, int) else 0
        condition = f" WHERE {key} > {self._first_keys[name]}" if self._first_keys[name] else ""
        return self.connection.execute(f"SELECT * FROM {name}{condition}").fetchall()


@dataclass
class LiveSite:
    """A running host, its database, its cookies and its place in the journal."""

    environment: Environment
    number: int  # each live site of a workbench has its own
    host: Host
    folder: Path
    database: SiteDatabase
    cleanup: ExitStack = field(default_factory=ExitStack)  # of a copy of the project
    position: int = 0  # the next entry of the journal
    cookies: dict[str, str] = field(default_factory=dict)
    translator: Translator = field(default_factory=Translator)
    codes: list[str] = field(default_factory=list)  # of orders, in the order of their replies
    is_retired: bool = False  # ended because another live site takes its place

    @property
    def name(self) -> str:
        """Return the framework's name."""
        return self.environment.framework.name

    def build_cookie_header(self) -> str:
        """Return the value of the Cookie header, "" without cookies."""
        return "; ".join(f"{name}={text}" for name, text in self.cookies.items())

    def remember(self, outcome: Outcome, is_program: bool) -> None:
        """Store the cookies and the code of an order of a reply; the browser gets no cookies."""
        outcome.session_before = "" if is_program else self.cookies.get(SESSION_COOKIE, "")
        names = set(self.cookies)
        if not is_program:
            store_cookies(self.cookies, outcome.reply.get_all("set-cookie"))
        outcome.has_message_cookie = any(map(is_message_cookie, {*names, *self.cookies}))
        code = ORDER_LOCATION.search(outcome.reply.get_first("location"))
        if code and code[1] not in self.codes:
            self.codes.append(code[1])
        outcome.codes = list(self.codes)

    def add_changes(self, outcome: Outcome) -> None:
        """Add the rows that changed since the request before to an outcome. Blocks."""
        before, after = self.database.rows, self.database.current_rows()
        if after is before:
            return
        outcome.changes = find_changes(before, after)
        old = {USER: outcome.session_before} if outcome.session_before else {}
        new = {USER: self.cookies[SESSION_COOKIE]} if SESSION_COOKIE in self.cookies else {}
        outcome.masked_changes = mask_changes(before, after, (old, new))

    async def read_observation(self, ticket: int) -> Observation | None:
        """Return what the host observed of a request; None if it wrote nothing."""
        file = self.folder / OBSERVATIONS / str(ticket)
        deadline = time.monotonic() + OBSERVATION_SECONDS
        while time.monotonic() < deadline and self.host.is_running:
            if file.exists():
                data = file.read_bytes()
                file.unlink()
                return msgspec.json.decode(data, type=Observation)
            await asyncio.sleep(0.001)
        return None

    def stop(self) -> None:
        """End the host, and remove its folder. Blocks."""
        self.host.kill()
        self.database.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.cleanup.close()


def start_live_site(
    environment: Environment,
    paths: Paths,
    seed: Path,
    folder: Path,
    number: int,
    settings: Mapping[str, object],
    project: Path | None = None,
) -> LiveSite:
    """Return a live site on a copy of the seed; raise ProcessStartError. Blocks.

    `project` is the root of a changed copy of the project whose app is started instead.
    """
    name = environment.framework.name
    place = folder / f"{name}-{number}"
    copy_seed(seed, place)
    (place / OBSERVATIONS).mkdir()
    if project:
        environment = move_environment(environment, project)
        paths = replace(paths, apps=project / "apps", static=project / "static")
    spec = build_site_spec(environment, paths, place, **settings)
    spec = observe(replace(spec, root=project or ROOT), environment, place)
    try:
        with listen() as listener:  # only the host keeps it: a dead host refuses connections
            host = start_host(spec, listener, folder / f"{name}.log")
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    database = NewestRows(place / DATABASE_FILE)
    return LiveSite(environment, number, host, place, database)


def move_environment(environment: Environment, project: Path) -> Environment:
    """Return an environment whose app is that of a copy of the project."""
    folder = project / "apps" / environment.framework.name
    return replace(environment, framework=replace(environment.framework, folder=folder))


def observe(spec: LaunchSpec, environment: Environment, place: Path) -> LaunchSpec:
    """Return a launch spec whose host observes the requests of the workbench."""
    entry = Entry(spec.name, {"site": spec})
    rules = build_layer_rules(entry, environment.framework, place / PHOTOS_FOLDER)
    if spec.root != ROOT:
        rules = [(part.replace(f"{ROOT}/", f"{spec.root}/"), layer) for part, layer in rules]
    # The functions that observe the statements are called by the database layer.
    rules.insert(0, ("request_observer.py:observe_statements", "database"))
    return replace(spec, observations=str(place / OBSERVATIONS), layer_rules=rules)
