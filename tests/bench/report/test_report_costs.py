"""Tests of the cost sections: plots of instruments, tables, warnings and machines."""

import json
import re

import pytest

from bench.report import cost_sections
from bench.report.instrument_agreement import fit_line, plot_agreements
from bench.report.instruments import INSTRUMENTS
from bench.results.request_warnings import find_page_warnings, find_trace_warnings
from bench.results.schema import Ratio, Results
from tests.bench.report.render import render_page
from tests.bench.results.samples import (
    MACHINE,
    build_framework,
    build_full_results,
    build_results,
    extract_text,
    parse,
)


def render(content, path="cost/index.html"):
    return render_page(parse(content), path)


def build_load_results(names=("bare", "flask", "django"), rps=(1000, 500, 250)):
    """Return results of three frameworks with times, instruction counts and load."""
    facts = build_results(*(build_framework(name, name.title(), 300) for name in names))
    for time, name in zip((100.0, 200.0, 400.0), names, strict=True):
        facts["cost"]["pages"]["menu"][name]["microseconds"] = time
    samples = build_full_results()
    throughput = samples["closed_loop"]["connections"]["16"]["bare"]
    counted = samples["instructions"]["pages"]["menu"]["bare"]
    rates = dict(zip(names, rps, strict=True))
    closed = {name: throughput | {"rps": rate} for name, rate in rates.items()}
    counts = {name: counted | {"instructions": 7 * rate} for name, rate in rates.items()}
    return facts | {
        "closed_loop": samples["closed_loop"] | {"connections": {"16": closed}, "scaling": {}},
        "instructions": {"valgrind_version": "3", "pages": {"menu": counts}},
    }


def test_points_of_agreeing_instruments_are_on_a_line():
    plots = {plot.title: plot for plot in plot_agreements(parse(build_load_results()))}
    assert list(plots) == ["Instructions against time for menu: r = -0.929",
                           "Throughput against time for menu: r = 1.000"]  # fmt: skip
    assert plots["Throughput against time for menu: r = 1.000"].rows[1] == [
        "flask",
        "200.0",
        "2,000",
    ]
    line, r = fit_line({"a": (1, 10), "b": (2, 20), "c": (3, 30)})
    assert r == pytest.approx(1)
    assert all(y == pytest.approx(10 * x) for x, y in line)


def test_too_few_points_and_missing_parts_make_no_plot():
    assert list(plot_agreements(parse(build_results()))) == []
    facts = build_load_results()
    del facts["cost"]
    assert list(plot_agreements(parse(facts))) == []
    assert fit_line({"a": (1, 1), "b": (1, 2), "c": (1, 3)}) == ([], 0.0)


def test_an_added_time_is_a_share_of_a_request_and_never_negative():
    facts = build_results()
    facts["cost"]["pages"]["menu"]["bottle"]["added_microseconds"] = -3.0
    [plot] = cost_sections.plot_shares(parse(facts).cost)
    assert [row[1] for row in plot.rows] == ["0.0", "0.5", "0.0"]
    assert "added: 0.5 %" in plot.picture


def test_the_matrix_compares_each_pair_of_frameworks():
    interval = Ratio(2.0, 1.6, 2.5)
    rows = cost_sections.build_matrix({"bare": ["flask"], "falcon": [], "flask": []},
                         {"bare": {"flask": interval}, "flask": {}})  # fmt: skip
    assert [(name, [cell.word for cell in cells]) for name, cells in rows] == [
        ("bare", ["·", "·", "faster"]),
        ("falcon", ["·", "·", "·"]),
        ("flask", ["slower", "·", "·"]),
    ]
    assert [cell.note for cell in rows[0][1]] == ["", "", "0.50 times, 99 %: 0.40 to 0.62"]
    assert rows[2][1][0].note == "2.00 times, 99 %: 1.60 to 2.50"
    facts = build_results()
    facts["cost"]["faster_than"] = {"menu": {"bare": ["flask"], "bottle": [], "flask": []}}
    assert render(facts, "cost/menu.html").count(">faster</td>") == 1


def test_the_report_describes_the_limitations_of_each_instrument():
    text = extract_text(render(build_results(), "method.html"))
    for instrument in INSTRUMENTS:
        assert instrument.name in text
        assert instrument.limitations in text
    for generator in ("h2load --rps, ab, hey, autocannon and Locust", "wrk", "npm’s loadtest"):
        assert generator in text


def test_planted_differences_are_shown_if_there_are_any():
    counts = {"detected": 19, "false_alarms": 1}
    counts |= {"slowed_percent": [9.0, 11.0], "control_percent": [-1.0]}
    part = build_full_results()["sensitivity"] | {"slowdown_percent": 10.0, "repetitions": 20}
    part |= {"pages": {"menu": {"flask": counts}}}
    text = extract_text(render(build_results() | {"sensitivity": part}, "method.html"))
    assert "10 % planted, 20 repetitions" in text
    assert "19 of 20" in text
    without = extract_text(render(build_results(), "method.html"))
    assert "repetitions" not in without[without.index("Strengths and limitations") :]


def test_the_machines_of_a_shared_measurement_are_listed():
    first = MACHINE | {"processor": "Xeon", "system": "Linux 6", "python": "CPython 3.11.7"}
    second = first | {"processor": "EPYC"}
    facts = build_results()
    assert "Machines of the" not in extract_text(render(facts, "method.html"))
    facts["cost"] |= {
        "machines": [first, second],
        "absolute_time_machines": {"menu": 1, "dish": 1},
        "tasks": [{"page": "menu", "launch": n, "machine": n % 3 and 1} for n in range(6)],
        "databases": ["PostgreSQL 15.3"],
    }
    cluster = {"host": "192.0.2.7", "workers": 2, "machines": [second]}
    facts["open_loop"] = build_full_results()["open_loop"] | {"cluster": cluster}
    text = extract_text(render(facts, "method.html"))
    assert "6 tasks, each one launch of one page" in text
    assert "PostgreSQL 15.3" in text
    assert "Xeon, 2 cores · Linux 6 · CPython 3.11.7: 2 tasksEPYC" in text
    assert "EPYC, 2 cores · Linux 6 · CPython 3.11.7: 4 tasks, microseconds of menu, dish" in text
    assert "2 workers sent the load to 192.0.2.7" in text


def test_repeated_work_of_warm_requests_is_listed_by_page_and_by_traced_feature():
    facts = json.loads(json.dumps(build_results()))  # a copy without shared values
    assert "Warnings from counting" not in extract_text(render(facts))
    uses = {"compiled": {"count": 24, "names": ["apps/flask/templates/<menu>.html"]}}
    facts["repeated_work"] = {
        "menu": {"bare": {}, "flask": uses, "bottle": {}},
        "dish": {"flask": uses},
    }
    html = render(facts)
    assert "Warnings from counting: 1" in extract_text(html)
    [table] = re.findall('id="warm".*?</table>', html, re.S)
    [row] = re.findall('<tr data-name="flask">.*?</tr>', table, re.S)
    text = extract_text(row)
    [warning] = find_page_warnings(Results(repeated_work=parse(facts).repeated_work))
    assert text == f"Flask 3menu, dish{warning.text} ({warning.advice})"
    assert "24 code objects" in text
    assert "apps/flask/templates/<menu>.html" in text
    feature = next(iter(facts["traces"]["frameworks"]["bottle"]["features"]))
    uses = {"imported": {"count": 1, "names": ["colorsys"]}}
    facts["traces"]["frameworks"]["bottle"]["features"][feature]["repeated_work"] = uses
    text = extract_text(render(facts))
    assert "Warnings from counting: 2" in text
    [warning] = find_trace_warnings(parse(facts).traces)
    assert f"Bottle 0.13{feature}{warning.text}" in text
    assert "1 module" in warning.text
    assert "colorsys" in warning.text
    facts["repeated_work"] = {"menu": {"bare": {}}}
    assert "Warnings from counting: 1" in extract_text(render(facts))


def test_frameworks_without_repeated_work_get_no_warning():
    facts = build_results() | {"repeated_work": {"menu": {"bare": {}, "flask": {}, "bottle": {}}}}
    assert "Warnings from counting: none" in extract_text(render(facts))


def test_the_cost_of_links_by_name_is_listed_by_page():
    facts = build_full_results()
    cost = facts["plain_links"]["pages"]["menu"]["flask"]
    html = render(facts)
    [table] = re.findall('aria-label="Links of menu".*?</table>', html, re.DOTALL)
    row = extract_text(re.findall('<tr data-name="flask">.*?</tr>', table, re.DOTALL)[0])
    assert f"{cost['added_microseconds']:+.0f}" in row
    assert cost["verdict"] in row
    assert "Links by name" not in render(build_results())
