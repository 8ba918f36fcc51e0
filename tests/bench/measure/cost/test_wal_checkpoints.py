"""SQLite's log is copied into the database between slices, before a timed request has to do it."""

import sqlite3
from contextlib import closing

import pytest

from bench.core.paths import ROOT, Paths
from bench.measure.cost.interleaved_timing import Measurement
from bench.measure.cost.wal_checkpoints import MAX_LOG_PAGES, WalCheckpointer
from bench.measure.workload.scenarios import select_pages
from bench.measure.workload.testbed import fresh_testbed
from tests.bench.kitchens import bare

AUTOMATIC_CHECKPOINT_PAGES = 1000  # SQLite's default


@pytest.fixture
def database(tmp_path):
    """Return the URL of a database in WAL mode, and a function that writes so many pages to it."""
    file = tmp_path / "larder.sqlite3"
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("CREATE TABLE blobs (content BLOB)")

    def write(pages):
        connection.execute("INSERT INTO blobs VALUES (zeroblob(?))", [pages * 4096])

    yield f"sqlite:///{file}", write
    connection.close()


def test_a_long_log_starts_again_and_a_short_log_stays(database):
    url, write = database
    with closing(WalCheckpointer(url)) as checkpointer:
        write(100)
        checkpointer.run_if_due()
        assert 100 <= checkpointer.count_log_pages() < 110
        write(MAX_LOG_PAGES)
        checkpointer.run_if_due()
        write(1)
        assert checkpointer.count_log_pages() < 10


def test_the_checkpoint_does_not_wait_for_a_reader(database, tmp_path):
    url, write = database
    reader = sqlite3.connect(tmp_path / "larder.sqlite3", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM blobs").fetchone()
    write(MAX_LOG_PAGES + 1)
    with closing(WalCheckpointer(url)) as checkpointer:
        checkpointer.run_if_due()
        write(1)
        assert checkpointer.count_log_pages() > MAX_LOG_PAGES
        reader.execute("COMMIT")
        checkpointer.run_if_due()
        write(1)
        assert checkpointer.count_log_pages() < 10
        reader.close()


def test_a_database_other_than_sqlite_is_not_opened():
    url = "postgresql+psycopg://nobody@192.0.2.7/larder"
    with closing(WalCheckpointer(url)) as checkpointer:
        checkpointer.run_if_due()


def test_no_timed_request_triggers_the_automatic_checkpoint(tmp_path, monkeypatch):
    page_counts, run_if_due = [], WalCheckpointer.run_if_due

    def count_and_run(self):
        page_counts.append(self.count_log_pages())
        run_if_due(self)

    monkeypatch.setattr(WalCheckpointer, "run_if_due", count_and_run)
    paths = Paths(ROOT / "apps", tmp_path / "venvs", tmp_path / "state")
    with fresh_testbed([bare()], paths) as testbed:
        measurement = Measurement(testbed, select_pages(["order by form", "order by program"]))
        measurement.run_launch(cycles=20)
    assert MAX_LOG_PAGES < max(page_counts) < AUTOMATIC_CHECKPOINT_PAGES
