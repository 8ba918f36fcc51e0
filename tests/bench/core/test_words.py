"""A number and its noun."""

import ast
import itertools

import pytest

from bench.core.paths import ROOT
from bench.core.words import format_count


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ((0, "clause"), "0 clauses"),
        ((1, "clause"), "1 clause"),
        ((2, "clause"), "2 clauses"),
        ((1834, "clause"), "1,834 clauses"),
        ((1, "launch", "launches"), "1 launch"),
        ((2, "launch", "launches"), "2 launches"),
    ],
)
def test_the_noun_agrees_with_the_number(words, text):
    assert format_count(*words) == text


def list_nodes(kind):
    """Return the nodes of a kind in the modules that print to a terminal, with their files."""
    return [
        (file.relative_to(ROOT), node)
        for file in sorted((ROOT / "bench").rglob("*.py"))
        if "report" not in file.relative_to(ROOT).parts  # the report has its own words
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, kind)
    ]


def is_any_count(node):
    """Return whether a part of an f-string is a whole number that may be 1."""
    decimal = node.format_spec and ast.unparse(node.format_spec).endswith("f'")
    return not decimal and not ast.unparse(node.value).isupper()


def test_no_message_writes_a_plural_after_any_number():
    calls = [node for _, node in list_nodes(ast.Call) if "format_count" in ast.unparse(node.func)]
    nouns = {
        noun.value for call in calls for noun in call.args[1:2] if isinstance(noun, ast.Constant)
    }
    wrong = [
        f"{file}:{node.lineno}: {ast.unparse(node)}"
        for file, node in list_nodes(ast.JoinedStr)
        for number, text in itertools.pairwise(node.values)
        if isinstance(number, ast.FormattedValue) and isinstance(text, ast.Constant)
        if text.value.startswith(tuple(f" {noun}s" for noun in nouns)) and is_any_count(number)
    ]
    assert {"clause", "probe", "site"} <= nouns
    assert wrong == []
