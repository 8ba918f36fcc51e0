"""Where do larders come from? Seeded databases, each for one house only."""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import shared_db
from bench.environments import locked
from bench.places import ROOT, Places
from tests.postgres import PostgresServer

LONG_HISTORY_ORDERS = 200_000


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
        self._kept = Places.from_environ().state / "contract"
        self._number = 0

    def larder(self) -> AbstractContextManager[str]:
        return self._copy_of(self._made("short", orders=0))

    def long_larder(self) -> AbstractContextManager[str]:
        return self._copy_of(self._made("long", LONG_HISTORY_ORDERS))

    def _made(self, name: str, orders: int) -> Path:
        """Return a file that is made once for each state of the code that makes it."""
        path = self._kept / f"{name}-{_fingerprint()}.sqlite3"
        with locked(self._kept / "lock"):
            if not path.exists():
                for outdated in self._kept.glob(f"{name}-*"):
                    outdated.unlink()
                part = path.with_suffix(".part")
                shared_db.create(f"sqlite:///{part}")
                shared_db.scale(f"sqlite:///{part}", orders=orders)
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


def _fingerprint() -> str:
    """Return a word for the code that makes larders."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "shared_db").glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
