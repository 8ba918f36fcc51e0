"""One request is followed exactly: the same way every time, and one call more is seen."""

import shutil
from dataclasses import replace

import pytest

from bench.analysis.handlers import ParsedSite
from bench.cli import trace_tables
from bench.core.paths import ROOT, Paths
from bench.core.progress import Progress
from bench.frameworks import environments, manifest
from bench.frameworks.features import FEATURES_BY_ID
from bench.measure.cost.call_counts import count_calls as layers_of
from bench.measure.trace.result import build_part, get_call_path
from bench.measure.trace.run import FrameworkTraces, trace_all
from bench.measure.workload.scenarios import select_pages
from bench.measure.workload.testbed import fresh_testbed
from bench.results.schema import LAYERS
from tests.bench.kitchens import bare, spoilt

MENU, ORDER, KITCHEN = "show-the-menu", "place-the-order", "show-the-kitchen"
HEALTH, STATIC = "report-health", "serve-a-static-file"


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    folder = tmp_path_factory.mktemp("journey")
    shutil.copytree(ROOT / "apps" / "pages", folder / "apps" / "pages")
    return Paths(folder / "apps", folder / "venvs", folder / "state")


def environment(name):
    return environments.ensure_environment(
        manifest.discover_frameworks(Paths().apps).get(name), Paths()
    )


def part(places, *environments, features=(HEALTH,)):
    """Return the part "journey" for these environments and features."""
    taken = [FrameworkTraces(one) for one in environments]
    with Progress() as progress:
        trace_all(taken, [FEATURES_BY_ID[id] for id in features], places, progress)
    return build_part(taken)


@pytest.fixture(scope="module")
def three(places):
    """The journeys of an order, and of the kitchen's page, through three frameworks."""
    return part(places, *map(environment, ("bare", "flask", "django")), features=(ORDER, KITCHEN))


def counts(part, name, feature):
    one = part["frameworks"][name]["features"][feature]
    return {key: value for key, value in one.items() if key not in ("share", "spine")}


def test_counts_are_equal_from_run_to_run_whatever_came_before(places, three):
    again = part(places, bare(), environment("flask"), features=(KITCHEN, ORDER))
    for name in ("bare", "flask"):
        for feature in (ORDER, KITCHEN):
            assert counts(again, name, feature) == counts(three, name, feature)
            assert get_call_path(again, name, feature) == get_call_path(three, name, feature)
            assert counts(again, name, feature)["steady"]


@pytest.mark.parametrize("name", ["flask", "django"])
@pytest.mark.parametrize("feature", [ORDER, KITCHEN])
def test_the_spine_leads_from_the_server_to_the_handler(three, name, feature):
    frames = get_call_path(three, name, feature)
    assert {key: frames[0][key] for key in ("layer", "module", "function")} == {
        "layer": "server", "module": "waitress.task", "function": "Task.service",
    }  # fmt: skip
    (handler,) = ParsedSite(environment(name).framework).select_handlers(FEATURES_BY_ID[feature])
    assert frames[-1]["layer"] == "app"
    assert (
        frames[-1]["file"]
        == f"apps/{ParsedSite(environment(name).framework).display_path(handler.file)}"
    )
    assert (frames[-1]["function"], frames[-1]["line"]) == (handler.name, handler.first_line)
    assert any(frame["layer"] == "framework" for frame in frames)
    said = counts(three, name, feature)
    assert said["depth"] == len(frames) <= said["deepest"]
    assert said["depth"] <= said["before"] < sum(said["calls"])


def test_every_line_of_a_spine_is_the_call_of_the_next(three):
    frames = get_call_path(three, "bare", ORDER)
    assert [frame["function"] for frame in frames[2:]] == [
        "Site.__call__", "Site.answer", "not_stored.<locals>.marked", "place_order",
    ]  # fmt: skip
    calls = ("self.answer(", "handler(request", "handler(request")
    for frame, words in zip(frames[2:5], calls, strict=True):
        line = (ROOT / frame["file"]).read_text().splitlines()[frame["line"] - 1]
        assert words in line


DIRECT = """if environ["PATH_INFO"].startswith("/static/"):
        start_response("200 OK", [])
        return [b"by itself"]"""
PLANTED = {
    "plain": DIRECT,
    "busy": f"(lambda: None)()\n    {DIRECT}",
    "lucky": 'import secrets\n    for _ in range(50): secrets.choice("abcde")',
}


@pytest.fixture(scope="module")
def planted(places):
    """The journeys through copies of bare in which something more runs."""
    kitchens = [spoilt(places, name, code) for name, code in PLANTED.items()]
    return part(places, *kitchens, features=(HEALTH, STATIC))


def test_a_planted_call_is_seen(planted):
    plain, busy = (counts(planted, name, HEALTH) for name in ("plain", "busy"))
    more = [there - here for here, there in zip(plain["calls"], busy["calls"], strict=True)]
    assert dict(zip(planted["layers"], more, strict=True)) == {
        "server": 0, "framework": 0, "app": 1, "template": 0, "larder": 0,
    }  # fmt: skip
    assert busy["before"] == plain["before"] + 1
    assert busy["depth"] == plain["depth"]


def test_chance_comes_out_the_same_every_time(planted):
    lucky = counts(planted, "lucky", HEALTH)
    assert lucky["steady"]
    assert sum(lucky["calls"]) > sum(counts(planted, "plain", HEALTH)["calls"]) + 100


def test_where_no_handler_runs_that_is_said(planted, capsys):
    assert get_call_path(planted, "plain", STATIC) == []
    assert counts(planted, "plain", STATIC)["before"] is None
    trace_tables.print_feature_table(planted, FEATURES_BY_ID[STATIC])
    told = capsys.readouterr().out
    assert "plain: no line of the handler runs" in told
    assert "lucky: no line" not in told


FAULTS = {
    "sour": (
        'if environ["PATH_INFO"] == "/health":\n        environ["PATH_INFO"] = "/nowhere"',
        "sour: report-health answered 404 on its journey",
    ),
    "gone": ("raise SystemExit", "gone: the worker is gone"),
    "dead": ("pass\n\n\nraise RuntimeError('it burnt')\n\n\ndef more():\n    whole = 0", "burnt"),
}


def test_a_kitchen_that_fails_is_named_and_the_others_go_on(places, capsys):
    kitchens = [spoilt(places, name, code) for name, (code, _) in FAULTS.items()]
    found = part(places, *kitchens, bare(), features=(HEALTH, STATIC))
    for name, (_, reason) in FAULTS.items():
        assert reason in found["frameworks"][name]["failed"][HEALTH]
        assert str(places.state) not in str(found)
    assert set(found["frameworks"]["sour"]["features"]) == {STATIC}
    assert set(found["frameworks"]["gone"]["failed"]) == {HEALTH, STATIC}
    assert set(found["frameworks"]["bare"]["features"]) == {HEALTH, STATIC}
    trace_tables.print_feature_table(found, FEATURES_BY_ID[HEALTH])
    told = capsys.readouterr().out
    assert "sour: no journey: " in told
    assert "\nbare " in told


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=pytest.mark.xdist_group(one)) for one in ("py4web", "web2py")]
)
def test_a_kitchen_in_a_folder_of_its_own_has_the_layers_that_its_calls_have(places, name):
    kitchen = environment(name)
    with fresh_testbed([kitchen], replace(places, state=places.state / name)) as ground:
        found = layers_of(ground, Progress(), select_pages(["menu"]))["layers"]["menu"][name]
    watched = counts(part(places, kitchen, features=(MENU,)), name, MENU)["calls"]
    assert set(LAYERS) == set(found)
    for layer, calls in zip(LAYERS, watched, strict=True):
        # The one counts what is built in and the reading of the request too; the other has a guest.
        assert 0 < calls < 1.5 * found[layer]
    assert watched[LAYERS.index("app")] < watched[LAYERS.index("framework")] / 10
