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
from tests.postgres import PostgresServer, postgres_server, why_not

HOSTS = 4
FOLDER = Path(__file__).parent


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of `framework` for each selected framework, on both databases."""
    if "framework" in metafunc.fixturenames:
        registry = discover_frameworks(Paths.from_environ().apps)
        names = [
            framework.name
            for framework in registry.select(metafunc.config.getoption("--framework"))
        ]
        marks = {name: pytest.mark.xdist_group(name) for name in names}
        params = [pytest.param(name, marks=marks[name]) for name in names]
        metafunc.parametrize("framework", params, scope="session")
    if "database" in metafunc.fixturenames:
        metafunc.parametrize("database", ["sqlite", "postgresql"])


@pytest.hookimpl(trylast=True)  # after pytest has sorted the tests by their fixtures
def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Run all tests of a framework in a row, so that its hosts start once."""
    mine = [item for item in items if item.path.parent == FOLDER and has_framework(item)]
    mine.sort(key=lambda item: str(item.callspec.params["framework"]))
    moved = set(mine)
    items[:] = [item for item in items if item not in moved] + mine


def has_framework(item: pytest.Function) -> bool:
    """Return whether a test runs with one framework."""
    return hasattr(item, "callspec") and "framework" in item.callspec.params


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresServer]:
    """A private PostgreSQL server."""
    if reason := why_not():
        pytest.skip(reason)
    with postgres_server() as server:
        yield server


def create_sqlite_database(folder: Path) -> str:
    """Create a seeded SQLite database in a folder, and return its URL."""
    url = f"sqlite:///{folder / 'larder.sqlite3'}"
    shared_db.create(url)
    return url


@pytest.fixture(scope="session")
def sqlite_group(framework: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostGroup]:
    """Four hosts of a framework on SQLite."""
    folder = tmp_path_factory.mktemp(framework)
    with running_hosts(framework, create_sqlite_database(folder), folder, HOSTS) as hosts:
        yield hosts


@pytest.fixture(scope="session")
def postgresql_group(
    framework: str, postgresql: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[HostGroup]:
    """Four hosts of a framework on PostgreSQL."""
    folder = tmp_path_factory.mktemp(framework)
    with (
        postgresql.lend_database() as url,
        running_hosts(framework, url, folder, HOSTS) as hosts,
    ):
        yield hosts


@pytest.fixture
def sqlite_hosts(sqlite_group: HostGroup) -> Iterator[HostGroup]:
    """Four hosts of a framework on SQLite with the seed rows."""
    yield sqlite_group
    sqlite_group.reset()


@pytest.fixture
def postgresql_hosts(postgresql_group: HostGroup) -> Iterator[HostGroup]:
    """Four hosts of a framework on PostgreSQL with the seed rows."""
    yield postgresql_group
    postgresql_group.reset()


@pytest.fixture
def hosts(framework: str, database: str, request: pytest.FixtureRequest) -> HostGroup:
    """Four hosts of `framework` on a `database` with the seed rows: SQLite, then PostgreSQL."""
    hosts: HostGroup = request.getfixturevalue(f"{database}_hosts")
    return hosts


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
