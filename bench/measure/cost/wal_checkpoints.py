"""Copy SQLite's write-ahead log into the database between slices, so that no slice has to.

SQLite copies the log during the commit that brings the log to 1000 pages
(https://www.sqlite.org/wal.html, "Automatic Checkpoint"). This takes as long as dozens of requests.
All frameworks share one database, so that one framework would be charged for what the others wrote.
The checkpointer copies the log earlier, between two slices.
"""

import os
import sqlite3
import sys

from sqlalchemy import make_url

# A slice of 4 ms writes a few hundred pages at most.
MAX_LOG_PAGES = 400
# Where the log's index has the number of pages. The index is in shared memory, in the machine's
# byte order (https://www.sqlite.org/walformat.html, "The WAL-Index File Format").
PAGE_COUNT_OFFSET = 16


class WalCheckpointer:
    """Copies the log of a SQLite database; does nothing for any other database."""

    def __init__(self, database_url: str) -> None:
        """Open the database of this URL."""
        url = make_url(database_url)
        self._connection: sqlite3.Connection | None = None
        if url.get_backend_name() == "sqlite" and url.database:
            # Do not wait for a reader: the checkpoint can run after the next slice as well.
            self._connection = sqlite3.connect(url.database, timeout=0)
            self._connection.execute("PRAGMA user_version").fetchone()  # creates the index
            # Close it after all connections of this process: POSIX drops all locks with it.
            self._index = os.open(f"{url.database}-shm", os.O_RDONLY)

    def close(self) -> None:
        """Close the database."""
        if self._connection:
            self._connection.close()
            os.close(self._index)

    def run_if_due(self) -> None:
        """Copy a log of more than MAX_LOG_PAGES into the database; the log then starts again."""
        if self._connection and self.count_log_pages() > MAX_LOG_PAGES:
            self._connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()

    def count_log_pages(self) -> int:
        """Return the number of pages in the log."""
        return int.from_bytes(os.pread(self._index, 4, PAGE_COUNT_OFFSET), sys.byteorder)
