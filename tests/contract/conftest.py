"""Options and fixtures of the contract; each framework has one site.

Run: pytest tests/contract --framework flask     (or --url, --app, --database postgresql)
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from bench.conformance.levels import CORE, HARDENING_GROUPS
from bench.conformance.pictures import PNG
from bench.core.errors import CookoffError
from bench.core.paths import Paths
from bench.frameworks.environments import SourceUnavailableError
from bench.frameworks.manifest import discover_frameworks
from tests.contract import blocking, clauses, warm, wire
from tests.contract.expect import leads_to
from tests.contract.guest import Guest
from tests.contract.house import Estate, House
from tests.contract.larder import Larder
from tests.contract.results import Progress, Results
from tests.contract.site import SITES, OwnDish, Site
from tests.contract.stock import PostgresStock, SqliteStock, Stock
from tests.contract.wire import answers
from tests.postgres import postgres_server, why_not


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that select sites, features and output files."""
    group = parser.getgroup("contract")
    group.addoption("--url", help="test the site that runs at this address")
    group.addoption("--app", help="test a WSGI callable, package.module:callable")
    group.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite")
    group.addoption("--feature", action="append", help="run only the clauses of this feature")
    group.addoption(
        "--group", action="append", choices=[CORE, *HARDENING_GROUPS], help="run only this group"
    )
    group.addoption("--as-taught", action="store_true", help="test the sites without hardening.py")
    group.addoption(
        "--own-addresses", action="store_true", help="send each clause from an address of its own"
    )
    group.addoption("--results", help="write the outcome of each clause to this file")
    group.addoption("--progress", help="write to this file how many clauses have run")
    group.addoption("--record", help="record in this folder which lines run for which feature")
    group.addoption("--commands", type=int, nargs=2, help="serve commands: see warm.py")


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, and write results and progress to the files that are given."""
    config.addinivalue_line("markers", "feature(id): the feature of the site that a clause tests")
    config.addinivalue_line("markers", "hardening(group, *cases): the group of a hardening clause")
    config.addinivalue_line("markers", "xdist_group(name): clauses that run on one worker")
    path = config.getoption("--results", None)
    if path and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Results(path, config.getoption("--as-taught")))
    if path := config.getoption("--progress", None):
        config.pluginmanager.register(Progress(path))
    if pipes := config.getoption("--commands", None):
        config.pluginmanager.register(warm.CommandLoop(*pipes))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every clause against each site."""
    if "site" in metafunc.fixturenames:
        names = site_names(metafunc.config)
        metafunc.parametrize("site", names, indirect=True, scope="session")


def site_names(config: pytest.Config) -> list[str]:
    """Return the names of the sites to test."""
    elsewhere = config.getoption("--url", None) or config.getoption("--app", None)
    if elsewhere:
        return [elsewhere]
    return list(names_on_shelf(*(config.getoption("--framework", None) or [])))


@cache  # several hundred test functions call this
def names_on_shelf(*names: str) -> tuple[str, ...]:
    """Return the names of the given frameworks, or of all frameworks."""
    return tuple(one.name for one in discover_frameworks(Paths.from_environ().apps).select(names))


def pytest_itemcollected(item: pytest.Item) -> None:
    """Run the clauses of one framework on one worker."""
    clauses.collected(item)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Check all clauses, mark deviations, and select features."""
    clauses.check_and_arrange(config, items)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Forget the requests and the log of the previous clause."""
    wire.history.clear()
    for site in item.config.stash.get(SITES, {}).values():
        if site.house:
            site.house.mark_log()
    if item.config.getoption("--own-addresses", False):
        wire.source.move()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the last request to the report of a failed clause, or mark the clause as blocked."""
    report = yield
    # Not from the arguments of the clause: a failed fixture may leave the clause without arguments.
    sites = item.config.stash.get(SITES, {})
    if warm.LESSON not in item.config.stash:  # such a run ends with a late reply
        for known in sites.values():
            known.restart_if_late()
    site = sites.get(clauses.site_of(item))
    if report.failed and site:
        blocking.explain_failure(item, call, report, site)
    return report


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Return a comparison of short values in plain words: "404 instead of 200"."""
    return blocking.describe_comparison(op, left, right)


@pytest.fixture(scope="session")
def estate(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Estate]:
    """The factory of all hosts of this run."""
    lesson = request.config.stash.get(warm.LESSON, None)
    folder = lesson.work if lesson else tmp_path_factory.mktemp("houses")
    with ExitStack() as stack:
        stock: Stock = SqliteStock(folder)
        if request.config.getoption("--database") == "postgresql":
            if reason := why_not():
                pytest.skip(reason)
            stock = PostgresStock(stack.enter_context(postgres_server()))
        records = request.config.getoption("--record")
        estate = Estate(
            folder,
            stock,
            records=Path(records) if records else None,
            hardened=not request.config.getoption("--as-taught"),
        )
        yield replace(estate, **lesson.estate) if lesson else estate


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """The site under test."""
    name: str = request.param
    sites = request.config.stash.setdefault(SITES, {})
    if request.config.getoption("--url"):
        if not answers(name):
            pytest.fail(f"no site answers at {name}", pytrace=False)
        with closing(Site(name, name)) as site:
            sites[name] = site
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
            sites[name] = site
            if lesson := request.config.stash.get(warm.LESSON, None):
                site.lacking = lesson.missing
            yield site


@pytest.fixture(scope="session")
def spare(site: Site, request: pytest.FixtureRequest) -> Iterator[Site]:
    """A second host of the framework, behind HTTPS, with many orders, which a clause may break."""
    if site.house is None or site.house.larder is None:
        pytest.skip("needs a second host: not with --url or --app")
    estate: Estate = request.getfixturevalue("estate")
    with ExitStack() as stack:
        house = open_up(stack, lambda: estate.open_spare(site.name))
        with closing(Site(site.name, house.url, house, scheme="https")) as second:
            request.config.stash[SITES][f"{site.name} behind HTTPS"] = second
            yield second


@pytest.fixture(scope="session")
def bare(request: pytest.FixtureRequest) -> Iterator[Site]:
    """The site without a framework: all pages are compared with its pages."""
    estate: Estate = request.getfixturevalue("estate")
    # Not the site under test.
    estate = replace(estate, records=None, hardened=True, app_folder=None, is_sandboxed=False)
    with ExitStack() as stack:
        house = open_up(stack, lambda: estate.open_house("bare"))
        with closing(Site("bare", house.url, house)) as site:
            yield site


def open_up(stack: ExitStack, opened: Callable[[], AbstractContextManager[House]]) -> House:
    """Start a host that runs until the stack closes. The clause fails if the start fails."""
    try:
        return stack.enter_context(opened())
    except SourceUnavailableError:
        raise  # tests/conftest.py skips it by name
    except CookoffError as error:
        pytest.fail(f"the site does not start: {error}", pytrace=False)


@pytest.fixture
def house(site: Site) -> House:
    """The host: its process, its log and its files."""
    if site.house is None:
        pytest.skip("needs the host itself: not with --url")
    return site.house


@pytest.fixture
def larder(site: Site) -> Larder:
    """The site's database."""
    if site.house is None or site.house.larder is None:
        pytest.skip("needs the database itself: not with --url or --app")
    return site.house.larder


@pytest.fixture
def guest(site: Site) -> Guest:
    """A guest without a session."""
    return site.guest()


@pytest.fixture
def cook(site: Site) -> Guest:
    """A signed-in member of staff, without a pending message of an earlier clause."""
    site.cook.get("/")
    return site.cook


@pytest.fixture
def dish(site: Site) -> Iterator[OwnDish]:
    """A dish that the clause may change."""
    dish = site.own_dish()
    yield dish
    dish.put_back()


@pytest.fixture(scope="session")
def there(site: Site) -> dict[str, str]:
    """Create an order and a photo once, so that every address exists."""
    dish = site.kept_dish()
    leads_to(site.cook.post(f"/kitchen{dish.page}/photo", files={"photo": ("p.png", PNG)}))
    return {"code": site.guest().order(dish.id), "photo": str(dish.now()["photo"])}
