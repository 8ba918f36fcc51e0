"""How does a comparison of code become one page that opens anywhere, without JavaScript?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from bench.analysis.side_by_side import NO_HANDLER, CodeExcerpt, FeatureRow

TEMPLATES_FOLDER = Path(__file__).parent / "templates"
# Both keep enough contrast for every kind of word, comments too.
LIGHT, DARK = "default", "github-dark"


def render_page(rows: Sequence[FeatureRow]) -> str:
    """Return the page, complete in itself, in light and in dark."""
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
        paint=highlight_piece,
        nothing=NO_HANDLER,
        light=format_styles(LIGHT),
        dark=format_styles(DARK),
    )


def highlight_piece(piece: CodeExcerpt) -> Markup:
    """Return a piece of code as HTML, its words marked by kind."""
    lexer = get_lexer_by_name(piece.language)
    return Markup(highlight(piece.text, lexer, HtmlFormatter(nowrap=True)))


def format_styles(name: str) -> Markup:
    """Return the CSS that colours the kinds of words."""
    formatter: Any = HtmlFormatter(style=name)  # its types leave this method out
    return Markup(formatter.get_style_defs("pre"))
