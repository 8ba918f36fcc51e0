"""Invalid results are refused with the location and the reason."""

import json
import re

import pytest

from bench.results.schema import SCHEMA_VERSION
from bench.results.store import ResultsFormatError
from bench.results.validation import JSON_SCHEMA_FILE, build_json_schema
from tests.bench.results.samples import build_full_results, parse


def test_the_published_json_schema_is_up_to_date():
    assert JSON_SCHEMA_FILE.read_text(encoding="utf-8") == build_json_schema(), "run: make docs"


def test_sample_results_with_all_parts_are_valid():
    results = parse(build_full_results())
    assert results.schema == SCHEMA_VERSION
    assert results.cost.pages["menu"]["flask"].added_microseconds == 50.0


def test_json_texts_are_counted_by_channel_expectation_and_outcome():
    content = json.loads(json.dumps(build_full_results()))
    content["behaviour"]["json"]["counts"] = {"flask": {"waitress": {"accept": {"200": 95}}}}
    results = parse(content)
    assert results.behaviour.json.counts["flask"]["waitress"]["accept"]["200"] == 95


def remove_feature(content):
    del content["frameworks"]["flask"]["code"]["features"][0]


def add_unknown_field(content):
    content["cost"]["soup"] = 1


def add_unknown_part(content):
    content["soup"] = {}


def replace_number_with_text(content):
    content["startup"]["bare"]["rss_mib"] = "40"


def write_invalid_line_range(content):
    content["frameworks"]["bare"]["coverage"]["startup"]["bare/app.py"] = "7-"


def remove_field(content):
    del content["machine"]["cores"]


@pytest.mark.parametrize(
    ("make_invalid", "message"),
    [
        (remove_feature, "(frameworks.flask.code.features: show-the-menu is missing)"),
        (add_unknown_field, "(cost: Object contains unknown field `soup`)"),
        (add_unknown_part, "(the whole file: Object contains unknown field `soup`)"),
        (replace_number_with_text, "rss_mib: Expected `float`, got `str`)"),
        (write_invalid_line_range, "Expected `str` matching regex"),
        (remove_field, "(machine: Object missing required field `cores`)"),
    ],
)
def test_invalid_results_are_refused_with_location_and_reason(make_invalid, message):
    content = json.loads(json.dumps(build_full_results()))
    make_invalid(content)
    with pytest.raises(ResultsFormatError, match=re.escape(message)):
        parse(content)
