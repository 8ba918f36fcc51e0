"""Resources that a framework uses anew in each request are reported; required ones are not."""

import colorsys  # noqa: F401
import copy
import importlib
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from bench.agent.file_layers import PathShortener
from bench.agent.prepared_request import PreparedRequest
from bench.agent.warm_audit import AUDIT_HOOK
from bench.agent.warm_use import summarize_uses
from bench.cli import cost_tables
from bench.core.paths import ROOT, Paths
from bench.core.progress import Progress
from bench.measure.cost import call_counts
from bench.measure.workload.scenarios import PAGES, SITE, select_pages
from bench.measure.workload.testbed import fresh_testbed
from bench.results.request_warnings import find_page_warnings, find_warnings
from bench.results.schema import LayerCalls, RepeatedWork
from tests.bench.kitchens import SPOILT, bare, spoilt

PLANTED = {
    "compiles": "self.pages.cache.clear()",
    "evaluates": 'eval("1 + 1")',
    "imports": "import sys; sys.modules.pop('colorsys', None); import colorsys",
    "opens": "open(__file__.replace('app.py', 'routing.py')).close()",
    "lists": "import os; os.listdir(os.path.dirname(__file__))",
    "connects": "import sqlite3; sqlite3.connect(':memory:').close()",
}


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """Return the counts of bare on all pages, and of bare and its planted copies on the menu."""
    folder = tmp_path_factory.mktemp("warm")
    shutil.copytree(ROOT / "apps" / "pages", folder / "apps" / "pages")
    paths = Paths(folder / "apps", folder / "venvs", folder / "state")
    environments = [spoilt(paths, name, code) for name, code in PLANTED.items()]
    with fresh_testbed([bare()], paths) as testbed:
        pages = [page for page in PAGES if page.module == SITE]
        bare_counts = call_counts.count_calls(testbed, Progress(), pages)
        testbed = replace(testbed, environments=(bare(), *environments))
        menu = select_pages(["menu"])
        return bare_counts, call_counts.count_calls(testbed, Progress(), menu)


def test_bare_uses_nothing_anew_on_any_page(counted):
    bare_counts, menu_counts = counted
    names = [page.name for page in PAGES if page.module == SITE]
    assert bare_counts.repeated_work == {name: {"bare": {}} for name in names}
    assert menu_counts.repeated_work["menu"]["bare"] == {}


def test_each_planted_use_is_reported_by_name(counted):
    menu = copy.deepcopy(counted[1].repeated_work["menu"])
    compiled = menu["compiles"].pop("compiled")
    assert {"apps/pages/menu.html", "apps/pages/layout.html"} <= set(compiled.names)
    opened = menu["compiles"].pop("opened")  # by the template loader
    assert opened.names == compiled.names
    assert compiled.count == opened.count == len(compiled.names)
    app = (ROOT / "apps" / "bare" / "app.py").read_text() + SPOILT
    line = app.splitlines().index("    {code}") + 1
    assert menu["evaluates"].pop("compiled") == RepeatedWork(
        1, [f"<string> in apps/evaluates/app.py:{line}"]
    )
    assert menu["imports"].pop("imported") == RepeatedWork(1, ["colorsys"])
    assert menu["imports"].pop("opened").count == 1  # the module's bytecode
    assert menu["opens"].pop("opened") == RepeatedWork(1, ["apps/opens/routing.py"])
    assert menu["lists"].pop("listed") == RepeatedWork(1, ["apps/lists"])
    assert menu["connects"].pop("connected") == RepeatedWork(1, [":memory:"])
    assert menu == {name: {} for name in ["bare", *PLANTED]}


def test_a_template_that_is_compiled_anew_increases_the_calls_of_its_layer(counted):
    _, menu_counts = counted
    warnings = find_page_warnings(menu_counts)
    [line] = [str(warning) for warning in warnings if "the median of" in str(warning)]
    calls = menu_counts.calls_by_layer["menu"]
    template, usual = calls["compiles"].template, calls["bare"].template
    assert template > 5 * usual
    assert line == (
        f"compiles: menu: template: {template:,} calls, {template / usual:.1f} times "
        f"the median of 6 peers ({usual:,})"
    )


def test_warnings_are_printed_below_the_tables_and_beside_json(counted, capsys):
    _, menu_counts = counted
    cost_tables.print_results(menu_counts, as_json=False)
    output = capsys.readouterr().out
    assert "warning: imports: menu: imports 1 module on a warm request: colorsys" in output
    assert "warning: opens: menu: opens 1 file on a warm request: apps/opens/routing.py" in output
    assert "warning: compiles: menu: compiles " in output
    cost_tables.print_results(menu_counts, as_json=True)
    captured = capsys.readouterr()
    assert "warning" not in captured.out
    assert "warning: imports: menu:" in captured.err


def record(action, requests=3):
    """Return the uses in each request when every request runs this action."""
    uses = []
    for _ in range(requests):
        with AUDIT_HOOK.record_uses() as request_uses:
            action()
        uses.append(request_uses)
    return uses


def summarize(action, tmp_path, path="/", content_type="", roots=()):
    """Return the summary of the uses of requests that run this action."""
    request = {"target": path, "status": 200, "environ": {"CONTENT_TYPE": content_type}}
    settings = {"photos_dir": str(tmp_path / "photos"), "static_dir": str(tmp_path / "static")}
    prepared = PreparedRequest(request, None)
    return summarize_uses(record(action), prepared, settings, PathShortener(roots))


CODE = compile("1", "<template>", "eval")


@pytest.mark.parametrize(
    "action",
    [
        pytest.param(lambda: eval(CODE), id="running compiled code"),
        pytest.param(lambda: importlib.import_module("json"), id="importing an imported module"),
        pytest.param(lambda: os.fdopen(os.dup(0)).close(), id="duplicating an open descriptor"),
        pytest.param(Path(__file__).stat, id="reading the age of a file"),
        pytest.param(lambda: None, id="nothing"),
    ],
)
def test_the_use_of_a_resource_that_is_ready_is_not_counted(action, tmp_path):
    assert summarize(action, tmp_path) == {}


def connect():
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())


@pytest.mark.parametrize(
    ("action", "kind", "count"),
    [
        pytest.param(Path(__file__).read_bytes, "opened", 1, id="a file"),
        pytest.param(lambda: os.close(os.open(__file__, 0)), "opened", 1, id="a descriptor"),
        pytest.param(lambda: tempfile.TemporaryFile().close(), "opened", 1, id="a temporary file"),
        pytest.param(lambda: list(os.scandir()), "listed", 1, id="a folder"),
        pytest.param(lambda: exec("a = 1; b = 2"), "compiled", 1, id="executing a string"),
        pytest.param(
            lambda: exec(compile("1", "x", "exec")), "compiled", 1, id="compiling and running"
        ),
        pytest.param(lambda: compile("1", "x", "exec"), "compiled", 1, id="compiling only"),
        pytest.param(lambda: [eval("1"), eval("2")], "compiled", 2, id="evaluating two strings"),
        pytest.param(lambda: sqlite3.connect(":memory:").close(), "connected", 1, id="a database"),
        pytest.param(connect, "connected", 1, id="a socket"),
        pytest.param(lambda: subprocess.call(["true"]), "started", 1, id="a process"),
    ],
)
def test_each_new_use_is_counted_once(action, kind, count, tmp_path):
    uses = summarize(action, tmp_path)
    assert uses[kind]["count"] == count
    assert str(tmp_path) not in str(uses)


def fail_to_import():
    with pytest.raises(ImportError):
        import no_such_module  # noqa: F401


def import_again(load):
    """Return an action that imports a module with `load`, as if for the first time."""

    def action():
        sys.modules.pop("colorsys", None)
        load("colorsys")

    return action


@pytest.mark.parametrize(
    ("action", "name"),
    [
        pytest.param(fail_to_import, "no_such_module", id="import that fails"),
        pytest.param(import_again(__import__), "colorsys", id="import statement"),
        pytest.param(import_again(importlib.import_module), "colorsys", id="import_module()"),
        pytest.param(lambda: importlib.reload(sys.modules["colorsys"]), "colorsys", id="reload()"),
    ],
)
def test_an_import_is_counted_once_in_each_request(action, name, tmp_path):
    uses = summarize(action, tmp_path)
    assert uses.pop("imported") == {"count": 1, "names": [name]}
    assert "compiled" not in uses


def test_a_use_in_only_the_first_request_is_not_counted(tmp_path):
    calls = []

    def read_once():
        calls.append(1)
        if len(calls) == 1:
            Path(__file__).read_bytes()

    assert summarize(read_once, tmp_path) == {}


def test_the_requested_file_is_not_counted_and_any_other_file_is(tmp_path):
    for file in ("static/site.css", "static/other.css", "photos/7.png"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text("x")
    both = lambda: [(tmp_path / "static" / f).read_bytes() for f in ("site.css", "other.css")]  # noqa: E731
    assert summarize(both, tmp_path, "/static/site.css")["opened"]["names"] == ["other.css"]
    photo = (tmp_path / "photos" / "7.png").read_bytes
    assert summarize(photo, tmp_path, "/photos/7.png") == {}
    assert summarize(photo, tmp_path, "/") == {"opened": {"count": 1, "names": ["7.png"]}}


def test_the_files_of_an_upload_are_not_counted_and_those_of_a_form_are(tmp_path):
    (tmp_path / "photos").mkdir()

    def store_photo():
        with tempfile.TemporaryFile() as file:
            file.write(b"x")
        (tmp_path / "photos" / "7.png").write_bytes(b"x")

    assert summarize(store_photo, tmp_path, "/photo", "multipart/form-data; boundary=x") == {}
    uses = summarize(store_photo, tmp_path, "/photo", "application/x-www-form-urlencoded")
    assert uses == {"opened": {"count": 2, "names": ["a temporary file", "7.png"]}}


def test_the_audit_hook_records_only_while_it_is_on_and_each_use_once():
    with AUDIT_HOOK.record_uses() as first:
        pass
    Path(__file__).read_bytes()
    with AUDIT_HOOK.record_uses() as second:
        Path(__file__).read_bytes()
    assert (len(first), len(second)) == (0, 1)


def layers(*counts, layer="template", framework=50):
    """Return the calls by layer of frameworks k0, k1, ..., which differ in one layer."""
    return {
        "menu": {
            f"k{number}": msgspec.structs.replace(
                LayerCalls(0, framework, 1, 1, 0), **{layer: count}
            )
            for number, count in enumerate(counts)
        }
    }


@pytest.mark.parametrize(
    ("calls", "names"),
    [
        pytest.param(layers(1001, 200, 200, 200), ["k0"], id="more than five times"),
        pytest.param(layers(1000, 200, 200, 200), [], id="five times"),
        pytest.param(layers(1001, 200, 200), [], id="two peers"),
        pytest.param(layers(99, 1, 1, 1), [], id="few calls"),
        pytest.param(layers(101, 1, 1, 1), ["k0"], id="enough calls"),
        pytest.param(layers(100, 0, 0, 0), ["k0"], id="a layer without calls in the others"),
        pytest.param(layers(5000, 4000, 100, 100, 100), ["k0", "k1"], id="two frameworks"),
        pytest.param(
            layers(900, 9, 9, 9, layer="app", framework=0), [], id="an app without a framework"
        ),
        pytest.param(layers(900, 9, 9, 9, layer="app"), ["k0"], id="an app with a framework"),
        pytest.param(layers(900, 9, 9, 0, layer="framework"), [], id="two peers with a framework"),
        pytest.param(
            layers(900, 9, 9, 9, 0, layer="framework"), ["k0"], id="three peers with a framework"
        ),
    ],
)
def test_a_layer_is_compared_with_the_median_of_its_peers(calls, names):
    assert [warning.name for warning in find_warnings({}, calls)] == names


def test_a_warning_for_several_pages_is_one_line():
    uses = {"imported": RepeatedWork(5, ["a", "b", "c", "d", "e"])}
    pages = {"menu": {"soup": uses}, "dish": {"soup": uses}, "cart": {"soup": {}}}
    [warning] = find_warnings(pages, {})
    assert str(warning) == (
        "soup: menu, dish: imports 5 modules on a warm request: a, b, c and 2 more; "
        "import it when the application starts"
    )


def test_file_names_have_no_path_of_this_machine():
    files = PathShortener([(str(ROOT), "")])
    assert files.shorten(__file__) == "tests/bench/measure/cost/test_warm_uses.py"
    assert files.shorten(sys.modules["json.decoder"].__file__) == "json/decoder.py"
    assert files.shorten("/somewhere/else/session-1") == "session-1"
