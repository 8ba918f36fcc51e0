"""Databases: what the larder needs of one, whichever it is."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ClauseElement, Dialect
from sqlalchemy.engine.interfaces import DBAPICursor


class Database(ABC):
    """One database: its driver's errors, its dialect and the words that begin a write."""

    dialect: Dialect
    error: type[Exception]
    integrity_error: type[Exception]
    begin: str
    one_writer: bool  # whether writers of one process had better queue before they ask

    @abstractmethod
    def exists(self) -> bool:
        """Tell whether there is a database, as far as can be told without connecting."""

    @abstractmethod
    def prepare(self) -> None:
        """Make what must be there before the tables, where that is for us to make."""

    @abstractmethod
    def connect(self) -> Any:
        """Return a new connection that commits each statement; raises the driver's error."""

    @abstractmethod
    def label(self, connection: Any) -> str:
        """Return the database's name and version: "SQLite 3.40.1"."""

    @abstractmethod
    def lacks_table(self, error: Exception) -> bool:
        """Tell whether an error of the driver says that a table is not there."""

    @abstractmethod
    def is_broken(self, connection: Any, error: Exception) -> bool:
        """Tell whether a connection is of no more use after an error of its driver."""

    @abstractmethod
    def pour(
        self,
        cursor: Any,
        table: str,
        columns: Sequence[str],
        rows: Iterable[Sequence[Any]],
    ) -> None:
        """Add many rows to a table in the quickest way the database has."""

    @abstractmethod
    def settle(self, cursor: DBAPICursor, tables: Iterable[str]) -> None:
        """Make new ids follow those poured into the tables."""

    def compile(self, statement: ClauseElement) -> str:
        """Return a statement's SQL; each of its values is a named parameter of every call."""
        compiled = statement.compile(dialect=self.dialect)
        given = [name for name, value in (compiled.params or {}).items() if value is not None]
        if given:
            raise TypeError(f"a constant must be a literal column, not a parameter: {given}")
        return str(compiled)
