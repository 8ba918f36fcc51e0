"""PostgreSQL: how it is connected to, and what it does in its own way."""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from sqlalchemy import URL
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine.interfaces import DBAPICursor

from shared_db.database import Database

_CONNECT_SECONDS = 5


class PostgreSQL(Database):
    """A PostgreSQL database, reached through psycopg 3."""

    error = psycopg.Error
    integrity_error = psycopg.IntegrityError
    # The larder's rules are argued for this level, whatever the server's default is.
    begin = "BEGIN ISOLATION LEVEL READ COMMITTED"
    one_writer = False

    def __init__(self, url: URL) -> None:
        """Keep what the URL says, and give up connecting after five seconds if it does not say."""
        self.dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # it has no types
        _, named = self.dialect.create_connect_args(url)  # type: ignore[no-untyped-call]
        self._arguments: dict[str, Any] = {"connect_timeout": _CONNECT_SECONDS, **named}

    def exists(self) -> bool:
        """Say yes: only connecting can tell."""
        return True

    def prepare(self) -> None:
        """Do nothing: the database is for its owner to make."""

    def connect(self) -> psycopg.Connection:
        """Connect; text is UTF-8 whatever the server's default is."""
        return psycopg.connect(**self._arguments, client_encoding="utf8", autocommit=True)

    def label(self, connection: psycopg.Connection) -> str:
        """Return "PostgreSQL 15.13"."""
        major, minor = divmod(connection.info.server_version, 10_000)
        return f"PostgreSQL {major}.{minor}"

    def lacks_table(self, error: Exception) -> bool:
        """Tell by the kind of error."""
        return isinstance(error, psycopg.errors.UndefinedTable)

    def is_broken(self, connection: psycopg.Connection, error: Exception) -> bool:
        """Tell whether the server has hung up, or may have."""
        return connection.closed or isinstance(error, psycopg.OperationalError)

    def pour(
        self,
        cursor: Any,
        table: str,
        columns: Sequence[str],
        rows: Iterable[Sequence[Any]],
    ) -> None:
        """Add rows by COPY, many times quicker than by INSERT."""
        with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def settle(self, cursor: DBAPICursor, tables: Iterable[str]) -> None:
        """Move each table's sequence past the highest id."""
        for table in tables:
            highest = f"(SELECT max(id) FROM {table})"
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {highest})")
