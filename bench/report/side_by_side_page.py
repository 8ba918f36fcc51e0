"""Render a comparison of code as one self-contained page without JavaScript."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from bench.analysis.side_by_side import CodeExcerpt, FeatureRow

TEMPLATES_FOLDER = Path(__file__).parent / "templates"
# Both styles have enough contrast for every kind of token, including comments.
LIGHT, DARK = "default", "github-dark"


def render_page(rows: Sequence[FeatureRow]) -> str:
    """Return the self-contained page, with a light and a dark colour scheme."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("side_by_side.html")
    return template.render(
        rows=rows,
        highlight=highlight_piece,
        light_styles=format_styles(LIGHT),
        dark_styles=format_styles(DARK),
    )


def highlight_piece(piece: CodeExcerpt) -> Markup:
    """Return a piece of code as highlighted HTML."""
    lexer = get_lexer_by_name(piece.language)
    return Markup(highlight(piece.text, lexer, HtmlFormatter(nowrap=True)))


def format_styles(name: str) -> Markup:
    """Return the CSS of a Pygments style."""
    formatter: Any = HtmlFormatter(style=name)  # the type stubs lack this method
    return Markup(formatter.get_style_defs("pre"))
