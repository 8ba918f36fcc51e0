"""Fixtures: the site in Chromium, which Playwright controls."""

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

# Chromium's sandbox cannot start in a container; the tests open only pages of this machine.
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]


WITH, WITHOUT = "with JavaScript", "without JavaScript"


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker of tests that run with one framework only."""
    config.addinivalue_line(
        "markers", "one_house: run with one framework; the contract shows that all pages are equal"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests with each framework, and those marked `one_house` with the first only."""
    if "house" in metafunc.fixturenames:
        registry = discover_frameworks(Paths.from_environ().apps)
        names = [
            framework.name
            for framework in registry.select(metafunc.config.getoption("--framework"))
        ]
        if metafunc.definition.get_closest_marker("one_house"):
            names = names[:1]
        marks = {name: pytest.mark.xdist_group(name) for name in names}
        params = [pytest.param(name, marks=marks[name]) for name in names]
        if "visitor" in metafunc.fixturenames:
            # Without scripts equal pages behave alike, so one framework is enough.
            params = [pytest.param(n, WITH, marks=marks[n], id=f"{n}-{WITH}") for n in names]
            plain = f"{names[0]}-{WITHOUT}"
            params.append(pytest.param(names[0], WITHOUT, marks=marks[names[0]], id=plain))
            metafunc.parametrize(("house", "visitor"), params, indirect=True, scope="session")
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
    """A site with a fresh database."""
    folder = tmp_path_factory.mktemp("browser")
    with ExitStack() as stack:
        estate = Estate(folder, SqliteStock(folder))
        yield stack.enter_context(estate.open_house(request.param))


@pytest.fixture
def visitor(request: pytest.FixtureRequest, chromium: Browser, house: House) -> Iterator[Page]:
    """A page of a new browser context. The test fails if the browser reports an error."""
    scripts = request.param == WITH
    with Visit(chromium, house.url, java_script_enabled=scripts) as visit:
        yield visit.page
