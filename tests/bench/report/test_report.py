"""The report says what the results say, and shows everything in them as text."""

import json
import re
from html import unescape

import pytest

from bench.cli import main
from bench.core.errors import DependencyError
from bench.report import page, ranking
from bench.report.annotated_source import AnnotatedSource
from bench.results import store as results
from bench.results.subset import select_results
from tests.bench.results.samples import found, kitchen, text_of


@pytest.fixture
def flask():
    return AnnotatedSource(kitchen("flask", "Flask 3", 300))


def unrun(lines):
    return [text_of(str(line)).strip() for line in lines if 'class="unrun"' in str(line)]


def test_the_report_is_the_same_for_the_same_results():
    assert page.render_report(found()) == page.render_report(json.loads(json.dumps(found())))


def test_lines_of_a_handler_that_did_not_run_are_marked(flask):
    (piece,) = flask.find_handlers("show-the-menu")
    assert unrun(piece.lines) == ['return "closed"']
    assert (piece.first, piece.last) == (6, 11)


def test_a_function_that_ran_on_the_way_is_named(flask):
    names = {one.name for one in [*flask.find_helpers("show-the-menu"), *flask.common_helpers]}
    assert names == {"closed", "show_menu"}


def test_what_runs_for_most_features_is_told_once():
    facts = kitchen("flask", "Flask 3", 300)
    every = {feature: {"flask/handlers.py": "16"} for feature in facts["ran"]["features"]}
    facts["ran"]["features"] = every | {"show-the-menu": {"flask/handlers.py": "9,11,16"}}
    busy = AnnotatedSource(facts)
    assert [one.name for one in busy.common_helpers] == ["closed"]
    assert busy.find_helpers("show-the-menu") == []


def test_dead_code_is_marked_in_the_sources(flask):
    lines = str(flask.render_listing("flask/handlers.py")).splitlines()
    assert unrun(lines) == ["return None"]


def test_a_name_of_the_framework_leads_to_its_documentation(flask):
    (piece,) = flask.find_handlers("show-the-menu")
    assert '<a class="fw" href="https://example.org/search?q=fry" title="pan.fry">fry</a>' in str(
        piece.lines[-1]
    )


def test_every_link_into_the_page_leads_somewhere():
    facts = kitchen("flask", "Flask 3", 300)
    said = [
        {"file": "flask/handlers.py", "name": "", "first_line": 1, "last_line": 20, "lines": 9},
        # A value, and no function.
        {"file": "flask/handlers.py", "name": "X", "first_line": 3, "last_line": 3, "lines": 1},
    ]
    facts["brings"]["json"] = {"by": "hand", "code": said, "lines": 10}
    shown = page.render_report(found(facts))
    links = {unescape(link) for link in re.findall(r'href="#([^"]+)"', shown)}
    assert {"flask/handlers.py-3", "file-flask/handlers.py"} <= links
    assert links <= {unescape(id) for id in re.findall(r' id="([^"]+)"', shown)}


def test_a_listing_sets_names_apart_and_leads_nowhere(flask):
    listing = str(flask.render_listing("flask/handlers.py"))
    assert "<b>fry</b>" in listing
    assert "<a " not in listing


HOSTILE = "<script>alert(1)</script>\u202eevil\x07"


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda one: one.update(title=HOSTILE), id="a title"),
        pytest.param(lambda one: one.update(summary=HOSTILE), id="a summary"),
        pytest.param(
            lambda one: one["sources"].update({"flask/handlers.py": f'x = """{HOSTILE}"""\n' * 20}),
            id="a source",
        ),
        pytest.param(
            lambda one: one["deviations"].append(
                {"clause": HOSTILE, "reason": HOSTILE, "source": HOSTILE}
            ),
            id="a deviation",
        ),
        pytest.param(lambda one: one["contract"]["failed"].append(HOSTILE), id="a clause"),
    ],
)
def test_hostile_facts_are_shown_as_text(spoil):
    one = kitchen("flask", "Flask 3", 300)
    for feature in one["code"]["features"]:
        feature["handlers"] = []
    one["ran"]["features"] = {name: {} for name in one["ran"]["features"]}
    spoil(one)
    shown = page.render_report(found(one))
    assert "<script>alert" not in shown
    assert "alert" in shown
    assert "\u202e" not in shown
    assert "\\u202e" in shown
    assert "\x07" not in shown


def test_equals_share_a_place():
    assert ranking.rank_values({"a": 3, "b": 1, "c": 3, "d": 2}) == {
        "a": 2, "b": 0, "c": 2, "d": 1,
    }  # fmt: skip


def test_what_was_not_shown_to_differ_is_equal():
    quicker = {"a": ["c"], "b": [], "c": []}  # nothing is shown of b
    assert ranking.rank_by_significance("abc", quicker) == {"a": 0, "b": 0, "c": 1}


def test_every_figure_at_a_glance_is_in_the_results():
    shown = page.render_report(found())
    table = shown[shown.index('id="glance-table"') : shown.index("</table>")]
    row = text_of(table[table.index('data-name="flask"') :])
    for figure in ("9 of 10", "300", "200", "9", "1", "3.0", "+50 ± 10"):
        assert figure in row


def test_who_agrees_is_grouped_and_what_all_do_is_folded():
    shown = page.render_report(found())
    folded = shown[shown.index('class="agreed"') :]
    assert 'id="probe-head"' in folded
    assert 'id="probe-options"' not in folded
    probe = text_of(shown[shown.index('id="probe-options"') : shown.index('class="agreed"')])
    assert "bare: 405" in probe
    assert "Flask 3, Bottle 0.13: 200 <b>" in probe


def test_a_journey_leads_from_the_server_to_the_handler():
    shown = page.render_report(found())
    spine = text_of(shown[shown.index('class="spines"') :])
    assert spine.index("WSGITask.service") < spine.index("show_menu")
    assert '<a href="#bare/handlers.py-6">' in shown


def test_a_pair_page_shows_these_two_alone():
    few = select_results(found(), ["flask", "bottle"])
    shown = page.render_report(few, "Flask and Bottle")
    assert "<h1>Flask and Bottle</h1>" in shown
    assert 'id="sources-bottle"' in shown
    assert 'id="sources-bare"' not in shown
    # What they are measured by stays.
    assert '<tr data-name="bare"><th scope="row">bare</th><td>100.0</td>' in shown


def test_a_pair_page_of_what_was_not_compared_names_the_command():
    with pytest.raises(DependencyError, match="grok is not in the results; run: cookoff compare"):
        select_results(found(), ["flask", "grok"])


GROWN = {
    "bare": {"points": [[10, 5.0], [100, 50.0]], "exponent": 1.0, "left_out": ""},
    "flask": {"points": [[10, 9.0]], "exponent": None, "left_out": "100: answered 404"},
}


def cells_of(html):
    return text_of(html.replace("<", " <"))


def test_growth_shows_the_exponent_beside_the_points_and_who_lacks_which():
    shown = cells_of(page.render_report(found() | {"growth": {"routes": GROWN}}))
    assert "Time as routes grow" in shown
    assert "bare ~ n^1.00" in shown
    assert "bare 1.00 10: 5, 100: 50" in shown
    assert "Flask 3 10: 9 100: answered 404" in shown


def test_growth_with_connections_stands_with_the_others():
    load = {"page": "menu", "connections": {}, "growth": {"bare": GROWN["bare"]}}
    shown = cells_of(page.render_report(found() | {"load_closed": load}))
    assert "Requests a second as connections grow" in shown


def test_allocations_stand_beside_instructions():
    names = ("bare", "flask", "bottle")
    one = {"instructions": 3_059_262, "spread": 5, "allocations": 1696}
    pages = {"menu": dict.fromkeys(names, one) | {"flask": one | {"allocations": None}}}
    counts = {"instructions": {"valgrind": "3", "pages": pages}}
    shown = cells_of(page.render_report(found() | counts))
    assert "instructions allocations bare 100.0 3,059,262 1,696" in shown
    assert "Flask 3 150.0 3,059,262 not counted" in shown


def test_what_a_template_takes_stands_apart_and_is_no_framework():
    given = found()
    plain = given["cost"]["pages"]["menu"]["bare"]
    given["cost"]["pages"]["menu"]["bare without Jinja2"] = plain
    taken = {"microseconds": 40.0, "ratio": 1.67, "low": 1.6, "high": 1.7}
    given["cost"]["template"] = {"menu": taken}
    shown = cells_of(page.render_report(given))
    assert "+40.0 µs of menu (1.67 times, 99 %: 1.60 to 1.70)." in shown
    assert "bare without Jinja2 100.0" in shown
    assert "3 kitchens" in shown


@pytest.fixture
def rebuilt(tmp_path, monkeypatch, capsys):
    """Return a function that runs `cookoff report` on a results.json, if any."""
    file = tmp_path / "results.json"
    monkeypatch.setattr(results.read_results, "__defaults__", (file,))
    monkeypatch.setattr(page.write_report, "__defaults__", (tmp_path / "index.html",))
    monkeypatch.setattr("sys.argv", ["cookoff", "report"])

    def rebuilt(text=None):
        if text is not None:
            file.write_text(text, encoding="utf-8")
        with pytest.raises(SystemExit) as ended:
            main.main()
        return ended.value.code, capsys.readouterr().err, tmp_path / "index.html"

    return rebuilt


def test_two_rebuilds_are_byte_equal(rebuilt):
    code, err, file = rebuilt(json.dumps(found()))
    first = file.read_bytes()
    file.unlink()
    assert (code, err) == (0, "")
    assert rebuilt()[2].read_bytes() == first


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param(None, 3, id="absent"),
        pytest.param("{", 1, id="damaged"),
        pytest.param('{"schema": 0}', 1, id="older"),
        pytest.param('{"schema": 1}', 3, id="nothing compared yet"),
        pytest.param('{"schema": 1, "frameworks": {"flask": {}}}', 1, id="parts lack"),
        pytest.param('{"schema": 1, "frameworks": [1]}', 1, id="another shape"),
        pytest.param(json.dumps(found() | {"cost": {"pages": {}}}), 1, id="a part of a part lacks"),
    ],
)
def test_results_that_are_no_use_are_refused_in_one_clear_line(rebuilt, text, code):
    ended, err, file = rebuilt(text)
    assert ended == code
    assert re.fullmatch(r"cookoff: [^\n]+; run: cookoff compare\n", err)
    assert not file.exists()


def test_what_was_found_of_others_than_those_compared_is_not_shown():
    results = found()
    del results["frameworks"]["bottle"]
    shown = page.render_report(results)
    links = {unescape(link) for link in re.findall(r'href="#([^"]+)"', shown)}
    assert links <= {unescape(id) for id in re.findall(r' id="([^"]+)"', shown)}
    journey = shown[shown.index('id="journey-h"') : shown.index('id="sources"')]
    assert "flask" in journey
    assert "bottle" not in journey
