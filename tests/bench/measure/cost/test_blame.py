"""The time of a page is attributed to the app's own lines, and adds up."""

import shutil
from dataclasses import replace

import pytest

from bench.cli import blame as blame_output
from bench.core.paths import ROOT, Paths
from bench.frameworks.manifest import discover_frameworks
from bench.measure.cost.blame import Frame, HandlerLines, fold_stacks, measure_blame
from bench.measure.workload.scenarios import select_pages
from bench.measure.workload.testbed import fresh_testbed
from tests.bench.kitchens import bare, environment_of

FRAMEWORKS = discover_frameworks(ROOT / "apps").frameworks
MENU = select_pages(["menu"])[0]
HANDLERS = [HandlerLines("apps/tiny/handlers.py", 10, 19)]

MIDDLEWARE = Frame("app", "apps/tiny/app.py", 5, "wrap", False)
HANDLER = Frame("app", "apps/tiny/handlers.py", 12, "show_menu", False)
TEMPLATE = Frame("app", "apps/pages/menu.html", 3, "", True)
ROUTER = Frame("pan", "pan/router.py", 7, "dispatch", False)
ENGINE = Frame("pan", "pan/engine.py", 9, "render", False)
LIBRARY = Frame("Python", "json/decoder.py", 1, "decode", False)
LARDER = Frame("shared_db", "shared_db/dishes.py", 1, "menu", False)


def test_time_is_counted_for_the_line_that_runs_and_for_the_line_that_calls():
    stacks = {
        (TEMPLATE, ENGINE, HANDLER, ROUTER, MIDDLEWARE): 1,
        (ENGINE, TEMPLATE, ENGINE, HANDLER, ROUTER, MIDDLEWARE): 2,
        (ENGINE, HANDLER, ROUTER, MIDDLEWARE): 4,
        (LARDER, HANDLER, ROUTER, MIDDLEWARE): 8,
        (HANDLER, ROUTER, MIDDLEWARE): 16,
    }
    own, total = fold_stacks(stacks, HANDLERS)
    assert own == {TEMPLATE: 1, "pan": 6, "shared_db": 8, HANDLER: 16}
    assert total == {TEMPLATE: 3, HANDLER: 28}


def test_a_line_around_the_handler_is_not_charged_for_the_framework():
    stacks = {
        (HANDLER, ROUTER, MIDDLEWARE): 1,
        (ROUTER, MIDDLEWARE): 2,
        (LIBRARY, MIDDLEWARE): 4,
        (MIDDLEWARE,): 8,
    }
    own, total = fold_stacks(stacks, HANDLERS)
    assert own == {HANDLER: 1, "pan": 2, "Python": 4, MIDDLEWARE: 8}
    assert total == own
    hook = MIDDLEWARE._replace(line=6)  # the framework calls the hook, which runs no handler
    own, total = fold_stacks({**stacks, (LIBRARY, hook, ROUTER): 16}, HANDLERS)
    assert total[hook] == 16


PLANTED = """\
    [None for _ in range(60_000)]
    [None for _ in range(20_000)]
    textwrap.wrap(WORDS)
"""


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """Return the blame of a copy of bare whose menu does known work on three lines."""
    folder = tmp_path_factory.mktemp("blame")
    shutil.copytree(ROOT / "apps" / "pages", folder / "apps" / "pages")
    original = bare()
    copy = shutil.copytree(original.framework.folder, folder / "apps" / "planted")
    handlers = copy / "handlers.py"
    docstring = '    """Show the menu."""\n'
    code = handlers.read_text().replace(docstring, docstring + PLANTED)
    handlers.write_text(f"{code}\n\nimport textwrap\n\nWORDS = 'a b ' * 2000\n")
    framework = replace(original.framework, name="planted", folder=copy)
    paths = Paths(folder / "apps", folder / "venvs", folder / "state")
    with fresh_testbed([replace(original, framework=framework)], paths) as testbed:
        return measure_blame(testbed, MENU, as_taught=False, samples=1500)


def test_known_work_is_found_at_its_lines(planted):
    assert planted.samples >= 1500
    by_source = {line.source: line for line in planted.lines if line.file == "handlers.py"}
    large, small, wrap = (by_source[source.strip()] for source in PLANTED.splitlines())
    assert 2 < large.self_percent / small.self_percent < 4.5  # 3 times the work
    assert large.total_percent == pytest.approx(large.self_percent, rel=0.05)
    assert wrap.total_percent > 10 * wrap.self_percent
    [library] = [owner for owner in planted.owners if owner.role == "Python"]
    assert library.self_percent > 10 * library.total_percent
    planted_percent = large.total_percent + small.total_percent + wrap.total_percent
    assert planted_percent > 60
    assert {line.function for line in (large, small, wrap)} == {"show_menu"}


def test_the_columns_add_up_to_a_request(planted):
    costs = [*planted.lines, *planted.owners]
    assert sum(cost.self_percent for cost in costs) == pytest.approx(100)
    assert sum(cost.total_percent for cost in costs) == pytest.approx(100)
    assert sum(cost.self_microseconds for cost in costs) == pytest.approx(planted.microseconds)
    assert {owner.role for owner in planted.owners} >= {"database", "server", "framework"}


def test_the_table_fits_100_columns_and_ends_with_the_sum(planted, capsys):
    blame_output.print_blame(planted)
    output = capsys.readouterr().out
    assert max(map(len, output.splitlines())) <= 100
    assert "planted, menu, hardened: " in output
    [total] = [line for line in output.splitlines() if line.endswith("sum")]
    assert total.split()[0] == total.split()[2] == "100.0"


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_templates_are_traced_back_to_their_lines(name, tmp_path):
    with fresh_testbed([environment_of(name)], Paths(state=tmp_path)) as testbed:
        result = measure_blame(testbed, MENU, as_taught=True, samples=400)
    assert result.as_taught
    drivers = {owner.owner for owner in result.owners if owner.role == "driver"}
    assert drivers <= {"SQLAlchemy", "psycopg", "typing_extensions"}
    if name == "web2py":  # its compiled views keep no lines
        views = {line.file for line in result.lines if "/views/" in line.file}
        assert {view.rpartition("/")[2] for view in views} == {"show_menu.html"}
    else:
        assert any("dish.description" in line.source for line in result.lines)
