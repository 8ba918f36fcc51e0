"""Check that the results fit the report, and separate damaged results from bugs of the report."""

import ast
import traceback
from collections.abc import Callable
from typing import TypeVar

import click
from msgspec.structs import replace

from bench.core.errors import CookoffError, collapse_whitespace
from bench.core.paths import Paths
from bench.core.private_files import open_private
from bench.results import store
from bench.results.schema import ComparedResults, Results
from bench.results.validation import require_comparison

T = TypeVar("T")


class ReportError(CookoffError):
    """A bug of the report: the results are valid, but the report failed."""


def check_results(results: Results) -> ComparedResults:
    """Return the results without the frameworks whose code cannot be parsed; report these.

    Raises DependencyError if the results hold no comparison, and ResultsFormatError if the
    comparison is incomplete.
    """
    return drop_unparsable(require_comparison(results))


def drop_unparsable(results: ComparedResults) -> ComparedResults:
    """Return the results without the frameworks whose code this Python cannot parse.

    The code may need another version of Python. Each skipped framework is reported on stderr and
    in "skipped". Raises ResultsFormatError if no framework is left.
    """
    skipped = find_unparsable(results)
    for reason in skipped.values():
        click.echo(f"cookoff: skipped: {reason}", err=True)
    frameworks = {name: facts for name, facts in results.frameworks.items() if name not in skipped}
    if not frameworks:
        raise store.ResultsFormatError("no framework's code can be parsed; run: cookoff compare")
    return replace(results, frameworks=frameworks, skipped={**results.skipped, **skipped})


def find_unparsable(results: ComparedResults) -> dict[str, str]:
    """Return the frameworks whose code this Python cannot parse, with the file and the reason."""
    return {
        name: f"{file}: {reason}"
        for name, facts in results.frameworks.items()
        for file, text in facts.sources.items()
        if file.endswith(".py") and (reason := explain_parse_error(text))
    }


def explain_parse_error(text: str) -> str:
    """Return why a Python source cannot be parsed, "" if it can."""
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return collapse_whitespace(error)
    return ""


def call_guarded(function: Callable[[], T]) -> T:
    """Return the result of a function that works on checked results.

    Raises ReportError, with the path of a log, for every exception that is not a CookoffError.
    """
    try:
        return function()
    except CookoffError:
        raise
    except Exception as error:
        log = Paths.from_environ().prepare_log_path("report")
        with open(log, "w", encoding="utf-8", opener=open_private) as log_file:
            log_file.write(traceback.format_exc())
        what = collapse_whitespace(f"{type(error).__name__}: {error}")
        raise ReportError(
            f"bug in the report, the results are valid: {what[:200]} (traceback: {log})"
        ) from error
