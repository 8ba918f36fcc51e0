"""Tests of the report: the page shows the results, and shows all of them as text."""

import json
import re
from html import unescape
from posixpath import dirname, join, normpath

import pytest
from msgspec import convert

from bench.cli import main
from bench.core.errors import DependencyError
from bench.report import ranking, site
from bench.report.annotated_source import AnnotatedSource
from bench.report.overview import COLUMNS
from bench.results import store as results
from bench.results.schema import SCHEMA_VERSION, FrameworkFacts
from bench.results.subset import select_results
from tests.bench.report.render import render_page
from tests.bench.results.samples import (
    build_framework,
    build_full_results,
    build_results,
    extract_text,
    parse,
)


def annotate(facts):
    return AnnotatedSource(convert(facts, FrameworkFacts))


def render_all(content):
    return {path: text.decode("utf-8", "replace") for path, text in render_bytes(content).items()}


def render_bytes(content):
    return site.render_site(parse(content))


def render(content, path="index.html"):
    return render_page(parse(content), path)


@pytest.fixture
def flask():
    return annotate(build_framework("flask", "Flask 3", 300))


def unexecuted(lines):
    return [extract_text(str(line)).strip() for line in lines if 'class="unrun"' in str(line)]


def test_the_report_is_the_same_for_the_same_results():
    assert render_bytes(build_results()) == render_bytes(build_results())


def test_lines_of_a_handler_that_did_not_run_are_marked(flask):
    (part,) = flask.find_handlers("show-the-menu")
    assert unexecuted(part.lines) == ['return "closed"']
    assert (part.first, part.last) == (6, 11)


def test_helpers_that_ran_for_a_feature_are_named(flask):
    names = {
        helper.name for helper in [*flask.find_helpers("show-the-menu"), *flask.common_helpers]
    }
    assert names == {"closed", "show_menu"}


def test_a_function_that_runs_for_most_features_is_listed_once():
    facts = build_framework("flask", "Flask 3", 300)
    every = {feature: {"flask/handlers.py": "16"} for feature in facts["coverage"]["features"]}
    facts["coverage"]["features"] = every | {"show-the-menu": {"flask/handlers.py": "9,11,16"}}
    source = annotate(facts)
    assert [helper.name for helper in source.common_helpers] == ["closed"]
    assert source.find_helpers("show-the-menu") == []


def test_unexecuted_code_is_marked_in_the_sources(flask):
    lines = str(flask.render_listing("flask/handlers.py")).splitlines()
    assert unexecuted(lines) == ["return None"]


def test_a_name_of_the_framework_links_to_its_documentation(flask):
    (part,) = flask.find_handlers("show-the-menu")
    assert '<a class="fw" href="https://example.org/search?q=fry" title="pan.fry">fry</a>' in str(
        part.lines[-1]
    )


def find_broken_links(pages):
    """Return the links to files or places that the report does not have."""
    ids = {path: set(map(unescape, re.findall(r' id="([^"]+)"', t))) for path, t in pages.items()}
    broken = []
    for path, text in pages.items():
        if path.endswith(".html"):
            for link in map(unescape, re.findall(r'(?:href|src|action)="([^"]*)"', text)):
                if not re.match("https?:|data:", link):
                    address, _, place = link.partition("#")
                    address = address.partition("?")[0]
                    target = normpath(join(dirname(path), address)) if address else path
                    if target == "results.json":
                        continue
                    if target not in pages or (place and place not in ids[target]):
                        broken.append((path, link))
    return broken


def test_every_link_within_the_report_has_a_target():
    facts = build_framework("flask", "Flask 3", 300)
    code = [
        {"file": "flask/handlers.py", "name": "", "first_line": 1, "last_line": 20, "lines": 9},
        # A value instead of a function.
        {"file": "flask/handlers.py", "name": "X", "first_line": 3, "last_line": 3, "lines": 1},
    ]
    facts["provisions"]["json"] = {"provider": "hand", "code": code, "lines": 10}
    pages = render_all(build_full_results() | build_results(facts))
    assert "../sources/flask/handlers.py.html#L3" in pages["frameworks/flask.html"]
    assert find_broken_links(pages) == []
    assert find_broken_links(render_all(build_full_results())) == []


def test_each_page_is_small_and_has_a_title_and_neighbours():
    pages = {path: text for path, text in render_all(build_full_results()).items()
             if path.endswith(".html")}  # fmt: skip
    for path, text in pages.items():
        assert len(text) < 300_000, path
        assert len(re.findall("<[a-z]", text)) < 5_000, path
        assert "<title> ·" not in text, path
        assert 'name="description" content=""' not in text, path
    middle = pages["features/search-the-dishes.html"]
    assert 'rel="prev" accesskey="p" href="../features/show-the-menu.html"' in middle
    assert 'rel="next" accesskey="n" href="../features/show-one-dish.html"' in middle


def test_each_command_on_a_page_runs_as_it_is_written():
    pages = render_all(build_full_results())
    commands = [
        command
        for page in pages.values()
        for command in re.findall(r"<code>([^<]*\bcookoff [^<]*)</code>", page)
    ]
    assert len(commands) > 20
    assert [command for command in commands if not command.startswith(".venv/bin/cookoff ")] == []


def test_pages_that_are_not_built_any_more_are_removed_and_equal_pages_stay(tmp_path):
    site.write_pages(tmp_path, render_bytes(build_results()))
    index = tmp_path / "index.html"
    before = index.stat().st_mtime_ns, index.stat().st_ino
    (tmp_path / "probes" / "old.html").write_text("old")
    (tmp_path / "results.json").write_text("{}")
    site.write_pages(tmp_path, render_bytes(build_results()))
    assert (index.stat().st_mtime_ns, index.stat().st_ino) == before
    assert not (tmp_path / "probes" / "old.html").exists()
    assert (tmp_path / "probes" / "options.html").exists()
    assert (tmp_path / "results.json").exists()


def test_a_listing_highlights_names_without_links(flask):
    listing = str(flask.render_listing("flask/handlers.py"))
    assert "<b>fry</b>" in listing
    assert "<a " not in listing


HOSTILE = "<script>alert(1)</script>\u202eevil\x07"


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda facts: facts.update(title=HOSTILE), id="a title"),
        pytest.param(lambda facts: facts.update(summary=HOSTILE), id="a summary"),
        pytest.param(
            lambda facts: facts["sources"].update(
                {"flask/handlers.py": f'x = """{HOSTILE}"""\n' * 20}
            ),
            id="a source",
        ),
        pytest.param(
            lambda facts: facts["deviations"].append(
                {"clause": HOSTILE, "reason": HOSTILE, "source": HOSTILE}
            ),
            id="a deviation",
        ),
        pytest.param(lambda facts: facts["contract"]["failed"].append(HOSTILE), id="a clause"),
    ],
)
def test_hostile_facts_are_shown_as_text(spoil):
    facts = build_framework("flask", "Flask 3", 300)
    for feature in facts["code"]["features"]:
        feature["handlers"] = []
    facts["coverage"]["features"] = {name: {} for name in facts["coverage"]["features"]}
    spoil(facts)
    pages = render_all(build_results(facts))
    html = "".join(text for path, text in pages.items() if path.endswith(".html"))
    assert "<script>alert" not in html
    assert "alert" in html
    assert "\u202e" not in html
    assert "\\u202e" in html
    assert "\x07" not in html


def test_equal_values_share_a_rank():
    assert ranking.rank_values({"a": 3, "b": 1, "c": 3, "d": 2}) == {
        "a": 2, "b": 0, "c": 2, "d": 1,
    }  # fmt: skip


def test_frameworks_without_a_difference_shown_are_equal():
    faster_than = {"a": ["c"], "b": [], "c": []}  # no difference to b is shown
    assert ranking.rank_by_significance("abc", faster_than) == {"a": 0, "b": 0, "c": 1}


def test_names_of_equal_rank_have_an_equal_shade_and_the_best_has_none():
    values = {"a": 1.0, "b": 1.2, "c": 5.0, "d": 1.1}
    ranks = {"a": 0, "b": 1, "c": 3, "d": 1}
    levels = ranking.compute_levels(values, ranks)
    assert levels["a"] == 0
    assert levels["b"] == levels["d"] >= 1
    assert levels["c"] == ranking.LEVELS - 1
    assert ranking.compute_levels({"a": 2.0, "b": 2.0}, {"a": 0, "b": 0}) == {"a": 0, "b": 0}
    assert ranking.compute_levels({}, {}) == {}


def test_the_weights_of_each_preset_are_criteria():
    known = {column.id for column in COLUMNS}
    for preset in ranking.PRESETS:
        assert set(preset.weights) <= known
        assert set(preset.weights.values()) <= {1, 2, 3}


def test_equal_outcomes_are_grouped_and_probes_that_differ_come_first():
    pages = render_all(build_results())
    grid = pages["behaviour/methods.html"]
    assert grid.index('id="options"') < grid.index('id="head"')
    probe = extract_text(pages["probes/options.html"].replace("<", " <"))
    assert "bare all 405 (misses the standard)" in probe
    assert "Flask 3, Bottle 0.13 all 200 <b>" in probe


def test_a_call_path_leads_from_the_server_to_the_handler():
    html = render(build_results(), "journey/show-the-menu.html")
    path = extract_text(html[html.index("The way to the handler") :])
    assert path.index("WSGITask.service") < path.index("show_menu")
    assert '<a href="../sources/bare/handlers.py.html#L6">' in html


def test_a_pair_page_is_one_file_about_two_frameworks():
    html = site.render_pair(parse(build_results()), "bottle", "flask")
    assert "<h1>Flask 3 and Bottle 0.13</h1>" in html
    assert "<style>" in html
    assert not re.findall(r'(?:href|src)="(?!data:|#)', html)
    text = extract_text(html.replace("<", " <"))
    assert "menu 150 µs 100 µs Bottle 0.13 is faster: 0.67 times" in text


def test_the_hardening_section_counts_the_clauses_met_as_taught_by_group():
    facts = build_framework("flask", "Flask 3", 300)
    facts["contract"]["as_taught"] = {
        "levels": {
            "core": {"passed": 7, "clauses": 8},
            "methods": {"passed": 4, "clauses": 4},
            "json": {"passed": 3, "clauses": 4},
            "limits": {"passed": 2, "clauses": 3},
        },
        "failed": ["a page"],
    }
    section = render(build_results(facts), "hardening.html")
    cells = re.findall(r'<td class="([\w-]+)" data-label="([\w-]+)".*?<span>(.*?)</span>', section)
    assert cells == [
        ("met-most", "core", "◐ 7/8"),
        ("met-all", "methods", "● 4/4"),
        ("met-most", "json", "◐ 3/4"),
        ("met-some", "limits", "○ 2/3"),
    ]
    assert re.findall(r'data-label="(?:all|lines [\w ]+)" data-value="\d+">(.*?)<', section) == [
        "16/19", "300", "3",
    ]  # fmt: skip
    assert "Flask 3: a page" in section
    assert "not measured: <code>.venv/bin/cookoff cost --hardening</code>" in section


def test_the_hardening_section_shows_the_time_and_the_calls_added():
    results = build_results()
    part = build_full_results()["hardening"]
    undecided = part["pages"]["menu"]["bare"] | {"verdict": "not decided", "added_calls": None}
    part["pages"]["menu"] |= {"bottle": undecided, "gone": undecided}
    part["noise_floors"] = {"menu": 1.013}
    section = render(results | {"hardening": part}, "hardening.html")
    rows = {
        name: extract_text(cells)
        for name, cells in re.findall(r'<tr data-name="(\w+)">(.*?)</tr>', section, re.DOTALL)
    }
    assert " ".join(rows["flask"].split()) == "Flask 3 +12.0 (+9.0 to +15.0) +40"
    undecided_cells = "not decided (+9.0 to +15.0) not counted"
    assert " ".join(rows["bottle"].split()) == f"Bottle 0.13 {undecided_cells}"
    assert "gone" not in rows
    assert "menu 1.3 %" in section
    pair = select_results(parse(results | {"hardening": part}), ["flask", "bottle"])
    assert set(pair.hardening.pages["menu"]) == {"flask", "bottle"}


def test_a_site_without_a_run_as_taught_is_not_in_the_hardening_section():
    facts = build_framework("flask", "Flask 3", 300)
    del facts["contract"]["as_taught"]
    results = build_results(facts, build_framework("bare", "bare", 500))
    page = render(results, "hardening.html")
    assert "Flask 3" not in page[page.index("<main") : page.index("</main>")]
    assert "Hardening" not in render(results, "frameworks/flask.html").partition("<h1>")[2]


def test_a_handler_names_the_files_of_the_hardening():
    facts = build_framework("flask", "Flask 3", 300)
    facts["sources"]["flask/hardening.py"] = "def harden(app):\n    pass\n"
    page = render(build_results(facts), "features/show-the-menu.html")
    link = '<a href="../sources/flask/hardening.py.html">flask/hardening.py</a>'
    assert f"Hardening: {link}" in page


def test_a_pair_page_of_a_missing_framework_names_the_command():
    with pytest.raises(DependencyError, match="grok is not in the results; run: cookoff compare"):
        site.render_pair(parse(build_results()), "flask", "grok")


GROWN = {
    "bare": {"points": [[10, 5.0], [100, 50.0]], "exponent": 1.0},
    "flask": {"points": [[10, 9.0]], "exponent": None, "skipped": "100: answered 404"},
}


def spaced_text_of(html):
    return extract_text(html.replace("<", " <"))


def test_growth_shows_the_exponent_the_points_and_the_skipped_sizes():
    text = spaced_text_of(
        render(build_results() | {"scaling": {"routes": GROWN}}, "cost/growth.html")
    )
    assert "Time as routes grow" in text
    assert "bare ~ n^1.00" in text
    assert "bare 1.00 10: 5, 100: 50" in text
    assert "Flask 3 10: 9 100: answered 404" in text


def test_growth_with_connections_is_a_plot():
    load = build_full_results()["closed_loop"] | {"scaling": {"bare": GROWN["bare"]}}
    text = spaced_text_of(render(build_results() | {"closed_loop": load}, "cost/load.html"))
    assert "Requests per second as connections grow" in text


def test_the_table_of_instructions_has_the_allocations():
    names = ("bare", "flask", "bottle")
    counted = {"instructions": 3_059_262, "spread": 5, "allocations": 1696}
    pages = {"menu": dict.fromkeys(names, counted) | {"flask": counted | {"allocations": None}}}
    counts = {"instructions": {"valgrind_version": "3", "pages": pages}}
    text = spaced_text_of(render(build_results() | counts, "cost/instruments.html"))
    assert "instructions allocations bare 100.0 3,059,262 1,696" in text
    assert "Flask 3 150.0 3,059,262 not counted" in text


def test_the_time_of_a_template_is_separate_and_not_a_framework():
    facts = build_results()
    prerendered = facts["cost"]["pages"]["menu"]["bare"]
    facts["cost"]["pages"]["menu"]["bare without Jinja2"] = prerendered
    template = {"microseconds": 40.0, "ratio": 1.67, "low": 1.6, "high": 1.7}
    facts["cost"]["template_costs"] = {"menu": template}
    text = spaced_text_of(render(facts, "cost/index.html"))
    assert "+40.0 µs for menu (1.67 times, 99 %: 1.60 to 1.70)." in text
    assert "bare without Jinja2 100.0" in spaced_text_of(render(facts, "cost/menu.html"))
    assert "The same site in 3 frameworks" in spaced_text_of(render(facts))


@pytest.fixture
def run_report(tmp_path, monkeypatch, capsys):
    """Return a function that runs `cookoff report` on a results.json, if there is a text."""
    file = tmp_path / "results.json"
    monkeypatch.setattr(results.read_results, "__defaults__", (file,))
    monkeypatch.setattr(site.write_report, "__defaults__", (tmp_path / "index.html",))
    monkeypatch.setattr("sys.argv", ["cookoff", "report"])

    def run(text=None):
        if text is not None:
            file.write_text(text, encoding="utf-8")
        with pytest.raises(SystemExit) as ended:
            main.main()
        return ended.value.code, capsys.readouterr().err, tmp_path / "index.html"

    return run


def test_two_reports_are_equal_byte_for_byte(run_report):
    code, err, file = run_report(json.dumps(build_results()))
    first = file.read_bytes()
    file.unlink()
    assert (code, err) == (0, "")
    assert run_report()[2].read_bytes() == first


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param(None, 3, id="absent"),
        pytest.param("{", 1, id="damaged"),
        pytest.param('{"schema": 0}', 1, id="older"),
        pytest.param(json.dumps({"schema": SCHEMA_VERSION}), 3, id="no comparison"),
        pytest.param(
            json.dumps({"schema": SCHEMA_VERSION, "frameworks": {"flask": {}}}),
            1,
            id="incomplete parts",
        ),
        pytest.param(
            json.dumps({"schema": SCHEMA_VERSION, "frameworks": [1]}), 1, id="another shape"
        ),
        pytest.param(
            json.dumps(build_results() | {"cost": {"pages": {}}}), 1, id="incomplete cost"
        ),
    ],
)
def test_unusable_results_are_refused_with_one_line(run_report, text, code):
    exit_code, err, file = run_report(text)
    assert exit_code == code
    assert re.fullmatch(r"cookoff: [^\n]+; run: cookoff compare\n", err)
    assert not file.exists()


def test_results_of_a_framework_that_was_not_compared_are_not_shown():
    facts = build_results()
    del facts["frameworks"]["bottle"]
    pages = render_all(facts)
    assert find_broken_links(pages) == []
    traces = pages["journey/show-the-menu.html"]
    assert "flask" in traces
    assert "bottle" not in traces
