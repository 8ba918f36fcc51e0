"""Tests of the plots: valid SVG in the page's colour, with every name escaped."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from bench.core.paths import ROOT
from bench.report.plots.forest import draw_intervals
from bench.report.plots.icicle import IcicleBlock, draw_icicle, fit_text
from bench.report.plots.lines import (
    LABEL_HEIGHT,
    draw_percentiles,
    draw_scaling,
    draw_scatter,
    format_percentile,
    spread_labels,
)
from bench.report.plots.stacked_bars import draw_stacked_bars
from bench.report.plots.svg import LogAxis, format_tick
from bench.results.schema import LAYERS, Ratio, ScalingCurve

ROUGH = "<script>&'\""
COSTS = {
    ROUGH: Ratio(2.0, 1.8, 2.2),
    "bare": Ratio(1.0, 1.0, 1.0),
    "third": Ratio(2.1, 1.8, 2.4),
}
CURVES = {
    ROUGH: ScalingCurve([(10, 1.0), (100, 9.0)], 0.95),
    "nothing": ScalingCurve([], None),
}
BARS = {ROUGH: {"app": 3.0, "database": 0.0}}
PLOTS = {
    "intervals": lambda: draw_intervals(COSTS, [["bare"], [ROUGH, "third"]], ROUGH),
    "layers": lambda: draw_stacked_bars(BARS, ROUGH, "calls", LAYERS),
    "scaling": lambda: draw_scaling(CURVES, ROUGH, "rows", "µs"),
    "percentiles": lambda: draw_percentiles({ROUGH: [(50, 1.0), (99, 5.0), (99.9, 9.0)]}, ROUGH),
    "scatter": lambda: draw_scatter({ROUGH: (10.0, 3.0), "one": (20.0, 6.0)}, ROUGH, "x", "y"),
    "scatter with a line": lambda: draw_scatter({ROUGH: (1, 3)}, ROUGH, "x", "y", [(1, 3), (2, 6)]),
    "icicle": lambda: draw_icicle([IcicleBlock(0, 0, 9, "app", ROUGH)], 9, ROUGH),
    "no layers": lambda: draw_stacked_bars({}, ROUGH, "calls", LAYERS),
    "no scaling": lambda: draw_scaling({}, ROUGH, "rows", "µs"),
}


@pytest.mark.parametrize("name", PLOTS)
def test_a_plot_is_valid_svg_in_the_pages_colour(name):
    text = str(PLOTS[name]())
    root = ElementTree.fromstring(text)
    assert root.tag == "svg"
    assert root.get("aria-label") == ROUGH
    assert root.get("fill") == "currentColor"
    assert "<script" not in text
    assert "#" not in text.replace("&#", "")  # the plot sets no colour of its own


def list_texts(plot):
    return [element.text for element in ElementTree.fromstring(str(plot)).iter("text")]


def test_the_fastest_framework_is_first_and_a_tie_has_a_bracket():
    plot = PLOTS["intervals"]()
    names = [text for text in list_texts(plot) if text in COSTS]
    assert names == ["bare", ROUGH, "third"]
    assert len(list(ElementTree.fromstring(str(plot)).iter("path"))) == 1


def test_growth_shows_the_exponent_and_skips_names_without_points():
    labels = list_texts(PLOTS["scaling"]())
    assert f"{ROUGH} ~ n^0.95" in labels
    assert not any("nothing" in label for label in labels if label)


def test_each_nine_gets_equal_space():
    axis = LogAxis.covering([1, 1000], 0, 300)
    assert [round(axis.to_coordinate(value)) for value in (1, 10, 100, 1000)] == [0, 100, 200, 300]
    assert [format_percentile(value) for value in (1, 10, 1000)] == ["0 %", "90 %", "99.9 %"]


def test_labels_beside_lines_never_overlap():
    coordinates = sorted(spread_labels({"a": 100, "b": 101, "c": 102}).values())
    assert all(b - a >= LABEL_HEIGHT for a, b in pairwise(coordinates))


def test_numbers_on_axes_are_short():
    assert [format_tick(value) for value in (0.5, 20, 10_000, 2e6)] == ["0.5", "20", "10k", "2M"]


def build_cost(ratio):
    return Ratio(ratio, ratio * 0.9, ratio * 1.1)


def test_a_ratio_far_below_the_baseline_has_its_own_place_on_the_axis():
    svg = draw_intervals({"bare": build_cost(1.0), "pre-rendered": build_cost(0.21)}, [], "Costs")
    dots = sorted(float(x) for x in re.findall(r'<circle cx="([\d.]+)"', svg))
    assert dots[1] - dots[0] > 400  # of 560 pixels: log(1.0 / 0.21) of log(1.1 / 0.189)
    assert ">0.3</text>" in svg
    assert "faster to the left" in svg


@pytest.mark.parametrize(("ratio", "points_to"), [(0.004, "h-8"), (500.0, "h8")])
def test_a_ratio_beyond_the_axis_is_an_arrow(ratio, points_to):
    svg = draw_intervals({"bare": build_cost(1.0), "far": build_cost(ratio)}, [], "Costs")
    assert svg.count("<circle") == 1
    assert f" {points_to} " in svg
    assert "beyond the axis" in svg


def test_a_test_file_that_the_report_names_is_there():
    templates = (ROOT / "bench" / "report" / "templates").rglob("*.html")
    text = "".join(file.read_text(encoding="utf-8") for file in templates)
    named = re.findall(r"tests/[\w/]+\.py", text)
    assert named
    assert [file for file in named if not (ROOT / file).exists()] == []


def test_a_name_is_cut_to_its_block_and_left_out_where_nobody_could_read_it():
    assert fit_text("flask.app:Flask.wsgi_app", 1000) == "flask.app:Flask.wsgi_app"
    assert fit_text("flask.app:Flask.wsgi_app", 100) == "flask.app:F…"
    assert fit_text("flask.app:Flask.wsgi_app", 40) == ""


def test_blocks_lie_on_one_axis():
    blocks = [IcicleBlock(0, 0, 50, "server", "a"), IcicleBlock(1, 10, 20, "app", "b")]
    root = ElementTree.fromstring(str(draw_icicle(blocks, 100, "Calls")))
    outer, inner = (rect.attrib for rect in root.iter("rect"))
    assert (outer["x"], float(outer["width"])) == ("0.0", 499.0)
    assert (inner["x"], float(inner["width"])) == ("100.0", 199.0)
    assert float(inner["y"]) > float(outer["y"])
