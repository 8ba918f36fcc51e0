"""What grows is told with its points, and a kitchen that cannot take a size lacks that point."""

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
def ground(tmp_path):
    places = Paths(tmp_path / "apps", tmp_path / "venvs", tmp_path / "state")
    kitchen = spoilt(places, "many", "pass")
    (kitchen.framework.folder / "many_routes.py").write_text(MANY_ROUTES)
    with fresh_testbed([kitchen], places) as ground:
        yield ground


def axis(name, *sizes):
    [found] = [one for one in scaling.AXES if one.name == name]
    return replace(found, sizes=sizes)


def test_routes_grow_as_far_as_a_kitchen_has_them(ground):
    found = scaling.measure_axis(axis("routes", 10, 20, 30), ground, Progress())["many"]
    assert [size for size, _ in found["points"]] == [10, 20]
    assert found["exponent"] is not None
    assert found["left_out"] == "30: answered 404"


def test_who_cannot_take_a_size_is_not_asked_for_a_larger_one(ground, monkeypatch):
    asked = []
    whole = scaling.measure_size

    def at_size(axis, size, able, ground):
        asked.append([size, *(one.framework.name for one in able)])
        return whole(axis, size, able, ground)

    monkeypatch.setattr(scaling, "measure_size", at_size)
    scaling.measure_axis(axis("routes", 30, 40), ground, Progress())
    assert asked == [[30, "many"], [40]]


def test_a_body_is_looked_at_for_what_it_should_tell(ground):
    found = scaling.measure_axis(axis("body", 1024), ground, Progress())["many"]
    assert [size for size, _ in found["points"]] == [1024]
    wrong = replace(axis("body", 1024), request=lambda size: scaling.build_upload(size - 1))
    assert scaling.measure_axis(wrong, ground, Progress())["many"]["points"] == []


def test_a_kitchen_without_the_module_is_not_asked(ground):
    (ground.environments[0].framework.folder / "many_routes.py").unlink()
    assert scaling.measure_axis(axis("routes", 10), ground, Progress()) == {}


def test_every_axis_is_kept_as_soon_as_it_is_done(monkeypatch):
    monkeypatch.setattr(scaling, "measure_axis", lambda axis, ground, progress: {"many": axis.name})
    parts = [measure(None, Progress(), []) for measure in scaling.build_instruments()]
    assert [list(part["growth"]) for part in parts] == [
        ["rows"], ["rows", "body"], ["rows", "body", "routes"],
    ]  # fmt: skip
