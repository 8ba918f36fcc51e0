"""The site in a real browser: Debian's Chromium, driven by playwright."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bench.core.paths import Paths
from bench.frameworks.manifest import discover_frameworks
from tests.browser.visit import Visit
from tests.contract.house import Estate, House
from tests.contract.stock import SqliteStock

# Inside a container Chromium's own sandbox cannot start; only pages of this machine are opened.
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]


WITH, WITHOUT = "with JavaScript", "without JavaScript"


def pytest_configure(config: pytest.Config) -> None:
    """Know the mark of tests that one kitchen answers for all."""
    config.addinivalue_line("markers", "one_house: the contract proves the pages equal elsewhere")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Visit every kitchen; `one_house` is enough where equal pages cannot differ."""
    if "house" in metafunc.fixturenames:
        shelf = discover_frameworks(Paths.from_environ().apps)
        names = [one.name for one in shelf.select(metafunc.config.getoption("--framework"))]
        if metafunc.definition.get_closest_marker("one_house"):
            names = names[:1]
        marks = {name: pytest.mark.xdist_group(name) for name in names}
        params = [pytest.param(name, marks=marks[name]) for name in names]
        if "anyone" in metafunc.fixturenames:
            # Equal pages without scripts cannot differ, so one kitchen answers for all.
            params = [pytest.param(n, WITH, marks=marks[n], id=f"{n}-{WITH}") for n in names]
            plain = f"{names[0]}-{WITHOUT}"
            params.append(pytest.param(names[0], WITHOUT, marks=marks[names[0]], id=plain))
            metafunc.parametrize(("house", "anyone"), params, indirect=True, scope="session")
        else:
            metafunc.parametrize("house", params, indirect=True, scope="session")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("Chromium is missing; install it (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """A kitchen on a fresh larder."""
    folder = tmp_path_factory.mktemp("browser")
    with ExitStack() as stack:
        estate = Estate(folder, SqliteStock(folder))
        yield stack.enter_context(estate.open_house(request.param))


@pytest.fixture
def anyone(request: pytest.FixtureRequest, chromium: Browser, house: House) -> Iterator[Page]:
    """A page of a browser that was never here before; the visit must leave no complaint."""
    scripts = request.param == WITH
    with Visit(chromium, house.url, java_script_enabled=scripts) as visit:
        yield visit.page
