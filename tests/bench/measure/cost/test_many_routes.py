"""However many routes a framework is given, it answers at each, and nowhere else."""

from dataclasses import replace

import pytest

from bench.core.paths import Paths
from bench.frameworks import environments
from bench.frameworks.manifest import discover_frameworks
from bench.measure.cost.scaling import build_sized_launch_spec
from bench.measure.workload.testbed import fresh_testbed
from bench.measure.workload.worker import Request, start_worker

ROUTES = 12


def pytest_generate_tests(metafunc):
    """Ask every framework that has them."""
    shelf = discover_frameworks(Paths().apps)
    names = [
        one.name
        for one in shelf.select(metafunc.config.getoption("--framework"))
        if (one.folder / "many_routes.py").exists()
    ]
    params = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in names]
    metafunc.parametrize("worker", params, indirect=True, scope="module")


@pytest.fixture(scope="module")
def worker(request, tmp_path_factory):
    """One framework's application with so many routes, called without a server."""
    places = Paths()
    environment = environments.ensure_environment(
        discover_frameworks(places.apps).get(request.param), places
    )
    state = tmp_path_factory.mktemp("many")
    with fresh_testbed([environment], replace(places, state=state)) as ground:
        worker = start_worker(
            build_sized_launch_spec("many_routes", ROUTES, environment, ground), state / "log"
        )
        yield worker
        worker.kill()


@pytest.mark.parametrize("number", [0, ROUTES // 2, ROUTES - 1])
def test_every_route_says_its_number(worker, number):
    reply = worker.call(Request(f"/route-{number}/{number + 7}"))
    assert (reply.status, reply.body) == (200, str(number + 7).encode())


@pytest.mark.parametrize(
    "target",
    [f"/route-{ROUTES}/7", "/route-0/soup", "/route-0/7th", "/route-0/7/7", "/route-0", "/"],
)
def test_another_address_is_not_found(worker, target):
    assert worker.call(Request(target)).status == 404
