"""Are the results fit for the report? Damage is told from a bug of the report itself."""

import ast
import traceback
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from bench.core.errors import CookoffError, DependencyError, collapse_whitespace
from bench.core.paths import Paths
from bench.core.private_files import open_private
from bench.results import store
from bench.results.validation import parse_results

Results = Mapping[str, Any]
Made = TypeVar("Made")


class ReportError(CookoffError):
    """A bug of the report: results of the right shape from which it could not be made."""


def check_results(found: Results) -> dict[str, Any]:
    """Return the results without the frameworks whose code cannot be parsed, which are named.

    Raises Missing where nothing was compared yet, and Damaged where the results have not the
    shape that the report needs.
    """
    if "frameworks" not in found:
        raise DependencyError(
            f"{store.RESULTS_FILE} tells of no comparison yet; run: cookoff compare"
        )
    parse_results(found)
    return drop_unparsable(found)


def drop_unparsable(found: Results) -> dict[str, Any]:
    """Return the results without the frameworks whose code this Python cannot parse.

    They were written under another Python, say. Each is named on stderr and in "missing".
    """
    left_out = find_unparsable(found)
    for reason in left_out.values():
        click.echo(f"cookoff: left out: {reason}", err=True)
    kept = {name: one for name, one in found["frameworks"].items() if name not in left_out}
    if not kept:
        raise store.ResultsFormatError("no framework's code can be parsed; run: cookoff compare")
    return {**found, "frameworks": kept, "missing": {**found["missing"], **left_out}}


def find_unparsable(found: Results) -> dict[str, str]:
    """Return the frameworks whose code this Python cannot parse, with the file and the reason."""
    return {
        name: f"{file}: {why}"
        for name, one in found["frameworks"].items()
        for file, text in one["sources"].items()
        if file.endswith(".py") and (why := explain_parse_error(text))
    }


def explain_parse_error(text: str) -> str:
    """Return why some Python cannot be parsed, "" when it can."""
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return collapse_whitespace(error)
    return ""


def call_guarded(function: Callable[[], Made]) -> Made:
    """Return what `make` makes of checked results; raise ReportError, naming a log, for a bug."""
    try:
        return function()
    except CookoffError:
        raise
    except Exception as error:
        log = Paths.from_environ().prepare_log_path("report")
        with open(log, "w", encoding="utf-8", opener=open_private) as written:
            written.write(traceback.format_exc())
        what = collapse_whitespace(f"{type(error).__name__}: {error}")
        raise ReportError(
            f"a bug of cookoff's report, not of the results: {what[:200]} (traceback: {log})"
        ) from error
