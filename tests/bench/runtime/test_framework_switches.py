"""The kitchens change behind one address: the guest at the table does not notice."""

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
    """Look at every kitchen by itself where a test asks for one."""
    if "kitchen" in metafunc.fixturenames:
        metafunc.parametrize("kitchen", [one.name for one in shelf_of(metafunc.config)])


def shelf_of(config: pytest.Config) -> list[Framework]:
    """Return the frameworks that are asked for, or all."""
    return discover_frameworks(Paths.from_environ().apps).select(config.getoption("--framework"))


@pytest.fixture
def kitchens(pytestconfig: pytest.Config) -> list[str]:
    """The names of the frameworks whose environment is there."""
    built = environments.ensure_all_environments(shelf_of(pytestconfig), Paths.from_environ())
    names = [name for name, one in built.items() if isinstance(one, Environment)]
    if not names:
        raise next(one for one in built.values() if isinstance(one, EnvironmentBuildError))
    return names


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    """An address with a fresh larder and nobody behind it yet."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    own = Paths.from_environ()
    places = Paths(own.apps, own.environments, tmp_path, own.static)
    database.ensure_database(places)
    with Supervisor(places, 0, on_progress=lambda line: None) as serving:
        yield serving


@pytest.fixture
def site(address: Supervisor) -> Iterator[Site]:
    """The site behind the address, whoever cooks."""
    with closing(Site("the site", address.url)) as site:
        yield site


def come_back(site: Site, token: str) -> Guest:
    """Return a guest who keeps the cookie and reads every form anew.

    A form that one framework made out is not sent to another: each writes its token its own way.
    So the guest hangs up, too: on a connection that is in use, whoever leaves answers once more.
    """
    site.close()
    guest = site.guest()
    guest.token = token
    return guest


def test_a_kitchen_takes_part(kitchen: str) -> None:
    """Or is left out by name: the tests below go round those that are there."""
    places = Paths.from_environ()
    assert environments.ensure_environment(discover_frameworks(places.apps).get(kitchen), places)


def test_session_cart_and_sign_in_go_on(
    address: Supervisor, kitchens: list[str], site: Site
) -> None:
    address.switch_to(kitchens[0])
    guest = site.guest()
    assert guest.put(1, 3).status == 303
    assert guest.put(2, 3).status == 303
    assert guest.sign_in().status == 303
    seen = set()
    for number, name in enumerate(kitchens, start=1):
        address.switch_to(name)
        guest = come_back(site, guest.token)
        quantity = 1 + number % 2
        assert guest.put(1, quantity).status == 303, name
        assert "Signed in as ada" in guest.page("/kitchen").text(), name
        fields = guest.page("/cart").all("table.cart input[name=quantity]")
        assert fields[0].attributes["value"] == str(quantity), name
        assert len(guest.page("/cart").all("table.cart tbody tr")) == 2, name
        seen.add(guest.page("/about").texts("[data-varies]")[2])
    assert len(seen) == len(kitchens)
    code = guest.order(5, 1)
    address.switch_to(kitchens[0])
    assert "Status: placed" in guest.page(f"/orders/{code}").text()


def test_no_request_fails_while_the_kitchens_change(
    address: Supervisor, kitchens: list[str]
) -> None:
    address.switch_to(kitchens[0])
    turns = itertools.islice(itertools.cycle([*kitchens[1:], kitchens[0]]), SWITCHES)
    with constant_load(address.url, "/", threads=3, pause_seconds=0.01, who=one_name) as tally:
        for name in turns:
            address.switch_to(name)
    assert not tally.failed
    assert sum(tally.answered.values()) > SWITCHES


def one_name(reply: object, body: bytes) -> str:
    """Count all answers together; each must be the menu."""
    return "menu" if b"Leek soup" in body else "something else"
