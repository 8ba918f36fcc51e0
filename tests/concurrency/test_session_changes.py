"""A session changes while a request is in progress: the request applies to the new state.

The request waits for a locked table after it has loaded its session. Only PostgreSQL shows which
connections wait, so the tests use PostgreSQL and do not depend on the speed of the machine.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg
import pytest
from sqlalchemy import func, select

from shared_db.schema import sessions
from tests.concurrency.host_group import HostGroup
from tests.contract.guest import COOKIE, Guest
from tests.contract.reply import Reply
from tests.contract.site import Site

TIMEOUT_SECONDS = 30
REVIEW = {"author": "Ida", "rating": "5", "body": "Good."}
MESSAGE = "Thank you for your review."
DISH = 3


class Scene:
    """A guest of a site, and the database of the site."""

    def __init__(self, host: HostGroup, url: str, site: Site) -> None:
        self.larder, self._url = host.larder, url
        self.guest: Guest = site.guest()
        self.guest.csrf("/cart")
        self.token = self.guest.token

    def meanwhile(self, table: str, send: Callable[[], Reply], change: Callable[[], None]) -> Reply:
        """Send a request that waits for a table, make a change meanwhile, and return the reply."""
        with psycopg.connect(self._url) as connection, ThreadPoolExecutor(1) as threads:
            connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            reply = threads.submit(send)
            self._wait_for_lock()
            self.larder.begin_request()
            change()
            connection.commit()
            return reply.result(timeout=TIMEOUT_SECONDS)

    def write_review(self) -> Reply:
        """Send a review."""
        return self.guest.post(f"/dishes/{DISH}/reviews", REVIEW)

    def stores_message_in_session(self) -> bool:
        """Send a review; return whether the session, and not a cookie, stores its message."""
        assert self.write_review().status == 303
        self.larder.begin_request()
        if "flash" in (self.larder.sessions.load(self.token) or {}):
            return True
        assert self.guest.page("/").texts(".flash") == [MESSAGE]
        return False

    def count_sessions(self) -> int:
        """Return the number of stored sessions."""
        return int(self.larder.fetch_all(select(func.count()).select_from(sessions))[0][0])

    def _wait_for_lock(self) -> None:
        waiting = ("SELECT count(*) FROM pg_stat_activity"
                   " WHERE datname = current_database() AND wait_event_type = 'Lock'")  # fmt: skip
        deadline = time.monotonic() + TIMEOUT_SECONDS
        with psycopg.connect(self._url, autocommit=True) as connection:
            while connection.execute(waiting).fetchone() == (0,):
                assert time.monotonic() < deadline, "the request does not wait for the table"
                time.sleep(0.01)


@pytest.fixture
def scene(postgresql_hosts: HostGroup) -> Iterator[Scene]:
    """A guest with a session at the site of a framework on PostgreSQL."""
    with closing(Site("the site", postgresql_hosts.url)) as site:
        yield Scene(postgresql_hosts, postgresql_hosts.rows.url, site)


def test_a_message_that_was_added_meanwhile_is_shown(scene: Scene) -> None:
    if not scene.stores_message_in_session():
        return  # no other tab can change a cookie
    scene.guest.page("/")  # shows the message, and removes it

    def add_message() -> None:
        data = scene.larder.sessions.load(scene.token) or {}
        scene.larder.sessions.save(scene.token, {**data, "flash": ["From another tab."]})

    assert scene.meanwhile("reviews", scene.write_review, add_message).status == 303
    assert sorted(scene.guest.page("/").texts(".flash")) == ["From another tab.", MESSAGE]


def test_a_message_that_was_shown_meanwhile_is_not_shown_again(scene: Scene) -> None:
    if not scene.stores_message_in_session():
        return  # no other tab can change a cookie

    def show_message() -> None:
        data = scene.larder.sessions.load(scene.token) or {}
        assert data.pop("flash") == [MESSAGE]
        scene.larder.sessions.save(scene.token, data)

    assert scene.meanwhile("reviews", scene.write_review, show_message).status == 303
    assert scene.guest.page("/").texts(".flash") == [MESSAGE]


def test_a_session_that_was_deleted_meanwhile_is_not_restored(scene: Scene) -> None:
    scene.guest.csrf(f"/dishes/{DISH}/reviews")
    assert scene.count_sessions() == 1
    delete = lambda: scene.larder.sessions.delete(scene.token)  # noqa: E731
    assert scene.meanwhile("reviews", scene.write_review, delete).status < 500
    assert scene.count_sessions() == 0


def test_a_message_for_a_session_renamed_meanwhile_is_not_lost(scene: Scene) -> None:
    scene.guest.csrf(f"/dishes/{DISH}/reviews")
    new: list[str] = []
    rename = lambda: new.append(scene.larder.sessions.rename(scene.token))  # noqa: E731
    assert scene.meanwhile("reviews", scene.write_review, rename).status == 303
    scene.larder.begin_request()
    assert scene.larder.sessions.load(scene.token) is None
    scene.guest.cookies[COOKIE] = new[0]
    assert scene.guest.page("/").texts(".flash") == [MESSAGE]
    assert scene.count_sessions() == 1


def test_a_dish_for_a_session_renamed_meanwhile_is_not_lost(scene: Scene) -> None:
    new: list[str] = []
    rename = lambda: new.append(scene.larder.sessions.rename(scene.token))  # noqa: E731
    assert scene.meanwhile("dishes", lambda: scene.guest.put(DISH, 2), rename).status == 303
    assert [line[:3:2] for line in scene.larder.carts.show(new[0]).lines] == [(DISH, 2)]


def test_a_dish_for_a_session_that_was_deleted_meanwhile_is_in_no_cart(scene: Scene) -> None:
    delete = lambda: scene.larder.sessions.delete(scene.token)  # noqa: E731
    assert scene.meanwhile("dishes", lambda: scene.guest.put(DISH, 2), delete).status < 500
    assert scene.larder.carts.count(scene.guest.token) == 0
    assert scene.count_sessions() == 0
