"""The page of a source file of the project or of a framework."""

import asyncio
import os
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from bench.report.highlight import find_language, highlight_lines, wrap_lines
from bench.workbench.panels import journey
from bench.workbench.workbench import Workbench


class SourcePage:
    """Shows the files that the chart of calls links to."""

    def __init__(self, workbench: Workbench, templates: Environment) -> None:
        self.workbench, self.templates = workbench, templates

    async def show(self, request: Request) -> Response:
        """Show a source file of the project or of a framework."""
        path = Path(request.query_params.get("path", ""))
        folders = [site.environment.folder for site in self.workbench.sites.values()]
        trees = [site.environment.source for site in self.workbench.sites.values()]
        roots = journey.list_source_roots([*folders, *trees, Path(os.__file__).parent])
        if not is_shown_source(path, roots):
            return PlainTextResponse("This file is not shown.\n", 404)
        return await asyncio.to_thread(self.render_source, path)

    def render_source(self, path: Path) -> Response:
        """Return the page of a source file."""
        text = path.read_text(encoding="utf-8", errors="replace")
        highlighted = highlight_lines(text, find_language(path.name))
        ids = {number: f"L{number}" for number in range(1, len(highlighted) + 1)}
        lines = Markup("").join(wrap_lines(highlighted, 1, {}, ids))
        template = self.templates.get_template("source.html")
        return HTMLResponse(template.render(path=journey.shorten_path(str(path)), lines=lines))


def is_shown_source(path: Path, roots: list[Path]) -> bool:
    """Return whether a file is code or a template in one of some folders."""
    try:
        resolved = path.resolve()
        is_inside = any(resolved.is_relative_to(root) for root in roots)
        return is_inside and resolved.is_file() and find_language(path.name) != "text"
    except (OSError, ValueError):
        return False
