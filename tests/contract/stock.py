"""Where do larders come from? Seeded databases, each for one house only."""

import hashlib
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Protocol

import shared_db
from bench.core.files import hold_lock
from bench.core.paths import ROOT, Paths
from shared_db.passwords import hash_password
from tests.contract.guest import PASSWORDS
from tests.postgres import PostgresServer

LONG_HISTORY_ORDERS = 200_000
# The code that makes larders.
MAKERS = (*(ROOT / "shared_db").glob("*.py"), Path(__file__))


class Stock(Protocol):
    """A source of larders."""

    def larder(self) -> AbstractContextManager[str]:
        """Give the URL of a seeded larder."""

    def long_larder(self) -> AbstractContextManager[str]:
        """Give the URL of a larder with a long history of orders."""


class SqliteStock:
    """Larders in SQLite files, copied from one that was made once."""

    def __init__(self, folder: Path) -> None:
        """Keep the files in a folder of the run."""
        self._folder = folder
        self._kept = Paths.from_environ().ensure_folder("contract")
        self._number = 0

    def larder(self) -> AbstractContextManager[str]:
        return self._copy_of(self._made("short", orders=0))

    def long_larder(self) -> AbstractContextManager[str]:
        return self._copy_of(self._made("long", LONG_HISTORY_ORDERS))

    def _made(self, name: str, orders: int) -> Path:
        """Return a file that is made once for each state of the code that makes it."""
        path = self._kept / f"{name}-{fingerprint(MAKERS)}.sqlite3"
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
    """Larders on a PostgreSQL server of our own."""

    def __init__(self, server: PostgresServer) -> None:
        """Keep the server."""
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
    """Let a password be checked in no time: clauses sign in some fifty times a house."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for username, password in PASSWORDS.items():
            eased = hash_password(password, cost=2)
            connection.execute(
                "UPDATE staff SET password_hash = ? WHERE username = ?", (eased, username)
            )


def fingerprint(files: Iterable[Path]) -> str:
    """Return a word for what is in these files."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
