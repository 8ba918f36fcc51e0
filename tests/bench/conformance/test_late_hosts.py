"""A host that does not answer in time is named and restarted, and later clauses are decided."""

import time
from contextlib import closing

import pytest

from tests.contract import wire
from tests.contract.house import Estate
from tests.contract.site import Site
from tests.contract.stock import SqliteStock


def application(environ, start_response):
    """Never answer /loop and /sleep, each in its own way."""
    while environ["PATH_INFO"] == "/loop":
        pass
    while environ["PATH_INFO"] == "/sleep":
        time.sleep(1)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"here"]


@pytest.fixture
def site(tmp_path, monkeypatch):
    """The application above, and limits that a test can wait for."""
    monkeypatch.setattr(wire, "CPU_LIMIT_SECONDS", 0.3)
    monkeypatch.setattr(wire, "POLL_SECONDS", 0.1)
    estate = Estate(tmp_path, SqliteStock(tmp_path))
    with (
        estate.open_stranger(f"{__name__}:application") as house,
        closing(Site("late", house.url, house)) as site,
    ):
        yield site


def test_a_request_that_uses_too_much_processor_time_fails(site):
    with pytest.raises(AssertionError, match=r"^GET /loop was not answered within 0\.3 s of proc"):
        site.program.get("/loop")
    assert site.exchange.is_late


def test_a_request_that_waits_too_long_fails(site, monkeypatch):
    monkeypatch.setattr(wire, "TIMEOUT_SECONDS", 0.5)
    with pytest.raises(AssertionError, match=r"^GET /sleep was not answered within 0\.5 s$"):
        site.program.get("/sleep")
    assert site.exchange.is_late


def test_a_late_host_is_restarted_on_its_address(site):
    with pytest.raises(AssertionError):
        site.program.get("/loop")
    before = site.house.host.pid
    site.restart_if_late()
    assert site.house.host.pid != before
    assert site.program.get("/").content == b"here"


def test_a_host_in_time_is_not_restarted(site):
    assert site.program.get("/").content == b"here"
    before = site.house.host.pid
    site.restart_if_late()
    assert site.house.host.pid == before
