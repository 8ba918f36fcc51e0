"""Fixtures: a seeded database for each test, once on SQLite and once on PostgreSQL."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import shared_db
from shared_db import Larder
from tests.postgres import PostgresServer, postgres_server, why_not


@pytest.fixture(scope="session")
def seeded_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a seeded SQLite file to copy: seeding takes longer than most tests."""
    path = tmp_path_factory.mktemp("database") / "seeded.db"
    shared_db.create(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Yield the PostgreSQL server. Without PostgreSQL its tests are skipped, but never in CI."""
    if reason := why_not():
        pytest.skip(reason)
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Return the kind of database of this run of the test."""
    return str(request.param)


@pytest.fixture
def database_url(kind: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """Yield the URL of a seeded database that only this test uses."""
    if kind == "sqlite":
        path = request.getfixturevalue("tmp_path") / "larder.db"
        shutil.copyfile(request.getfixturevalue("seeded_file"), path)
        yield f"sqlite:///{path}"
    else:
        with request.getfixturevalue("postgres").lend_database() as url:
            yield url


@pytest.fixture
def empty_url(kind: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """Yield the URL of a database without tables."""
    if kind == "sqlite":
        yield f"sqlite:///{request.getfixturevalue('tmp_path') / 'folder' / 'empty.db'}"
    else:
        server = request.getfixturevalue("postgres")
        url = server.create_empty_database()
        yield url
        server.drop_database(url)


@pytest.fixture
def photos_dir(tmp_path: Path) -> Path:
    """Return the folder of the photos, which does not exist yet."""
    return tmp_path / "photos"


@pytest.fixture
def open_another(database_url: str, photos_dir: Path) -> Iterator[Callable[[], Larder]]:
    """Yield a function that opens the same database again, as another process would."""
    with ExitStack() as stack:

        def open_database() -> Larder:
            larder = shared_db.open_larder(database_url, photos_dir)
            stack.callback(larder.close)
            return larder

        yield open_database


@pytest.fixture
def larder(open_another: Callable[[], Larder]) -> Larder:
    """Return an open, seeded database."""
    return open_another()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the time that sessions and carts read, as the only item of a mutable list."""
    now = [1_795_000_000.0]
    for module in ("sessions", "carts"):
        monkeypatch.setattr(f"shared_db.{module}.time", lambda: now[0])
    return now
