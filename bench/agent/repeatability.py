"""Give each traced request the same database, random bytes and time.

A handler that draws random bytes and rejects some, as random.SystemRandom does to choose one of 62
letters, calls functions more or less often; so does code that encodes or parses a time. With equal
bytes at an equal time, the number of calls is equal, too. Built-in functions are replaced by
built-in functions, so that no extra frame is entered.

Runs inside a framework's environment: standard library only. The database is a SQLite file.
"""

import io
import itertools
import os
import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

STREAM_BYTES = 1 << 20  # a request that reads more random bytes gets none
SETUP_SEED, REQUEST_SEED = range(2)
FROZEN_TIME = 1_767_225_600.5  # half a second after the start of 2026, in UTC


class Determinism:
    """Fixed streams of bytes in place of the system's random bytes, and a frozen clock."""

    def __init__(self) -> None:
        """Freeze time.time(); the clocks for waiting and measuring go on."""
        self._streams = [
            io.BytesIO(random.Random(seed).randbytes(STREAM_BYTES))
            for seed in (SETUP_SEED, REQUEST_SEED)
        ]
        time.time = itertools.repeat(FROZEN_TIME).__next__

    def reseed(self, seed: int) -> None:
        """Restart a stream: one for the setup, one for requests, so that tokens stay unique."""
        random.seed(seed)
        self._streams[seed].seek(0)
        os.urandom = random._urandom = self._streams[seed].read  # type: ignore[attr-defined]


class DatabaseSnapshot:
    """A copy of the database and of the photos, in the memory of this process."""

    def __init__(self, settings: dict[str, Any]):
        """Copy the database and the photos that an application's settings name."""
        self.database_file = settings["database_url"].removeprefix("sqlite:///")
        self.photos_folder = Path(settings["photos_dir"])
        self.copy = sqlite3.connect(":memory:")
        with closing(sqlite3.connect(self.database_file)) as database:
            database.backup(self.copy)
        self.photos = {path.name: path.read_bytes() for path in self._list_photos()}

    def restore(self) -> None:
        """Restore the database and the photos; no other connection may write meanwhile."""
        with closing(sqlite3.connect(self.database_file)) as database:
            database.execute("PRAGMA synchronous = OFF")  # the data need not survive a crash
            self.copy.backup(database)
        present = {path.name: path for path in self._list_photos()}
        for name in present.keys() - self.photos.keys():
            present[name].unlink()
        for name in self.photos.keys() - present.keys():
            (self.photos_folder / name).write_bytes(self.photos[name])

    def close(self) -> None:
        """Discard the copy."""
        self.copy.close()

    def _list_photos(self) -> list[Path]:
        return list(self.photos_folder.iterdir()) if self.photos_folder.exists() else []
