"""What a kitchen does anew at each request is named, and what the request is about is not."""

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

import pytest

from bench.agent.file_layers import PathShortener
from bench.agent.prepared_request import PreparedRequest
from bench.agent.warm_audit import AUDIT_HOOK
from bench.agent.warm_use import summarize_uses
from bench.cli import cost_tables
from bench.core.paths import ROOT, Paths
from bench.core.progress import Progress
from bench.measure.cost import call_counts as counts
from bench.measure.workload.scenarios import PAGES, SITE, select_pages
from bench.measure.workload.testbed import fresh_testbed
from bench.results.request_warnings import find_warnings
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
    """What was counted of the menu in bare and its spoilt copies, and of bare's other pages."""
    folder = tmp_path_factory.mktemp("warm")
    shutil.copytree(ROOT / "apps" / "pages", folder / "apps" / "pages")
    places = Paths(folder / "apps", folder / "venvs", folder / "state")
    kitchens = [spoilt(places, name, code) for name, code in PLANTED.items()]
    with fresh_testbed([bare()], places) as ground:
        pages = [page for page in PAGES if page.module == SITE]
        sound = counts.count_calls(ground, Progress(), pages)
        ground = replace(ground, environments=(bare(), *kitchens))
        return sound, counts.count_calls(ground, Progress(), select_pages(["menu"]))


def test_a_sound_kitchen_does_nothing_anew_on_any_page(counted):
    sound, found = counted
    assert sound["warm"] == {page.name: {"bare": {}} for page in PAGES if page.module == SITE}
    assert found["warm"]["menu"]["bare"] == {}


def test_what_was_planted_is_named(counted):
    menu = copy.deepcopy(counted[1]["warm"]["menu"])
    compiled = menu["compiles"].pop("compiled")
    assert {"apps/pages/menu.html", "apps/pages/layout.html"} <= set(compiled["names"])
    opened = menu["compiles"].pop("opened")  # by the loader of the templates
    assert opened["names"] == compiled["names"]
    assert compiled["count"] == opened["count"] == len(compiled["names"])
    app = (ROOT / "apps" / "bare" / "app.py").read_text() + SPOILT
    line = app.splitlines().index("    {code}") + 1
    assert menu["evaluates"].pop("compiled") == {
        "count": 1,
        "names": [f"<string> in apps/evaluates/app.py:{line}"],
    }
    assert menu["imports"].pop("imported") == {"count": 1, "names": ["colorsys"]}
    assert menu["imports"].pop("opened")["count"] == 1  # the module's bytecode
    assert menu["opens"].pop("opened") == {"count": 1, "names": ["apps/opens/routing.py"]}
    assert menu["lists"].pop("listed") == {"count": 1, "names": ["apps/lists"]}
    assert menu["connects"].pop("connected") == {"count": 1, "names": [":memory:"]}
    assert menu == {name: {} for name in ["bare", *PLANTED]}


def test_the_template_that_is_compiled_anew_weighs_on_its_layer(counted):
    _, found = counted
    lines = [str(one) for one in find_warnings(found["warm"], found["layers"])]
    [heavy] = [line for line in lines if "the median of" in line]
    calls = found["layers"]["menu"]
    template, usual = calls["compiles"]["template"], calls["bare"]["template"]
    assert template > 5 * usual
    assert heavy == (
        f"compiles: menu: template: {template:,} calls, {template / usual:.1f} times "
        f"the median of 6 peers ({usual:,})"
    )


def test_the_command_warns_in_its_table_and_beside_json(counted, capsys):
    _, found = counted
    cost_tables.print_parts(found, as_json=False)
    told = capsys.readouterr().out
    assert "warning: imports: menu: imports 1 module on a warm request: colorsys" in told
    assert "warning: opens: menu: opens 1 file on a warm request: apps/opens/routing.py" in told
    assert "warning: compiles: menu: compiles " in told
    cost_tables.print_parts(found, as_json=True)
    told = capsys.readouterr()
    assert "warning" not in told.out
    assert "warning: imports: menu:" in told.err


def heard(what, requests=3):
    """Return what is heard of something that is done at each of a few requests."""
    found = []
    for _ in range(requests):
        with AUDIT_HOOK.record_uses() as used:
            what()
        found.append(used)
    return found


def used(what, tmp_path, path="/", content_type="", roots=()):
    line = {"target": path, "status": 200, "environ": {"CONTENT_TYPE": content_type}}
    settings = {"photos_dir": str(tmp_path / "photos"), "static_dir": str(tmp_path / "static")}
    return summarize_uses(heard(what), PreparedRequest(line, None), settings, PathShortener(roots))


CODE = compile("1", "<template>", "eval")


@pytest.mark.parametrize(
    "what",
    [
        pytest.param(lambda: eval(CODE), id="code that was kept is executed"),
        pytest.param(lambda: importlib.import_module("json"), id="a module that was imported"),
        pytest.param(lambda: os.fdopen(os.dup(0)).close(), id="a descriptor that is open"),
        pytest.param(Path(__file__).stat, id="the age of a file"),
        pytest.param(lambda: None, id="nothing"),
    ],
)
def test_what_is_kept_is_not_anew(what, tmp_path):
    assert used(what, tmp_path) == {}


def connect():
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())


@pytest.mark.parametrize(
    ("what", "kind", "count"),
    [
        pytest.param(Path(__file__).read_bytes, "opened", 1, id="a file"),
        pytest.param(lambda: os.close(os.open(__file__, 0)), "opened", 1, id="a descriptor"),
        pytest.param(lambda: tempfile.TemporaryFile().close(), "opened", 1, id="a temporary file"),
        pytest.param(lambda: list(os.scandir()), "listed", 1, id="a folder"),
        pytest.param(lambda: exec("a = 1; b = 2"), "compiled", 1, id="a text that is executed"),
        pytest.param(lambda: exec(compile("1", "x", "exec")), "compiled", 1, id="compiled and run"),
        pytest.param(lambda: compile("1", "x", "exec"), "compiled", 1, id="compiled alone"),
        pytest.param(lambda: [eval("1"), eval("2")], "compiled", 2, id="two texts"),
        pytest.param(lambda: sqlite3.connect(":memory:").close(), "connected", 1, id="a database"),
        pytest.param(connect, "connected", 1, id="a socket"),
        pytest.param(lambda: subprocess.call(["true"]), "started", 1, id="a process"),
    ],
)
def test_what_is_done_anew_is_counted_once(what, kind, count, tmp_path):
    found = used(what, tmp_path)
    assert found[kind]["count"] == count
    assert str(tmp_path) not in str(found)


def fail():
    with pytest.raises(ImportError):
        import no_such_module  # noqa: F401


def anew(load):
    def what():
        sys.modules.pop("colorsys", None)
        load("colorsys")

    return what


@pytest.mark.parametrize(
    ("what", "name"),
    [
        pytest.param(fail, "no_such_module", id="in vain"),
        pytest.param(anew(__import__), "colorsys", id="by a statement"),
        pytest.param(anew(importlib.import_module), "colorsys", id="by a function"),
        pytest.param(lambda: importlib.reload(sys.modules["colorsys"]), "colorsys", id="once more"),
    ],
)
def test_an_import_is_counted_once_in_each_request(what, name, tmp_path):
    found = used(what, tmp_path)
    assert found.pop("imported") == {"count": 1, "names": [name]}
    assert "compiled" not in found


def test_what_happens_at_the_first_of_the_requests_only_is_no_matter(tmp_path):
    calls = []

    def once():
        calls.append(1)
        if len(calls) == 1:
            Path(__file__).read_bytes()

    assert used(once, tmp_path) == {}


def test_the_file_that_is_asked_for_is_left_out_and_any_other_is_not(tmp_path):
    for file in ("static/site.css", "static/other.css", "photos/7.png"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text("x")
    both = lambda: [(tmp_path / "static" / f).read_bytes() for f in ("site.css", "other.css")]  # noqa: E731
    assert used(both, tmp_path, "/static/site.css")["opened"]["names"] == ["other.css"]
    photo = (tmp_path / "photos" / "7.png").read_bytes
    assert used(photo, tmp_path, "/photos/7.png") == {}
    assert used(photo, tmp_path, "/") == {"opened": {"count": 1, "names": ["7.png"]}}


def test_the_files_of_an_upload_are_left_out_and_those_of_a_form_are_not(tmp_path):
    (tmp_path / "photos").mkdir()

    def keep():
        with tempfile.TemporaryFile() as file:
            file.write(b"x")
        (tmp_path / "photos" / "7.png").write_bytes(b"x")

    assert used(keep, tmp_path, "/photo", "multipart/form-data; boundary=x") == {}
    found = used(keep, tmp_path, "/photo", "application/x-www-form-urlencoded")
    assert found == {"opened": {"count": 2, "names": ["a temporary file", "7.png"]}}


def test_a_switched_off_hook_hears_nothing_and_a_hook_is_added_once():
    with AUDIT_HOOK.record_uses() as first:
        pass
    Path(__file__).read_bytes()
    with AUDIT_HOOK.record_uses() as second:
        Path(__file__).read_bytes()
    assert (len(first), len(second)) == (0, 1)


def layers(*counts, layer="template", framework=50):
    return {
        "menu": {
            f"k{number}": {"framework": framework, "app": 1, "template": 1} | {layer: count}
            for number, count in enumerate(counts)
        }
    }


@pytest.mark.parametrize(
    ("found", "warned"),
    [
        pytest.param(layers(1001, 200, 200, 200), ["k0"], id="more than five times"),
        pytest.param(layers(1000, 200, 200, 200), [], id="five times"),
        pytest.param(layers(1001, 200, 200), [], id="two peers"),
        pytest.param(layers(99, 1, 1, 1), [], id="few calls"),
        pytest.param(layers(101, 1, 1, 1), ["k0"], id="enough calls"),
        pytest.param(layers(100, 0, 0, 0), ["k0"], id="a layer that others have not"),
        pytest.param(layers(5000, 4000, 100, 100, 100), ["k0", "k1"], id="two of them"),
        pytest.param(layers(900, 9, 9, 9, layer="app", framework=0), [], id="no framework"),
        pytest.param(layers(900, 9, 9, 9, layer="app"), ["k0"], id="an app with a framework"),
        pytest.param(layers(900, 9, 9, 0, layer="framework"), [], id="a peer without a framework"),
        pytest.param(layers(900, 9, 9, 9, 0, layer="framework"), ["k0"], id="three with one"),
    ],
)
def test_a_layer_is_held_against_the_median_of_its_peers(found, warned):
    assert [one.name for one in find_warnings({}, found)] == warned


def test_what_holds_for_several_pages_is_said_once():
    uses = {"imported": {"count": 5, "names": ["a", "b", "c", "d", "e"]}}
    [one] = find_warnings(
        {"menu": {"soup": uses}, "dish": {"soup": uses}, "cart": {"soup": {}}}, {}
    )
    assert str(one) == (
        "soup: menu, dish: imports 5 modules on a warm request: a, b, c and 2 more; "
        "import it when the application starts"
    )


def test_names_are_shown_without_a_path_of_this_machine():
    files = PathShortener([(str(ROOT), "")])
    assert files.shorten(__file__) == "tests/bench/measure/cost/test_cost_warm.py"
    assert files.shorten(sys.modules["json.decoder"].__file__) == "json/decoder.py"
    assert files.shorten("/somewhere/else/session-1") == "session-1"
