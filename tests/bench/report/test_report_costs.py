"""The report holds instruments against each other, and says what each cannot tell."""

import json
import re

import pytest

from bench.report import cost_sections, page
from bench.report.instrument_agreement import fit_line, plot_agreements
from bench.report.instruments import INSTRUMENTS
from tests.bench.results.samples import found, kitchen, text_of


def agreeing(names=("bare", "flask", "django"), rps=(1000, 500, 250)):
    """Results in which three frameworks were timed, counted and put under load."""
    facts = found(*(kitchen(name, name.title(), 300) for name in names))
    for time, name in zip((100.0, 200.0, 400.0), names, strict=True):
        facts["cost"]["pages"]["menu"][name]["microseconds"] = time
    closed = {name: {"rps": one} for name, one in zip(names, rps, strict=True)}
    part = {"page": "menu", "connections": {"16": closed}}
    counted = {
        name: {"instructions": 7 * one, "spread": 0} for name, one in zip(names, rps, strict=True)
    }
    return facts | {"load_closed": part, "instructions": {"pages": {"menu": counted}}}


def test_instruments_that_agree_are_on_a_line():
    plots = {plot.title: plot for plot in plot_agreements(agreeing())}
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


def test_dots_too_few_for_a_line_and_parts_that_did_not_run_make_no_plot():
    assert list(plot_agreements(found())) == []
    facts = agreeing()
    del facts["cost"]
    assert list(plot_agreements(facts)) == []
    assert fit_line({"a": (1, 1), "b": (1, 2), "c": (1, 3)}) == ([], 0.0)


def test_an_addition_is_shown_as_a_share_of_a_request_and_never_below_none():
    facts = found()
    facts["cost"]["pages"]["menu"]["bottle"]["added_microseconds"] = -3.0
    [plot] = cost_sections.plot_shares(facts["cost"])
    assert [row[1] for row in plot.rows] == ["0.0", "0.5", "0.0"]
    assert "added: 0.5 %" in plot.picture
    assert list(cost_sections.plot_shares(None)) == []


def test_the_matrix_says_who_is_quicker_than_whom():
    over = {"ratio": 2.0, "low": 1.6, "high": 2.5}
    rows = cost_sections.build_matrix({"bare": ["flask"], "falcon": [], "flask": []},
                         {"bare": {"flask": over}, "flask": {}})  # fmt: skip
    assert [(name, [one.word for one in words]) for name, words in rows] == [
        ("bare", ["·", "·", "faster"]),
        ("falcon", ["·", "·", "·"]),
        ("flask", ["slower", "·", "·"]),
    ]
    assert [one.note for one in rows[0][1]] == ["", "", "0.50 times, 99 %: 0.40 to 0.62"]
    assert rows[2][1][0].note == "2.00 times, 99 %: 1.60 to 2.50"
    facts = found()
    facts["cost"]["quicker_than"] = {"menu": {"bare": ["flask"], "bottle": [], "flask": []}}
    assert page.render_report(facts).count(">faster</td>") == 1


def test_the_report_says_what_each_instrument_cannot_tell():
    shown = text_of(page.render_report(found()))
    for one in INSTRUMENTS:
        assert one.name in shown
        assert one.limitations in shown
    for generator in ("h2load --rps, ab, hey, autocannon and Locust", "wrk", "npm’s loadtest"):
        assert generator in shown


def test_planted_differences_are_shown_where_some_were():
    one = {"told": 19, "false_alarms": 1, "added_percent": [9.0, 11.0], "twins_percent": [-1.0]}
    part = {"percent": 10.0, "repetitions": 20, "pages": {"menu": {"flask": one}}}
    shown = text_of(page.render_report(found() | {"planted": part}))
    assert "10 % planted, 20 repetitions" in shown
    assert "19 of 20" in shown
    assert "repetitions" not in text_of(page.render_report(found())).partition("How this was")[2]


def test_the_machines_of_a_shared_measurement_are_told_and_one_alone_is_not():
    here = {"processor": "Xeon", "cores": 2, "system": "Linux 6", "python": "CPython 3.11.7"}
    there = here | {"processor": "EPYC"}
    facts = found()
    assert "Machines of the" not in text_of(page.render_report(facts))
    facts["cost"] |= {
        "machines": [here, there],
        "told_by": {"menu": 1, "dish": 1},
        "cells": [{"page": "menu", "launch": n, "machine": n % 3 and 1} for n in range(6)],
        "larder": ["PostgreSQL 15.3"],
    }
    sent = {"host": "192.0.2.7", "workers": 2, "machines": [there]}
    facts["load_open"] = {"page": "menu", "frameworks": {}, "cluster": sent}
    shown = text_of(page.render_report(facts))
    assert "6 cells of one launch of one page" in shown
    assert "PostgreSQL 15.3" in shown
    assert "Xeon, 2 cores · Linux 6 · CPython 3.11.7: 2 cellsEPYC" in shown
    assert "EPYC, 2 cores · Linux 6 · CPython 3.11.7: 4 cells, microseconds of menu, dish" in shown
    assert "2 workers sent the load to 192.0.2.7" in shown


def test_what_warm_requests_do_anew_is_listed_page_by_page_and_for_journeys():
    facts = json.loads(json.dumps(found()))  # nothing in it is shared
    assert "Warnings from counting" not in text_of(page.render_report(facts))
    uses = {"compiled": {"count": 24, "names": ["apps/flask/templates/<menu>.html"]}}
    facts["warm"] = {"menu": {"bare": {}, "flask": uses, "bottle": {}}, "dish": {"flask": uses}}
    html = page.render_report(facts)
    assert "Warnings from counting: 1" in text_of(html)
    [warned] = re.findall('id="warm".*?</table>', html, re.S)
    [row] = re.findall('<tr data-name="flask">.*?</tr>', warned, re.S)
    said = text_of(row)
    assert said.startswith("Flask 3menu, dishcompiles 24 code objects on a warm request: ")
    assert "apps/flask/templates/<menu>.html (keep what was compiled" in said
    feature = next(iter(facts["journey"]["frameworks"]["bottle"]["features"]))
    told = {"imported": {"count": 1, "names": ["colorsys"]}}
    facts["journey"]["frameworks"]["bottle"]["features"][feature]["warm"] = told
    shown = text_of(page.render_report(facts))
    assert "Warnings from counting: 2" in shown
    assert f"Bottle 0.13{feature}imports 1 module on a warm request: colorsys" in shown
    facts["warm"] = {"menu": {"bare": {}}}
    assert "Warnings from counting: 1" in text_of(page.render_report(facts))


def test_sound_kitchens_are_warned_of_nothing():
    facts = found() | {"warm": {"menu": {"bare": {}, "flask": {}, "bottle": {}}}}
    assert "Warnings from counting: none" in text_of(page.render_report(facts))
