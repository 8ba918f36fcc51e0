"""Direct access to the database of a site, for clauses that requests alone cannot decide."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from sqlalchemy import Engine, MetaData, create_engine, text

# The tables that guests change, sorted by their foreign keys. The sessions stay, so that nobody is
# signed out. The carts are emptied, because PostgreSQL deletes the lines of a deleted dish.
KEPT_TABLES = ("dishes", "reviews", "orders", "order_lines", "cart_lines")


class Larder:
    """The database of a site that the harness started."""

    def __init__(self, url: str) -> None:
        """Store the database's engine."""
        self.url = url
        self._engine: Engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        self._seed: dict[str, list[tuple[Any, ...]]] = {}

    @property
    def kind(self) -> str:
        """Return "sqlite" or "postgresql"."""
        return self._engine.dialect.name

    def remember(self) -> None:
        """Store the rows that guests can change, for `reset`."""
        self._seed = {name: self.rows(f"SELECT * FROM {name}") for name in KEPT_TABLES}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self._engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]

    def count(self, table: str, where: str = "1 = 1") -> int:
        """Return the number of rows of a table."""
        return int(self.rows(f"SELECT count(*) FROM {table} WHERE {where}")[0][0])

    @cached_property
    def _tables(self) -> MetaData:
        metadata = MetaData()
        metadata.reflect(self._engine, only=KEPT_TABLES)  # also reflects the tables they refer to
        return metadata

    def reset(self) -> None:
        """Restore the dishes, reviews, orders and carts that `remember` stored."""
        with self._engine.begin() as connection:
            for name in reversed(KEPT_TABLES):
                connection.execute(self._tables.tables[name].delete())
            for name, rows in self._seed.items():
                table = self._tables.tables[name]
                columns = table.columns.keys()
                if rows:
                    together = [dict(zip(columns, row, strict=True)) for row in rows]
                    connection.execute(table.insert(), together)

    @contextmanager
    def without(self, table: str) -> Iterator[None]:
        """Rename a table within the block, so that queries fail."""
        self.run(f"ALTER TABLE {table} RENAME TO {table}_taken_away")
        try:
            yield
        finally:
            self.run(f"ALTER TABLE {table}_taken_away RENAME TO {table}")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Lock the database against writes within the block; reads continue."""
        lock = ["BEGIN IMMEDIATE"]
        if self.kind == "postgresql":
            lock = ["BEGIN", "LOCK TABLE dishes, orders IN SHARE ROW EXCLUSIVE MODE"]
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for word in lock:
                connection.exec_driver_sql(word)
            try:
                yield
            finally:
                connection.exec_driver_sql("ROLLBACK")

    def run(self, sql: str) -> None:
        """Run a statement that returns no rows."""
        with self._engine.begin() as connection:
            connection.execute(text(sql))

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()
