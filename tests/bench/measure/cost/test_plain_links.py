"""The cost of links by name is measured against a copy of the app with the paths written out."""

import re
import shutil
from dataclasses import replace

import pytest

from bench.core.errors import CookoffError
from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.frameworks.manifest import PLAIN_LINKS_FILE, discover_frameworks
from bench.measure.cost import plain_links
from bench.measure.cost.budget import SamplingBudget
from bench.measure.cost.plain_links import LinkTableError, has_links_by_name, write_plain_copy
from bench.measure.workload.scenarios import select_pages
from bench.measure.workload.testbed import fresh_testbed
from bench.results.views import build_link_rows
from tests.bench.kitchens import bare

MENU = select_pages(["menu"])
FRAMEWORKS = discover_frameworks(Paths.from_environ().apps).frameworks
BY_NAME = [name for name, framework in FRAMEWORKS.items() if has_links_by_name(framework)]
TABLE = """
call = "find_path("
[[links]]
file = "reply.py"
link = 'find_path("menu.html")'
path = '"menu.html"'
"""
# The menu of this copy finds its template by a slow function, as if it built links by name.
FINDER = """
def find_path(name):
    for _ in range(20_000):
        len(name)
    return name
"""
PLANTED_CALLS = 20_001


@pytest.mark.parametrize("name", BY_NAME)
def test_the_table_of_an_app_fits_its_templates(name, tmp_path):
    folder = tmp_path / name
    write_plain_copy(FRAMEWORKS[name], folder)
    copies = [file for file in folder.rglob("*") if file.is_file()]
    original = FRAMEWORKS[name].folder
    changed = {
        file.stem
        for file in copies
        if file.read_bytes() != (original / file.relative_to(folder)).read_bytes()
    }
    assert changed == {"layout", "dish_card"}


def copy_bare(places, table, name="linked"):
    """Return a copy of bare whose menu looks up a path, with a table of links."""
    original = bare()
    folder = places.apps / name
    shutil.copytree(original.framework.folder, folder)
    reply = folder / "reply.py"
    text = reply.read_text().replace(
        "request.pages.get_template(name)",
        'request.pages.get_template(find_path("menu.html") if name == "menu.html" else name)',
    )
    reply.write_text(text.replace("import json\n", "import json\n\nfrom finder import find_path\n"))
    (folder / "finder.py").write_text(FINDER)
    (folder / PLAIN_LINKS_FILE).write_text(table)
    return replace(original, framework=replace(original.framework, name=name, folder=folder))


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        pytest.param(
            TABLE.replace('"menu.html"', '"cart.html"'),
            "'find_path(\"cart.html\")' occurs 0 times in reply.py, not 1; correct the table",
            id="a link that is not there",
        ),
        pytest.param(TABLE + "count = 2\n", "occurs 1 time in reply.py, not 2", id="too few"),
        pytest.param(
            TABLE.replace("find_path(", "get_template(", 1),
            "reply.py has more links with 'get_template('; add them to the table",
            id="a link that the table lacks",
        ),
        pytest.param("call = 1", "Expected `str`, got `int`; correct the value", id="no text"),
        pytest.param(TABLE + 'goal = "/"\n', "unknown key 'links[0].goal'", id="an unknown key"),
        pytest.param(
            TABLE.replace("reply.py", "none.py"), "none.py: No such file", id="a missing file"
        ),
    ],
)
def test_a_table_that_does_not_fit_is_refused(places, tmp_path, table, reason):
    environment = copy_bare(places, table)
    with pytest.raises(CookoffError, match=re.escape(reason)):
        write_plain_copy(environment.framework, tmp_path / "plain")


def measure(places, table):
    """Return the part for bare and a copy of bare with a table of links."""
    environments = [bare(), copy_bare(places, table)]
    budget = SamplingBudget(3, 3)
    with fresh_testbed(environments, Paths(state=places.state)) as testbed:
        return plain_links.measure_plain_links(testbed, Progress(), MENU, budget, 1).plain_links


def test_links_by_name_are_compared_with_paths_written_out(places):
    part = measure(places, TABLE)
    assert (part.baseline, part.launches, part.failed) == ("bare", 3, {})
    assert part.written_out == ["bare"]
    assert set(part.pages["menu"]) == {"linked"}
    cost = part.pages["menu"]["linked"]
    # Not the verdict, which may be "not decided" on a busy machine; simulated runs test it.
    assert cost.added_microseconds > 0
    assert cost.added_low < cost.added_microseconds < cost.added_high
    assert cost.added_calls == PLANTED_CALLS
    [row] = build_link_rows(part, "menu")
    assert row["µs by name"] == pytest.approx(row["µs plain"] + cost.added_microseconds)


def test_a_copy_that_sends_other_bytes_is_not_measured(places):
    table = TABLE.replace("path = '\"menu.html\"'", "path = '\"search.html\"'")
    with pytest.raises(CookoffError, match="linked with plain links"):
        measure(places, table)


def test_the_message_about_a_table_names_file_and_line(places, tmp_path):
    environment = copy_bare(places, TABLE + "count = 2\n")
    with pytest.raises(LinkTableError, match=rf"linked/{PLAIN_LINKS_FILE}:5: "):
        write_plain_copy(environment.framework, tmp_path / "plain")
