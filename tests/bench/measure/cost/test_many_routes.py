"""A framework with so many routes answers at each route, and at no other address."""

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
    """Test every framework that has a many_routes.py."""
    selected = metafunc.config.getoption("--framework")
    names = [
        framework.name
        for framework in discover_frameworks(Paths().apps).select(selected)
        if (framework.folder / "many_routes.py").exists()
    ]
    params = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in names]
    metafunc.parametrize("worker", params, indirect=True, scope="module")


@pytest.fixture(scope="module")
def worker(request, tmp_path_factory):
    """Start a worker of one framework's application with ROUTES routes."""
    paths = Paths()
    environment = environments.ensure_environment(
        discover_frameworks(paths.apps).get(request.param), paths
    )
    state = tmp_path_factory.mktemp("many")
    with fresh_testbed([environment], replace(paths, state=state)) as testbed:
        launch_spec = build_sized_launch_spec("many_routes", ROUTES, environment, testbed)
        worker = start_worker(launch_spec, state / "log")
        yield worker
        worker.kill()


@pytest.mark.parametrize("number", [0, ROUTES // 2, ROUTES - 1])
def test_every_route_answers_with_its_number(worker, number):
    reply = worker.call_once(Request(f"/route-{number}/{number + 7}"))
    assert (reply.status, reply.body) == (200, str(number + 7).encode())


@pytest.mark.parametrize(
    "target",
    [f"/route-{ROUTES}/7", "/route-0/soup", "/route-0/7th", "/route-0/7/7", "/route-0", "/"],
)
def test_any_other_address_is_not_found(worker, target):
    assert worker.call_once(Request(target)).status == 404
