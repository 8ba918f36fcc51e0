"""Results are refused, with the place and the reason, where they differ from their types."""

import json
import re

import pytest

from bench.results.store import SCHEMA_VERSION, ResultsFormatError
from bench.results.validation import JSON_SCHEMA_FILE, build_json_schema, parse_results
from tests.bench.results.samples import everything


def test_the_published_json_schema_is_the_one_of_the_types():
    assert JSON_SCHEMA_FILE.read_text(encoding="utf-8") == build_json_schema(), "run: make docs"


def test_the_sample_of_all_parts_is_valid():
    results = parse_results(everything())
    assert results.schema == SCHEMA_VERSION
    assert results.cost.pages["menu"]["flask"].added_microseconds == 50.0


def without_a_feature(content):
    del content["frameworks"]["flask"]["code"]["features"][0]


def with_an_unknown_field(content):
    content["cost"]["soup"] = 1


def with_an_unknown_part(content):
    content["soup"] = {}


def with_a_text_for_a_number(content):
    content["starts"]["bare"]["rss_mib"] = "40"


def with_lines_that_are_none(content):
    content["frameworks"]["bare"]["ran"]["start"]["bare/app.py"] = "7-"


def without_a_field(content):
    del content["machine"]["cores"]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (without_a_feature, "(frameworks.flask.code.features: show-the-menu is missing)"),
        (with_an_unknown_field, "(cost: Object contains unknown field `soup`)"),
        (with_an_unknown_part, "(the whole file: Object contains unknown field `soup`)"),
        (with_a_text_for_a_number, "rss_mib: Expected `float`, got `str`)"),
        (with_lines_that_are_none, "Expected `str` matching regex"),
        (without_a_field, "(machine: Object missing required field `cores`)"),
    ],
)
def test_what_differs_from_the_types_is_refused_by_place_and_reason(spoil, says):
    content = json.loads(json.dumps(everything()))
    spoil(content)
    with pytest.raises(ResultsFormatError, match=re.escape(says)):
        parse_results(content)
