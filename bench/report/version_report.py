"""Write the report's pages about versions."""

from pathlib import Path

from bench.results import store


def write_versions(framework: str) -> Path:
    """Write the page of a framework's versions, and return its path."""
    return store.REPORT_FOLDER / "versions" / f"{framework}.html"
