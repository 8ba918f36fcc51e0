"""Fixtures: the TechEmpower tests of each framework, with a fresh database."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

import shared_db
from bench.core.paths import Paths
from bench.frameworks import environments
from bench.frameworks.manifest import discover_frameworks
from bench.runtime import database
from bench.runtime.host import running_host
from tests.contract.wire import Exchange
from tests.wsgi_loader import SETTINGS_VARIABLE


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests with each selected framework."""
    if "exchange" in metafunc.fixturenames:
        registry = discover_frameworks(Paths.from_environ().apps)
        names = [
            framework.name
            for framework in registry.select(metafunc.config.getoption("--framework"))
        ]
        params = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in names]
        metafunc.parametrize("exchange", params, indirect=True, scope="session")


@pytest.fixture(scope="session")
def exchange(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Exchange]:
    """A connection to the TechEmpower tests of a framework."""
    places, folder = Paths.from_environ(), tmp_path_factory.mktemp("techempower")
    environment = environments.ensure_environment(
        discover_frameworks(places.apps).get(request.param), places
    )
    url = f"sqlite:///{folder / 'larder.sqlite3'}"
    shared_db.create(url)
    settings = database.build_settings(environment.title, places, url, photos_dir=str(folder))
    spec = replace(
        database.build_launch_spec(environment, settings),
        app="tests.techempower.counting:application",
        environ={SETTINGS_VARIABLE: json.dumps(settings)},
    )
    with (
        running_host(spec, folder / "log") as host,
        closing(Exchange(host.url)) as exchange,
    ):
        yield exchange
