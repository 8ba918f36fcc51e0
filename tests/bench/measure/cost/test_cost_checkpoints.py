"""What the kitchens write is copied into the database before one of them has to do it."""

import sqlite3
from contextlib import closing

import pytest

from bench.core.paths import ROOT, Paths
from bench.measure.cost.interleaved_timing import Measurement
from bench.measure.cost.wal_checkpoints import MAX_LOG_PAGES, WalCheckpointer
from bench.measure.workload.scenarios import select_pages
from bench.measure.workload.testbed import fresh_testbed
from tests.bench.kitchens import bare

AUTOMATIC = 1000  # pages, at which SQLite itself makes a checkpoint


@pytest.fixture
def larder(tmp_path):
    """Return the URL of a database in WAL mode, and a function that writes so many pages to it."""
    file = tmp_path / "larder.sqlite3"
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("CREATE TABLE crumbs (some BLOB)")

    def write(pages):
        connection.execute("INSERT INTO crumbs VALUES (zeroblob(?))", [pages * 4096])

    yield f"sqlite:///{file}", write
    connection.close()


def test_a_long_log_is_begun_anew_and_a_short_one_left(larder):
    url, write = larder
    with closing(WalCheckpointer(url)) as made:
        write(100)
        made.run_if_due()
        assert 100 <= made.count_log_pages() < 110
        write(MAX_LOG_PAGES)
        made.run_if_due()
        write(1)
        assert made.count_log_pages() < 10


def test_who_reads_meanwhile_is_not_waited_for(larder, tmp_path):
    url, write = larder
    reader = sqlite3.connect(tmp_path / "larder.sqlite3", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM crumbs").fetchone()
    write(MAX_LOG_PAGES + 1)
    with closing(WalCheckpointer(url)) as made:
        made.run_if_due()
        write(1)
        assert made.count_log_pages() > MAX_LOG_PAGES
        reader.execute("COMMIT")
        made.run_if_due()
        write(1)
        assert made.count_log_pages() < 10
        reader.close()


def test_a_larder_elsewhere_is_left_alone():
    with closing(WalCheckpointer("postgresql+psycopg://nobody@192.0.2.7/larder")) as made:
        made.run_if_due()


def test_nobody_who_is_timed_makes_the_log_as_long_as_sqlite_lets_it(tmp_path, monkeypatch):
    seen, make = [], WalCheckpointer.run_if_due

    def noted(self):
        seen.append(self.pages())
        make(self)

    monkeypatch.setattr(WalCheckpointer, "run_if_due", noted)
    places = Paths(ROOT / "apps", tmp_path / "venvs", tmp_path / "state")
    with fresh_testbed([bare()], places) as ground:
        measured = Measurement(ground, select_pages(["order by form", "order by program"]))
        measured.run_launch(cycles=20)
    assert MAX_LOG_PAGES < max(seen) < AUTOMATIC
