"""The database interface for a SQLite file."""

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
# After these errors the connection is unusable: the disk fails, or the file is missing or replaced.
_BROKEN = {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_READONLY,
}


class SqliteFile(Database):
    """A SQLite file in WAL mode: readers never wait; writers wait for each other."""

    error = sqlite3.Error
    integrity_error = sqlite3.IntegrityError
    # With a plain BEGIN, a transaction that reads and then writes fails if another process wrote in
    # between. BEGIN IMMEDIATE waits instead.
    begin_sql = "BEGIN IMMEDIATE"
    single_writer = True

    def __init__(self, path: str) -> None:
        """Store the path of the file."""
        self.dialect = sqlite.dialect(paramstyle="named")
        self._path = Path(path).absolute()

    def exists(self) -> bool:
        """Return whether the file exists."""
        return self._path.exists()

    def prepare(self) -> None:
        """Create the folder and an empty file, which stores the setting of WAL mode.

        Only the user can read them; SQLite gives its other files the permissions of this file.
        """
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(OSError):  # SQLite reports the error more clearly
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(self._path, timeout=_WAIT_SECONDS)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        finally:
            connection.close()

    def connect(self) -> sqlite3.Connection:
        """Open the file, which must exist: connecting must not create an empty database."""
        connection = sqlite3.connect(
            f"file:{quote(str(self._path))}?mode=rw",
            uri=True,
            timeout=_WAIT_SECONDS,
            isolation_level=None,
            check_same_thread=False,  # close() may run in another thread
            cached_statements=256,
        )
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def describe(self, connection: sqlite3.Connection) -> str:
        """Return "SQLite 3.40.1"."""
        return f"SQLite {sqlite3.sqlite_version}"

    def is_missing_table(self, error: Exception) -> bool:
        """Return whether the message says so: SQLite has no error code for a missing table."""
        return str(error).startswith("no such table")

    def is_broken(self, connection: sqlite3.Connection, error: Exception) -> bool:
        """Return whether the error comes from the file and not from the statement."""
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in _BROKEN

    def bulk_insert(
        self,
        cursor: Any,
        table: str,
        columns: Sequence[str],
        rows: Iterable[Sequence[Any]],
    ) -> None:
        """Insert the rows by one prepared statement."""
        marks = ", ".join("?" * len(columns))
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
        cursor.executemany(sql, rows)

    def advance_sequences(self, cursor: DBAPICursor, tables: Iterable[str]) -> None:
        """Do nothing: in SQLite the next id always follows the highest id."""
