"""The code of a feature in several frameworks is compared on the terminal and as a page."""

import io
import re

import html5lib
import pytest
from rich.console import Console

from bench.analysis import side_by_side
from bench.cli.side_by_side import print_rows
from bench.core.errors import UsageError
from bench.frameworks.features import FEATURES, FEATURES_BY_ID
from bench.report.side_by_side_page import render_page

SHOW = FEATURES_BY_ID["show-the-cart"]


PAGES = '''def helper():
    return template("cart")


def {}_show():
    """Show the cart."""
    return helper("<&>")
'''


@pytest.fixture
def two(add_app):
    """Two frameworks that show the cart."""
    frameworks = [add_app(name, pages=PAGES.format(name)) for name in ("first", "second")]
    for framework in frameworks:
        (framework.folder / "cart.html").write_text(f"<p>{framework.name}'s cart</p>\n")
    return frameworks


@pytest.mark.parametrize(
    "words", ["show-the-cart", "Show the cart.", "show the cart", "w-the-cart"]
)
def test_a_feature_is_found_by_id_sentence_and_part_of_the_id(words):
    assert side_by_side.find_features(words) == [SHOW]


def test_all_selects_every_feature():
    assert side_by_side.find_features("all") == list(FEATURES)


@pytest.mark.parametrize(
    ("words", "suggested"),
    [
        ("sign", "show-the-sign-in-form, sign-in, sign-out"),
        ("show-teh-cart", "show-the-cart"),
        ("", "show-the-menu"),
    ],
)
def test_an_ambiguous_or_unknown_feature_is_a_usage_error_with_suggestions(words, suggested):
    with pytest.raises(UsageError, match=re.escape(suggested)):
        side_by_side.find_features(words)


def render(rows, width, monkeypatch):
    """Return the output on a terminal of a width."""
    screen = io.StringIO()
    terminal = Console(file=screen, width=width, force_terminal=True, color_system=None)
    monkeypatch.setattr("bench.cli.side_by_side.Console", lambda **_: terminal)
    print_rows(rows)
    return screen.getvalue()


def test_a_wide_terminal_shows_columns(two, monkeypatch):
    lines = render(side_by_side.compare_features([SHOW], two), 160, monkeypatch).splitlines()
    (line,) = (line for line in lines if "first_show" in line)
    assert "second_show" in line


def test_a_narrow_terminal_shows_rows(two, monkeypatch):
    lines = render(side_by_side.compare_features([SHOW], two), 80, monkeypatch).splitlines()
    (line,) = (line for line in lines if "first_show" in line)
    assert "second_show" not in line


def test_a_pipe_gets_plain_text(two, capsys):
    print_rows(side_by_side.compare_features([SHOW], two, templates=True))
    assert capsys.readouterr().out.startswith(
        "=== Show the cart.  GET /cart\n\n--- first: first/pages.py:5\ndef first_show():\n"
        '    """Show the cart."""\n    return helper("<&>")\n\n'
        "--- first: first/cart.html\n<p>first's cart</p>\n\n--- second: second/pages.py:5\n"
    )


def test_helpers_are_shown_on_request(two):
    (row,) = side_by_side.compare_features([SHOW], two, helpers=True)
    assert [piece.where for piece in row.columns[0].pieces] == [
        "first/pages.py:5",
        "first/pages.py:1",
    ]


def test_a_framework_without_the_feature_is_marked(two, add_app, capsys):
    print_rows(side_by_side.compare_features([SHOW], [*two, add_app("third")]))
    assert f"--- third: {side_by_side.NO_HANDLER}" in capsys.readouterr().out


def test_the_hardening_is_shown_in_place_of_a_feature(two, capsys):
    (two[0].folder / "hardening.py").write_text("def harden(app):\n    app.strict = True\n")
    row = side_by_side.compare_hardening(two)
    print_rows([row])
    assert capsys.readouterr().out == (
        "=== Hardening of the site as taught.  hardening.py\n\n--- first: first/hardening.py\n"
        "def harden(app):\n    app.strict = True\n\n--- second: no hardening.py\n\n"
    )
    (show_row,) = side_by_side.compare_features([SHOW], two, True, True)
    assert all("hardening" not in piece.where for piece in show_row.columns[0].pieces)
    text = render_page([show_row, row])
    html5lib.HTMLParser(strict=True).parse(text)
    assert text.index("first_show") < text.index("first/hardening.py")


def test_the_page_is_valid_self_contained_and_without_scripts(two, add_app):
    rows = side_by_side.compare_features(list(FEATURES), [*two, add_app("third")], True, True)
    text = render_page(rows)
    html5lib.HTMLParser(strict=True).parse(text)
    assert not re.search(r"<script|<link|<img|@import|url\(|https?://", text)
    assert "prefers-color-scheme: dark" in text
    assert "&lt;&amp;&gt;" in text
    assert side_by_side.NO_HANDLER in text
