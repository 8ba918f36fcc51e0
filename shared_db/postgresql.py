"""The database interface for PostgreSQL."""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from sqlalchemy import URL
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine.interfaces import DBAPICursor

from shared_db.database import Database

# Long, because the time also runs while this process waits for a processor: on a busy machine a
# host's first connections, one for each thread, took more than 5 seconds.
_CONNECT_SECONDS = 15


class PostgreSQL(Database):
    """A PostgreSQL database, accessed through psycopg 3."""

    error = psycopg.Error
    integrity_error = psycopg.IntegrityError
    # The code is correct at this isolation level, so the server's default must not decide.
    begin_sql = "BEGIN ISOLATION LEVEL READ COMMITTED"
    single_writer = False

    def __init__(self, url: URL) -> None:
        """Store the URL's connection arguments. The default connect timeout is 15 seconds."""
        self.dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # it has no types
        _, arguments = self.dialect.create_connect_args(url)  # type: ignore[no-untyped-call]
        self._arguments: dict[str, Any] = {"connect_timeout": _CONNECT_SECONDS, **arguments}

    def exists(self) -> bool:
        """Return True: only a connection can show whether the database exists."""
        return True

    def prepare(self) -> None:
        """Do nothing: the user creates the database."""

    def connect(self) -> psycopg.Connection:
        """Return a new connection. Its text is UTF-8, whatever the server's default is."""
        return psycopg.connect(**self._arguments, client_encoding="utf8", autocommit=True)

    def describe(self, connection: psycopg.Connection) -> str:
        """Return "PostgreSQL 15.13"."""
        major, minor = divmod(connection.info.server_version, 10_000)
        return f"PostgreSQL {major}.{minor}"

    def is_missing_table(self, error: Exception) -> bool:
        """Return whether the error is psycopg's UndefinedTable."""
        return isinstance(error, psycopg.errors.UndefinedTable)

    def is_broken(self, connection: psycopg.Connection, error: Exception) -> bool:
        """Return whether the server has closed the connection, or may have closed it."""
        return connection.closed or isinstance(error, psycopg.OperationalError)

    def bulk_insert(
        self,
        cursor: Any,
        table: str,
        columns: Sequence[str],
        rows: Iterable[Sequence[Any]],
    ) -> None:
        """Insert the rows by COPY, which is many times faster than INSERT."""
        with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def advance_sequences(self, cursor: DBAPICursor, tables: Iterable[str]) -> None:
        """Set the sequence of each table to its highest id."""
        for table in tables:
            highest = f"(SELECT max(id) FROM {table})"
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {highest})")
