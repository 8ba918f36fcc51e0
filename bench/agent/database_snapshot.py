"""How does every request find the larder as it was? From a copy kept in this process's memory.

It runs inside a framework's environment: standard library only. The larder is a SQLite file.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any


class DatabaseSnapshot:
    """A larder as it was: its database and its photos."""

    def __init__(self, settings: dict[str, Any]):
        """Take it, of the larder that an application's settings name."""
        self.database_file = settings["database_url"].removeprefix("sqlite:///")
        self.photos_folder = Path(settings["photos_dir"])
        self.copy = sqlite3.connect(":memory:")
        with closing(sqlite3.connect(self.database_file)) as larder:
            larder.backup(self.copy)
        self.photos = {one.name: one.read_bytes() for one in self._photos()}

    def restore(self) -> None:
        """Make the larder what it was when this was taken; nobody may be writing to it."""
        with closing(sqlite3.connect(self.database_file)) as larder:
            larder.execute("PRAGMA synchronous = OFF")  # it need not outlive this process
            self.copy.backup(larder)
        there = {one.name: one for one in self._photos()}
        for name in there.keys() - self.photos.keys():
            there[name].unlink()
        for name in self.photos.keys() - there.keys():
            (self.photos_folder / name).write_bytes(self.photos[name])

    def close(self) -> None:
        """Let go of the copy."""
        self.copy.close()

    def _photos(self) -> list[Path]:
        return list(self.photos_folder.iterdir()) if self.photos_folder.exists() else []
