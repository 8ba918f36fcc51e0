"""A stocked larder for each test, once on SQLite and once on PostgreSQL."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import shared_db
from shared_db import Larder
from tests.postgres import PostgresServer, postgres_server, why_not


@pytest.fixture(scope="session")
def stocked_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a SQLite file to copy: stocking one takes longer than most tests."""
    path = tmp_path_factory.mktemp("larder") / "stocked.db"
    shared_db.create(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Give the server; without PostgreSQL its tests are skipped, but never in CI."""
    if reason := why_not():
        pytest.skip(reason)
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Return which database it is this time."""
    return str(request.param)


@pytest.fixture
def database_url(kind: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the URL of a stocked larder of the test's own."""
    if kind == "sqlite":
        path = request.getfixturevalue("tmp_path") / "larder.db"
        shutil.copyfile(request.getfixturevalue("stocked_file"), path)
        yield f"sqlite:///{path}"
    else:
        with request.getfixturevalue("postgres").lend_database() as url:
            yield url


@pytest.fixture
def empty_url(kind: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the URL of a database without any table."""
    if kind == "sqlite":
        yield f"sqlite:///{request.getfixturevalue('tmp_path') / 'folder' / 'empty.db'}"
    else:
        server = request.getfixturevalue("postgres")
        url = server.create_empty_database()
        yield url
        server.drop_database(url)


@pytest.fixture
def photos_dir(tmp_path: Path) -> Path:
    """Return the folder of the photos, not made yet."""
    return tmp_path / "photos"


@pytest.fixture
def open_another(database_url: str, photos_dir: Path) -> Iterator[Callable[[], Larder]]:
    """Give what opens the same larder again, as another process of the site does."""
    with ExitStack() as stack:

        def open_one() -> Larder:
            larder = shared_db.open_larder(database_url, photos_dir)
            stack.callback(larder.close)
            return larder

        yield open_one


@pytest.fixture
def larder(open_another: Callable[[], Larder]) -> Larder:
    """Return an open, stocked larder."""
    return open_another()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the time that sessions and carts read, in a list of one item to change."""
    now = [1_795_000_000.0]
    for module in ("sessions", "carts"):
        monkeypatch.setattr(f"shared_db.{module}.time", lambda: now[0])
    return now
