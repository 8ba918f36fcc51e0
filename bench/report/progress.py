"""Write the first page of the report while a comparison runs; the page reloads itself."""

from collections.abc import Sequence
from pathlib import Path

from bench.core.files import write_file
from bench.core.tables import Row
from bench.report.renderer import build_environment, read_assets
from bench.report.site import INDEX_FILE

RELOAD_SECONDS = 5


def write_progress(rows: Sequence[Row], step: str, file: Path = INDEX_FILE) -> None:
    """Write the page: what the comparison does now, and a row of figures for each framework.

    All rows have the same keys, which are the headings of the table. write_report() replaces the
    page by the final one, which does not reload. Raises WriteError.
    """
    for path, content in read_assets().items():
        target = file.parent / path
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            write_file(target, content)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_file(file, render_progress(rows, step))


def render_progress(rows: Sequence[Row], step: str) -> str:
    """Return the page as HTML."""
    template = build_environment().get_template("progress.html")
    return template.render(rows=rows, step=step, reload_seconds=RELOAD_SECONDS)
