"""The trace of a request is the same in every run, and shows a single added call."""

import dataclasses
import shutil

import pytest
from msgspec.structs import asdict, replace

from bench.analysis.handlers import ParsedSite
from bench.cli import trace_tables
from bench.core.paths import ROOT, Paths
from bench.core.progress import Progress
from bench.core.words import get_module_name
from bench.frameworks import environments, manifest
from bench.frameworks.features import FEATURES_BY_ID
from bench.measure.cost.call_counts import count_calls
from bench.measure.trace.result import build_part
from bench.measure.trace.run import TraceRun, trace_all
from bench.measure.workload.scenarios import select_pages
from bench.measure.workload.testbed import fresh_testbed
from bench.results.schema import Frame
from tests.bench.kitchens import bare, spoilt

MENU, ORDER, KITCHEN = "show-the-menu", "place-the-order", "show-the-kitchen"
HEALTH, STATIC = "report-health", "serve-a-static-file"


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trace")
    shutil.copytree(ROOT / "apps" / "pages", folder / "apps" / "pages")
    return Paths(folder / "apps", folder / "venvs", folder / "state")


def environment(name):
    """Return the environment of a framework of the project."""
    return environments.ensure_environment(
        manifest.discover_frameworks(Paths().apps).get(name), Paths()
    )


def trace(paths, *environments, features=(HEALTH,)):
    """Return the part "traces" for these environments and features."""
    runs = [TraceRun(environment) for environment in environments]
    with Progress() as progress:
        trace_all(runs, [FEATURES_BY_ID[id] for id in features], paths, progress)
    return build_part(runs)


@pytest.fixture(scope="module")
def three(paths):
    """Return the traces of an order, and of the kitchen's page, through three frameworks."""
    return trace(paths, *map(environment, ("bare", "flask", "django")), features=(ORDER, KITCHEN))


def counts(part, name, feature):
    """Return the exact values of a trace: all but the shares of time and the numbers of frames."""
    trace = part.frameworks[name].features[feature]
    blocks = [(block.row, block.first, block.calls) for block in trace.blocks]
    return replace(trace, time_shares=None, handler_path=[], blocks=blocks)


def total(calls):
    return sum(asdict(calls).values())


def call_path(part, name, feature):
    """Return the frames from the server to the handler."""
    framework = part.frameworks[name]
    return [framework.frames[number] for number in framework.features[feature].handler_path]


def test_counts_are_equal_in_every_run_and_in_any_order_of_features(paths, three):
    again = trace(paths, bare(), environment("flask"), features=(KITCHEN, ORDER))
    for name in ("bare", "flask"):
        for feature in (ORDER, KITCHEN):
            assert counts(again, name, feature) == counts(three, name, feature)
            assert call_path(again, name, feature) == call_path(three, name, feature)
            assert counts(again, name, feature).stable


@pytest.mark.parametrize("name", ["flask", "django"])
@pytest.mark.parametrize("feature", [ORDER, KITCHEN])
def test_the_call_path_leads_from_the_server_to_the_handler(three, name, feature):
    frames = call_path(three, name, feature)
    assert (frames[0].layer, frames[0].function) == ("server", "Task.service")
    assert get_module_name(frames[0].file) == "waitress.task"
    (handler,) = ParsedSite(environment(name).framework).select_handlers(FEATURES_BY_ID[feature])
    file = f"apps/{ParsedSite(environment(name).framework).display_path(handler.file)}"
    assert frames[-1] == Frame("app", file, handler.name, handler.first_line)
    assert any(frame.layer == "framework" for frame in frames)
    trace = counts(three, name, feature)
    assert trace.handler_depth == len(frames) <= trace.maximum_depth
    assert trace.handler_depth <= trace.calls_before_handler < total(trace.calls)


def test_each_line_of_a_call_path_calls_the_next_function(three):
    frames = call_path(three, "bare", ORDER)
    assert [frame.function for frame in frames[2:]] == [
        "Site.__call__", "Site.answer", "not_stored.<locals>.marked", "place_order",
    ]  # fmt: skip
    calls = ("self.answer(", "handler(request", "handler(request")
    for frame, call in zip(frames[2:5], calls, strict=True):
        line = (ROOT / frame.file).read_text().splitlines()[frame.line - 1]
        assert call in line


DIRECT = """if environ["PATH_INFO"].startswith("/static/"):
        start_response("200 OK", [])
        return [b"by itself"]"""
PLANTED = {
    "plain": DIRECT,
    "busy": f"(lambda: None)()\n    {DIRECT}",
    "lucky": 'import secrets\n    for _ in range(50): secrets.choice("abcde")',
}


@pytest.fixture(scope="module")
def planted(paths):
    """Return the traces through copies of bare with additional code."""
    environments = [spoilt(paths, name, code) for name, code in PLANTED.items()]
    return trace(paths, *environments, features=(HEALTH, STATIC))


def test_a_planted_call_is_counted(planted):
    plain, busy = (counts(planted, name, HEALTH) for name in ("plain", "busy"))
    assert busy.calls == replace(plain.calls, app=plain.calls.app + 1)
    assert busy.calls_before_handler == plain.calls_before_handler + 1
    assert busy.handler_depth == plain.handler_depth


def test_random_choices_are_the_same_in_every_request(planted):
    lucky = counts(planted, "lucky", HEALTH)
    assert lucky.stable
    assert total(lucky.calls) > total(counts(planted, "plain", HEALTH).calls) + 100


def test_a_feature_without_a_handler_is_reported(planted, capsys):
    assert call_path(planted, "plain", STATIC) == []
    assert counts(planted, "plain", STATIC).calls_before_handler is None
    trace_tables.print_feature_table(planted, FEATURES_BY_ID[STATIC])
    output = capsys.readouterr().out
    assert "plain: no line of the handler runs" in output
    assert "lucky: no line" not in output


FAULTS = {  # name: the code that runs in each call, and the reason in the results
    "sour": (
        'if environ["PATH_INFO"] == "/health":\n        environ["PATH_INFO"] = "/nowhere"',
        "sour: report-health answered 404, not 200, during tracing",
    ),
    "gone": ("raise SystemExit", "gone: the worker process has ended"),
    "dead": ("pass\n\n\nraise RuntimeError('it burnt')\n\n\ndef more():\n    whole = 0", "burnt"),
}


def test_a_framework_that_fails_is_reported_and_the_others_are_traced(paths, capsys):
    environments = [spoilt(paths, name, code) for name, (code, _) in FAULTS.items()]
    part = trace(paths, *environments, bare(), features=(HEALTH, STATIC))
    for name, (_, reason) in FAULTS.items():
        assert reason in part.frameworks[name].failed[HEALTH]
        assert str(paths.state) not in str(part)
    assert set(part.frameworks["sour"].features) == {STATIC}
    assert set(part.frameworks["gone"].failed) == {HEALTH, STATIC}
    assert set(part.frameworks["bare"].features) == {HEALTH, STATIC}
    progress = capsys.readouterr().err
    assert "bare: traced 2 of 2 features\n" in progress
    assert "sour: traced 1 of 2 features\n" in progress
    trace_tables.print_feature_table(part, FEATURES_BY_ID[HEALTH])
    output = capsys.readouterr().out
    assert "sour: no trace: " in output
    assert "\nbare " in output


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("py4web", "web2py")],
)
def test_a_framework_in_a_generated_folder_has_the_same_layers_in_trace_and_count(paths, name):
    framework = environment(name)
    own_paths = dataclasses.replace(paths, state=paths.state / name)
    with fresh_testbed([framework], own_paths) as testbed:
        results = count_calls(testbed, Progress(), select_pages(["menu"]))
    counted = asdict(results.calls_by_layer["menu"][name])
    traced = counts(trace(paths, framework, features=(MENU,)), name, MENU).calls
    for layer, calls in asdict(traced).items():
        # The counts have built-in functions and the parsing of the request, the trace a session.
        assert 0 < calls < 1.5 * counted[layer]
    assert traced.app < traced.framework / 10
