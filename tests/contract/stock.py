"""Create seeded databases, one for each host."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Protocol

import shared_db
from bench.core.files import digest_files, hold_lock
from bench.core.paths import ROOT, Paths
from shared_db.passwords import hash_password
from tests.contract.guest import PASSWORDS
from tests.postgres import PostgresServer

LONG_HISTORY_ORDERS = 200_000
# The digest of the code that creates databases.
DIGEST = digest_files(
    ROOT, sorted([*(ROOT / "shared_db").glob("*.py"), ROOT / "tests/contract/stock.py"])
)[:16]


class Stock(Protocol):
    """A source of databases."""

    def larder(self) -> AbstractContextManager[str]:
        """Return a context manager with the URL of a seeded database."""

    def long_larder(self) -> AbstractContextManager[str]:
        """Return a context manager with the URL of a database with many orders."""


class SqliteStock:
    """SQLite databases, copied from one file that is created once."""

    def __init__(self, folder: Path) -> None:
        """Store the folder for the files of this run."""
        self._folder = folder
        self._kept = Paths.from_environ().ensure_folder("contract")
        self._number = 0

    def larder(self) -> AbstractContextManager[str]:
        return self._copy_of(self._made("short", orders=0))

    def long_larder(self) -> AbstractContextManager[str]:
        return self._copy_of(self._made("long", LONG_HISTORY_ORDERS))

    def _made(self, name: str, orders: int) -> Path:
        """Return a database file, which is created again when the code that creates it changes."""
        path = self._kept / f"{name}-{DIGEST}.sqlite3"
        with hold_lock(self._kept / "lock"):
            if not path.exists():
                for outdated in self._kept.glob(f"{name}-*"):
                    outdated.unlink()
                part = path.with_suffix(".part")
                shared_db.create(f"sqlite:///{part}")
                shared_db.scale(f"sqlite:///{part}", orders=orders)
                _ease_passwords(part)
                part.rename(path)
        return path

    @contextmanager
    def _copy_of(self, path: Path) -> Iterator[str]:
        self._number += 1
        copy = self._folder / f"larder-{self._number}.sqlite3"
        shutil.copyfile(path, copy)
        yield f"sqlite:///{copy}"
        for file in self._folder.glob(f"{copy.name}*"):
            file.unlink()


class PostgresStock:
    """Databases on a private PostgreSQL server."""

    def __init__(self, server: PostgresServer) -> None:
        """Store the server."""
        self._server = server

    @contextmanager
    def larder(self) -> Iterator[str]:
        url = self._server.create_database()
        try:
            yield url
        finally:
            self._server.drop_database(url)

    @contextmanager
    def long_larder(self) -> Iterator[str]:
        with self.larder() as url:
            shared_db.scale(url, orders=LONG_HISTORY_ORDERS)
            yield url


def _ease_passwords(path: Path) -> None:
    """Replace the password hashes by cheap hashes: clauses sign in about 50 times per host."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for username, password in PASSWORDS.items():
            cheap_hash = hash_password(password, cost=2)
            connection.execute(
                "UPDATE staff SET password_hash = ? WHERE username = ?", (cheap_hash, username)
            )
