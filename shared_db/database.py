"""The interface that each kind of database implements."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ClauseElement, Dialect
from sqlalchemy.engine.interfaces import DBAPICursor


class Database(ABC):
    """One database: its dialect, the errors of its driver, and the SQL that starts a write."""

    dialect: Dialect
    error: type[Exception]
    integrity_error: type[Exception]
    begin_sql: str
    single_writer: bool  # whether the threads of one process must take turns to write

    @abstractmethod
    def exists(self) -> bool:
        """Return whether the database exists, as far as this is known without a connection."""

    @abstractmethod
    def prepare(self) -> None:
        """Create what must exist before the tables, unless the user has to create it."""

    @abstractmethod
    def connect(self) -> Any:
        """Return a new connection in autocommit mode. Raise the driver's error on failure."""

    @abstractmethod
    def describe(self, connection: Any) -> str:
        """Return the database's name and version: "SQLite 3.40.1"."""

    @abstractmethod
    def is_missing_table(self, error: Exception) -> bool:
        """Return whether an error of the driver means that a table does not exist."""

    @abstractmethod
    def is_broken(self, connection: Any, error: Exception) -> bool:
        """Return whether a connection is unusable after an error of its driver."""

    @abstractmethod
    def bulk_insert(
        self,
        cursor: Any,
        table: str,
        columns: Sequence[str],
        rows: Iterable[Sequence[Any]],
    ) -> None:
        """Insert many rows into a table by the fastest method of the database."""

    @abstractmethod
    def advance_sequences(self, cursor: DBAPICursor, tables: Iterable[str]) -> None:
        """Let new ids of the tables follow the highest id that `bulk_insert` wrote."""

    def compile(self, statement: ClauseElement) -> str:
        """Return the SQL of a statement. Every value of the SQL is a named parameter.

        Raise TypeError if the statement contains a constant value: a caller would have to pass it.
        """
        compiled = statement.compile(dialect=self.dialect)
        given = [name for name, value in (compiled.params or {}).items() if value is not None]
        if given:
            raise TypeError(f"a constant must be a literal column, not a parameter: {given}")
        return str(compiled)
