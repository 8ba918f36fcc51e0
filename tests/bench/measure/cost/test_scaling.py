"""Growth is reported with its points; a framework that fails at a size has no point there."""

from dataclasses import replace

import pytest

from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.measure.cost import scaling
from bench.measure.workload.testbed import fresh_testbed
from tests.bench.kitchens import spoilt

MANY_ROUTES = """
import os
COUNT = int(os.environ["COOKOFF_ROUTES"])
def create_app(settings):
    def application(environ, start_response):
        _, name, number = environ["PATH_INFO"].split("/")
        known = name in {f"route-{number}" for number in range(min(COUNT, 20))}
        start_response("200 OK" if known else "404 Not Found", [])
        return [number.encode() if known else b"no such route"]
    return application
"""


@pytest.fixture
def testbed(tmp_path):
    paths = Paths(tmp_path / "apps", tmp_path / "venvs", tmp_path / "state")
    environment = spoilt(paths, "many", "pass")
    (environment.framework.folder / "many_routes.py").write_text(MANY_ROUTES)
    with fresh_testbed([environment], paths) as testbed:
        yield testbed


def axis(name, *sizes):
    [axis] = [axis for axis in scaling.AXES if axis.name == name]
    return replace(axis, sizes=sizes)


def measure(axis, testbed):
    """Return the results of the framework "many" along an axis."""
    return scaling.measure_axis(axis, testbed, Progress())["many"]


def test_routes_have_points_up_to_the_first_failure(testbed):
    curve = measure(axis("routes", 10, 20, 30), testbed)
    assert [size for size, _ in curve.points] == [10, 20]
    assert curve.exponent is not None
    assert curve.skipped == "30: answered 404"


def test_a_framework_that_fails_is_not_measured_at_larger_sizes(testbed, monkeypatch):
    measured, measure_size = [], scaling.measure_size

    def record_and_measure(axis, size, environments, testbed):
        measured.append([size, *(environment.framework.name for environment in environments)])
        return measure_size(axis, size, environments, testbed)

    monkeypatch.setattr(scaling, "measure_size", record_and_measure)
    measure(axis("routes", 30, 40), testbed)
    assert measured == [[30, "many"], [40]]


def test_an_upload_that_the_framework_counts_wrongly_has_no_point(testbed):
    curve = measure(axis("body", 1024), testbed)
    assert [size for size, _ in curve.points] == [1024]
    one_byte_less = replace(
        axis("body", 1024), build_request=lambda size: scaling.build_upload(size - 1)
    )
    assert measure(one_byte_less, testbed).points == []


def test_a_framework_without_the_module_of_an_axis_is_not_measured(testbed):
    (testbed.environments[0].framework.folder / "many_routes.py").unlink()
    assert scaling.measure_axis(axis("routes", 10), testbed, Progress()) == {}


def test_each_instrument_returns_all_axes_measured_so_far(monkeypatch):
    monkeypatch.setattr(
        scaling, "measure_axis", lambda axis, testbed, progress: {"many": axis.name}
    )
    results = [instrument(None, Progress(), []) for instrument in scaling.build_instruments()]
    assert [list(each.scaling) for each in results] == [
        ["rows"], ["rows", "body"], ["rows", "body", "routes"],
    ]  # fmt: skip
