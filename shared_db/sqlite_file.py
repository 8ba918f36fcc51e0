"""SQLite: how its file is opened, and what it does in its own way."""

import os
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy.dialects import sqlite
from sqlalchemy.engine.interfaces import DBAPICursor

from shared_db.database import Database

_WAIT_SECONDS = 30
# After these the connection is as good as lost: the disk fails, the file is gone or another's.
_LOST = {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_READONLY,
}


class SqliteFile(Database):
    """A SQLite file in WAL mode: readers never wait, writers take turns."""

    error = sqlite3.Error
    integrity_error = sqlite3.IntegrityError
    # A plain BEGIN that reads and then writes fails when another wrote in between; this one waits.
    begin = "BEGIN IMMEDIATE"
    one_writer = True

    def __init__(self, path: str) -> None:
        """Keep the path of the file."""
        self.dialect = sqlite.dialect(paramstyle="named")
        self._path = Path(path).absolute()

    def exists(self) -> bool:
        """Tell whether the file is there."""
        return self._path.exists()

    def prepare(self) -> None:
        """Make the folder and an empty file in WAL mode, which the file then remembers.

        Both are their user's alone; SQLite gives the files beside it the file's own permissions.
        """
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(OSError):  # SQLite says it better
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(self._path, timeout=_WAIT_SECONDS)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        finally:
            connection.close()

    def connect(self) -> sqlite3.Connection:
        """Open the file, which must be there: a larder that is missing is not made by asking."""
        connection = sqlite3.connect(
            f"file:{quote(str(self._path))}?mode=rw",
            uri=True,
            timeout=_WAIT_SECONDS,
            isolation_level=None,
            check_same_thread=False,  # closed by whoever closes the larder
            cached_statements=256,
        )
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def label(self, connection: sqlite3.Connection) -> str:
        """Return "SQLite 3.40.1"."""
        return f"SQLite {sqlite3.sqlite_version}"

    def lacks_table(self, error: Exception) -> bool:
        """Tell by the message: SQLite has no code of its own for it."""
        return str(error).startswith("no such table")

    def is_broken(self, connection: sqlite3.Connection, error: Exception) -> bool:
        """Tell whether the error was the file's and not the statement's."""
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in _LOST

    def pour(
        self,
        cursor: Any,
        table: str,
        columns: Sequence[str],
        rows: Iterable[Sequence[Any]],
    ) -> None:
        """Add rows by one prepared statement."""
        marks = ", ".join("?" * len(columns))
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
        cursor.executemany(sql, rows)

    def settle(self, cursor: DBAPICursor, tables: Iterable[str]) -> None:
        """Leave it to SQLite, whose next id always follows the highest."""
