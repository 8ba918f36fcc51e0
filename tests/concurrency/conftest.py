"""Several hosts of one framework on one socket and one larder, under too many guests."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import shared_db
from bench.core.paths import Paths
from bench.frameworks import environments
from bench.frameworks.environments import Environment, EnvironmentBuildError, SourceUnavailableError
from bench.frameworks.manifest import discover_frameworks
from tests.concurrency.brigade import Brigade, brigade
from tests.postgres import postgres_server, why_not

HOSTS = 4


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Try every framework."""
    if "framework" in metafunc.fixturenames:
        shelf = discover_frameworks(Paths.from_environ().apps)
        names = [one.name for one in shelf.select(metafunc.config.getoption("--framework"))]
        marks = {name: pytest.mark.xdist_group(name) for name in names}
        metafunc.parametrize("framework", [pytest.param(n, marks=marks[n]) for n in names])


@pytest.fixture(scope="session")
def postgresql() -> Iterator[object]:
    """A private PostgreSQL server."""
    if reason := why_not():
        pytest.skip(reason)
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def larder_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a seeded larder: on SQLite, then on PostgreSQL."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql").create_database())
    return sqlite_larder(tmp_path)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a seeded larder on SQLite."""
    return sqlite_larder(tmp_path)


def sqlite_larder(folder: Path) -> str:
    """Make a seeded larder in a folder and return its URL."""
    url = f"sqlite:///{folder / 'larder.sqlite3'}"
    shared_db.create(url)
    return url


@pytest.fixture
def hosts(framework: str, larder_url: str, tmp_path: Path) -> Iterator[Brigade]:
    """Four hosts on either database."""
    with ExitStack() as stack:
        yield stack.enter_context(brigade(framework, larder_url, tmp_path, HOSTS))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def kitchens(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Brigade]]:
    """A host of every framework that is asked for and built, all on one larder.

    The tests of a single framework name the frameworks that cannot be had.
    """
    folder = tmp_path_factory.mktemp("kitchens")
    if request.param == "postgresql":
        url = str(request.getfixturevalue("postgresql").create_database())
    else:
        url = sqlite_larder(folder)
    places = Paths.from_environ()
    chosen = discover_frameworks(places.apps).select(request.config.getoption("--framework"))
    built = environments.ensure_all_environments(chosen, places)
    for one in built.values():
        if isinstance(one, EnvironmentBuildError) and not isinstance(one, SourceUnavailableError):
            raise one
    names = [name for name, one in built.items() if isinstance(one, Environment)]
    with ExitStack() as stack:
        yield [stack.enter_context(brigade(name, url, folder / name, 1)) for name in names]


@pytest.fixture
def mortal_hosts(framework: str, sqlite_url: str, tmp_path: Path) -> Iterator[Brigade]:
    """Four hosts on a SQLite file, to be killed."""
    with ExitStack() as stack:
        yield stack.enter_context(brigade(framework, sqlite_url, tmp_path, HOSTS))
