"""Fixtures: hosts of one framework, or of all frameworks, on one database."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import shared_db
from bench.core.paths import Paths
from bench.frameworks import environments
from bench.frameworks.environments import Environment, EnvironmentBuildError, SourceUnavailableError
from bench.frameworks.manifest import discover_frameworks
from tests.concurrency.host_group import HostGroup, running_hosts
from tests.postgres import postgres_server, why_not

HOSTS = 4


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of `framework` for each selected framework."""
    if "framework" in metafunc.fixturenames:
        registry = discover_frameworks(Paths.from_environ().apps)
        names = [
            framework.name
            for framework in registry.select(metafunc.config.getoption("--framework"))
        ]
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
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a seeded database: first SQLite, then PostgreSQL."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql").create_database())
    return create_sqlite_database(tmp_path)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a seeded SQLite database."""
    return create_sqlite_database(tmp_path)


def create_sqlite_database(folder: Path) -> str:
    """Create a seeded SQLite database in a folder, and return its URL."""
    url = f"sqlite:///{folder / 'larder.sqlite3'}"
    shared_db.create(url)
    return url


@pytest.fixture
def hosts(framework: str, database_url: str, tmp_path: Path) -> Iterator[HostGroup]:
    """Four hosts of a framework, first on SQLite, then on PostgreSQL."""
    with ExitStack() as stack:
        yield stack.enter_context(running_hosts(framework, database_url, tmp_path, HOSTS))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def frameworks(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[HostGroup]]:
    """One host of each selected framework, all on one database.

    Frameworks without a source are missing here; the tests of one framework skip them by name.
    """
    folder = tmp_path_factory.mktemp("frameworks")
    if request.param == "postgresql":
        url = str(request.getfixturevalue("postgresql").create_database())
    else:
        url = create_sqlite_database(folder)
    places = Paths.from_environ()
    selected = discover_frameworks(places.apps).select(request.config.getoption("--framework"))
    results = environments.ensure_all_environments(selected, places)
    for result in results.values():
        missing = isinstance(result, SourceUnavailableError)
        if isinstance(result, EnvironmentBuildError) and not missing:
            raise result
    names = [name for name, result in results.items() if isinstance(result, Environment)]
    with ExitStack() as stack:
        yield [stack.enter_context(running_hosts(name, url, folder / name, 1)) for name in names]


@pytest.fixture
def sqlite_hosts(framework: str, sqlite_url: str, tmp_path: Path) -> Iterator[HostGroup]:
    """Four hosts on a SQLite database, for tests that kill them."""
    with ExitStack() as stack:
        yield stack.enter_context(running_hosts(framework, sqlite_url, tmp_path, HOSTS))
