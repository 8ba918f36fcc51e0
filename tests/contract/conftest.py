"""Which sites are asked, and what do clauses get? Options, one site a framework, fixtures.

Run: pytest tests/contract --framework flask     (or --url, --app, --database postgresql)
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from bench.core.errors import CookoffError
from bench.core.paths import Paths
from bench.frameworks.environments import SourceUnavailableError
from bench.frameworks.manifest import discover_frameworks
from tests.contract import clauses
from tests.contract.guest import Guest
from tests.contract.house import Estate, House
from tests.contract.larder import Larder
from tests.contract.pictures import PNG
from tests.contract.results import Results
from tests.contract.site import OwnDish, Site
from tests.contract.stock import PostgresStock, SqliteStock, Stock
from tests.contract.wire import answers
from tests.postgres import postgres_server, why_not


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say where the sites are."""
    group = parser.getgroup("contract")
    group.addoption("--url", help="ask the site that runs at this address")
    group.addoption("--app", help="ask a WSGI callable, package.module:callable")
    group.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite")
    group.addoption("--feature", action="append", help="only the clauses of this feature")
    group.addoption("--results", help="write the outcome of each clause to this file")
    group.addoption("--record", help="note in this folder which lines run for which feature")


def pytest_configure(config: pytest.Config) -> None:
    """Know the mark of features; write results when asked to."""
    config.addinivalue_line("markers", "feature(id): the feature of the site a clause is about")
    config.addinivalue_line("markers", "xdist_group(name): clauses that stay on one worker")
    path = config.getoption("--results", None)
    if path and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Results(path))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Ask every site the same."""
    if "site" in metafunc.fixturenames:
        names = site_names(metafunc.config)
        metafunc.parametrize("site", names, indirect=True, scope="session")


def site_names(config: pytest.Config) -> list[str]:
    """Return the names of the sites to ask."""
    elsewhere = config.getoption("--url", None) or config.getoption("--app", None)
    if elsewhere:
        return [elsewhere]
    return list(names_on_shelf(*(config.getoption("--framework", None) or [])))


@cache  # asked once for each of several hundred test functions
def names_on_shelf(*names: str) -> tuple[str, ...]:
    """Return the names of these frameworks, or of all."""
    return tuple(one.name for one in discover_frameworks(Paths.from_environ().apps).select(names))


def pytest_itemcollected(item: pytest.Item) -> None:
    """Keep the clauses of one framework on one worker."""
    clauses.collected(item)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Check the clauses as a whole, mark deviations, and choose features."""
    clauses.check_and_arrange(config, items)


@pytest.fixture(scope="session")
def estate(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Estate]:
    """The ground for every house of this run."""
    folder = tmp_path_factory.mktemp("houses")
    with ExitStack() as stack:
        stock: Stock = SqliteStock(folder)
        if request.config.getoption("--database") == "postgresql":
            if reason := why_not():
                pytest.skip(reason)
            stock = PostgresStock(stack.enter_context(postgres_server()))
        records = request.config.getoption("--record")
        yield Estate(folder, stock, records=Path(records) if records else None)


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """The site that is asked."""
    name: str = request.param
    if request.config.getoption("--url"):
        if not answers(name):
            pytest.fail(f"nobody answers at {name}", pytrace=False)
        with closing(Site(name, name)) as site:
            yield site
        return
    estate: Estate = request.getfixturevalue("estate")
    stranger = request.config.getoption("--app")
    with ExitStack() as stack:
        house = open_up(
            stack,
            lambda: estate.open_stranger(name) if stranger else estate.open_house(name),
        )
        with closing(Site(name, house.url, house)) as site:
            yield site


@pytest.fixture(scope="session")
def spare(site: Site, request: pytest.FixtureRequest) -> Iterator[Site]:
    """The same framework in a second house: behind https, with a long history, free to break."""
    if site.house is None or site.house.larder is None:
        pytest.skip("needs a second host: not with --url or --app")
    estate: Estate = request.getfixturevalue("estate")
    with ExitStack() as stack:
        house = open_up(stack, lambda: estate.open_spare(site.name))
        with closing(Site(site.name, house.url, house, scheme="https")) as second:
            yield second


@pytest.fixture(scope="session")
def bare(request: pytest.FixtureRequest) -> Iterator[Site]:
    """The site without a framework, whose pages are those that all are compared with."""
    estate = replace(request.getfixturevalue("estate"), records=None)  # it is not the one asked
    with ExitStack() as stack:
        house = open_up(stack, lambda: estate.open_house("bare"))
        with closing(Site("bare", house.url, house)) as site:
            yield site


def open_up(stack: ExitStack, opened: Callable[[], AbstractContextManager[House]]) -> House:
    """Open a house for as long as the stack stands; the clause fails when that cannot be."""
    try:
        return stack.enter_context(opened())
    except SourceUnavailableError:
        raise  # tests/conftest.py skips it by name
    except CookoffError as error:
        pytest.fail(f"the site does not start: {error}", pytrace=False)


@pytest.fixture
def house(site: Site) -> House:
    """The host itself: its process, its log, its files."""
    if site.house is None:
        pytest.skip("needs the host itself: not with --url")
    return site.house


@pytest.fixture
def larder(site: Site) -> Larder:
    """The site's database."""
    if site.house is None or site.house.larder is None:
        pytest.skip("needs the larder itself: not with --url or --app")
    return site.house.larder


@pytest.fixture
def guest(site: Site) -> Guest:
    """A guest who was never here before."""
    return site.guest()


@pytest.fixture
def cook(site: Site) -> Guest:
    """A member of staff, signed in, to whom no message of an earlier clause is left to show."""
    site.cook.get("/")
    return site.cook


@pytest.fixture
def dish(site: Site) -> Iterator[OwnDish]:
    """A dish to do with as the clause likes."""
    dish = site.own_dish()
    yield dish
    dish.put_back()


@pytest.fixture(scope="session")
def there(site: Site) -> dict[str, str]:
    """Make an order and a photo, once, so that every address has something behind it."""
    dish = site.kept_dish()
    site.cook.post(f"/kitchen{dish.page}/photo", files={"photo": ("p.png", PNG)})
    return {"code": site.guest().order(dish.id), "photo": str(dish.now()["photo"])}
