"""Render the pages of the report with Jinja2."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from bench.report.data import ReportData
from bench.report.pages.page import SECTIONS, Page, slugify
from bench.results.views import format_memory_growth

HERE = Path(__file__).parent
STYLESHEET, SCRIPT = HERE / "assets" / "report.css", HERE / "assets" / "report.js"
WORKBENCH_PICTURE = HERE.parent / "workbench" / "workbench.png"
PICTURE = HERE / "readme.png"  # shown where people share a link to the report
# Control characters that browsers hide or obey, such as marks that reverse the text direction.
CONTROL_CHARACTERS = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


class Renderer:
    """Render the pages of one report."""

    def __init__(self, data: ReportData, sections: Sequence[str], style: str = "") -> None:
        """Store what all pages show.

        sections are the addresses in the navigation. A style makes pages that need no other file.
        """
        self._data = data
        self._sections = {address: SECTIONS[address] for address in sections}
        self._style = Markup(style)

    def render(self, page: Page) -> str:
        """Return the page as HTML; control characters of the results are visible as text."""
        text = (
            build_environment()
            .get_template(page.template)
            .render(
                page=page,
                root=page.root,
                results=self._data.results,
                titles=self._data.titles,
                sections=self._sections,
                style=self._style,
                **page.values,
            )
        )
        return CONTROL_CHARACTERS.sub(lambda mark: f"\\u{ord(mark[0]):04x}", text)


@cache
def build_environment() -> Environment:
    """Return the Jinja environment of the report's templates."""
    environment = Environment(
        loader=PackageLoader("bench.report", "templates/report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        framework_title=find_title, slug=slugify, memory_growth=format_memory_growth
    )
    return environment


@pass_context
def find_title(context: Context, name: str) -> str:
    """Return the title of a framework; another name, such as the floor's, is its own title."""
    titles: dict[str, str] = context["titles"]
    return titles.get(name, name)


def read_assets() -> dict[str, bytes]:
    """Return the files that all pages share, by their path in the report's folder."""
    return {
        f"assets/{STYLESHEET.name}": STYLESHEET.read_bytes(),
        f"assets/{SCRIPT.name}": SCRIPT.read_bytes(),
        "assets/share.png": PICTURE.read_bytes(),
        "assets/workbench.png": WORKBENCH_PICTURE.read_bytes(),
    }
