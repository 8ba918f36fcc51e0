"""Frameworks change behind one address without lost sessions or failed requests."""

import itertools
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bench.core.paths import Paths
from bench.frameworks import environments
from bench.frameworks.environments import Environment, EnvironmentBuildError
from bench.frameworks.manifest import Framework, discover_frameworks
from bench.runtime import database
from bench.runtime.supervisor import Supervisor
from tests.bench.load import constant_load
from tests.contract.guest import Guest
from tests.contract.site import Site

SWITCHES = 20


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test with the parameter framework_name once for each framework."""
    if "framework_name" in metafunc.fixturenames:
        metafunc.parametrize(
            "framework_name", [framework.name for framework in select_frameworks(metafunc.config)]
        )


def select_frameworks(config: pytest.Config) -> list[Framework]:
    """Return the frameworks of the option --framework, or all."""
    return discover_frameworks(Paths.from_environ().apps).select(config.getoption("--framework"))


@pytest.fixture
def ready_names(pytestconfig: pytest.Config) -> list[str]:
    """The names of the frameworks whose environment is available."""
    outcomes = environments.ensure_all_environments(
        select_frameworks(pytestconfig), Paths.from_environ()
    )
    names = [name for name, outcome in outcomes.items() if isinstance(outcome, Environment)]
    if not names:
        raise next(
            outcome for outcome in outcomes.values() if isinstance(outcome, EnvironmentBuildError)
        )
    return names


@pytest.fixture
def supervisor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    """A supervisor with a fresh database and no framework yet."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    own = Paths.from_environ()
    places = Paths(own.apps, own.environments, tmp_path, own.static)
    database.ensure_database(places)
    with Supervisor(places, 0, on_progress=lambda line: None) as supervisor:
        yield supervisor


@pytest.fixture
def site(supervisor: Supervisor) -> Iterator[Site]:
    """The site at the address, whichever framework serves it."""
    with closing(Site("the site", supervisor.url)) as site:
        yield site


def reconnect(site: Site, token: str) -> Guest:
    """Return a client with the same cookie on a new connection, which loads every form again.

    A form of one framework cannot be sent to another: each framework has its own CSRF token. The
    connection must be new, because the old host still replies on an open connection.
    """
    site.close()
    client = site.guest()
    client.token = token
    return client


def test_the_environment_of_a_framework_is_available(framework_name: str) -> None:
    """Build the environment of each framework; the tests below use the available ones."""
    places = Paths.from_environ()
    assert environments.ensure_environment(
        discover_frameworks(places.apps).get(framework_name), places
    )


def test_session_cart_and_sign_in_continue_across_frameworks(
    supervisor: Supervisor, ready_names: list[str], site: Site
) -> None:
    supervisor.switch_to(ready_names[0])
    client = site.guest()
    assert client.put(1, 3).status == 303
    assert client.put(2, 3).status == 303
    assert client.sign_in().status == 303
    seen = set()
    for number, name in enumerate(ready_names, start=1):
        supervisor.switch_to(name)
        client = reconnect(site, client.token)
        quantity = 1 + number % 2
        assert client.put(1, quantity).status == 303, name
        assert "Signed in as ada" in client.page("/kitchen").text(), name
        fields = client.page("/cart").all("table.cart input[name=quantity]")
        assert fields[0].attributes["value"] == str(quantity), name
        assert len(client.page("/cart").all("table.cart tbody tr")) == 2, name
        seen.add(client.page("/about").texts("[data-varies]")[2])
    assert len(seen) == len(ready_names)
    code = client.order(5, 1)
    supervisor.switch_to(ready_names[0])
    assert "Status: placed" in client.page(f"/orders/{code}").text()


def test_no_request_fails_during_switches(supervisor: Supervisor, ready_names: list[str]) -> None:
    supervisor.switch_to(ready_names[0])
    turns = itertools.islice(itertools.cycle([*ready_names[1:], ready_names[0]]), SWITCHES)
    with constant_load(supervisor.url, "/", threads=3, pause_seconds=0.01, who=name_reply) as tally:
        for name in turns:
            supervisor.switch_to(name)
    assert not tally.failed
    assert sum(tally.answered.values()) > SWITCHES


def name_reply(reply: object, body: bytes) -> str:
    """Return "menu" for each reply that is the menu."""
    return "menu" if b"Leek soup" in body else "something else"
