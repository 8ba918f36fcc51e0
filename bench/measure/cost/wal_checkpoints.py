"""Who pays for the larder's checkpoints? Nobody who is timed.

SQLite copies its write-ahead log into the database within whichever commit brings the log to 1000
pages (https://www.sqlite.org/wal.html, "Automatic Checkpoint"), which takes as long as dozens of
pages of ours. All kitchens share one larder, so one would pay for what the others wrote. Here the
log is copied between two slices, before it is that long.
"""

import os
import sqlite3
import sys

from sqlalchemy import make_url

# A slice of 4 ms writes a few hundred pages at most.
MAX_LOG_PAGES = 400
# Of the log's index, which is in shared memory and its numbers in the machine's own byte order:
# how many pages the log has (https://www.sqlite.org/walformat.html, "The WAL-Index File Format").
PAGE_COUNT_OFFSET = 16


class WalCheckpointer:
    """Copies the log of a larder in SQLite; any other is left alone."""

    def __init__(self, database: str) -> None:
        """Open the database of this URL."""
        url = make_url(database)
        self._connection: sqlite3.Connection | None = None
        if url.get_backend_name() == "sqlite" and url.database:
            # Where somebody reads at this moment, the next slice will do as well.
            self._connection = sqlite3.connect(url.database, timeout=0)
            self._connection.execute("PRAGMA user_version").fetchone()  # now the index is there
            # To be closed after every connection of this process: POSIX drops all locks with it.
            self._index = os.open(f"{url.database}-shm", os.O_RDONLY)

    def close(self) -> None:
        """Close the database."""
        if self._connection:
            self._connection.close()
            os.close(self._index)

    def run_if_due(self) -> None:
        """Copy the log into the database where it has grown, and have it begun anew."""
        if self._connection and self.count_log_pages() > MAX_LOG_PAGES:
            self._connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()

    def count_log_pages(self) -> int:
        """Return how many pages the log has."""
        return int.from_bytes(os.pread(self._index, 4, PAGE_COUNT_OFFSET), sys.byteorder)
