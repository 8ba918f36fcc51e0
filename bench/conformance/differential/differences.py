"""Do all sites agree on a step, with each other and with the model?"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from difflib import unified_diff
from pprint import pformat
from typing import Any, NamedTuple

from bench.conformance.canonical_dom import diff_pages as dom_difference
from bench.conformance.differential.expected import NormalizedReply, Step
from bench.conformance.differential.model import Rows
from bench.conformance.differential.sites import StepOutcome

MODEL = "the model"
MAX_LINES = 40


class DifferenceKey(NamedTuple):
    """What tells a difference from others."""

    kind: str
    action: str
    sites: tuple[str, ...]


class Difference(NamedTuple):
    """One thing that is not the same everywhere."""

    kind: str  # status, header NAME, cookies, content, page, rows, queries
    action: str
    sites: tuple[str, ...]  # those that are unlike the others; or the model, where all agree
    details: str  # what they did, and what the others did

    @property
    def key(self) -> DifferenceKey:
        """Return what tells it from other differences."""
        # A header that is another everywhere is one difference, not one for each action.
        action = "" if self.kind.startswith("header ") else self.action
        return DifferenceKey(self.kind, action, self.sites)

    def format_line(self) -> str:
        """Return the difference in one line."""
        return f"{', '.join(self.sites)}: {self.kind} of {self.action!r}"


# A site may send these where none is due.
OPTIONAL_HEADERS = ("allow", "etag", "vary")
# In this order: what comes first explains what comes after.
REPLY_PARTS: dict[str, Callable[[NormalizedReply], Any]] = {
    "status": lambda answer: answer.status,
    "headers": lambda answer: answer.headers,  # one by one
    "cookies": lambda answer: answer.cookie,
    "content": lambda answer: answer.content,
    "queries": lambda answer: answer.query_count,
}


def find_differences(step: Step, outcomes: Mapping[str, StepOutcome]) -> Iterator[Difference]:
    """Yield what is not the same everywhere."""
    expected = step.expected
    if step.request.method == "HEAD" or 300 <= expected.status < 400:
        expected = remove_content(expected)
    for kind, part in REPLY_PARTS.items():
        found = {
            name: part(comparable(outcome.normalized, expected))
            for name, outcome in outcomes.items()
        }
        if kind == "headers":
            yield from compare_headers(step.action, found, expected.headers)
        else:
            yield from compare_values(kind, step.action, found, part(expected), format_values)
        if kind == "content":
            pages = {name: outcome.dom for name, outcome in outcomes.items()}
            yield from compare_values("page", step.action, pages, None, format_page_diff)
    rows = {name: outcome.rows for name, outcome in outcomes.items()}
    yield from compare_values("rows", step.action, rows, step.model.build_rows(), format_rows_diff)


def compare_headers(
    action: str, found: Mapping[str, dict[str, str]], expected: dict[str, str]
) -> Iterator[Difference]:
    """Yield the differences in headers, one each; a header that is not there is ""."""
    for name in sorted({*expected, *(name for headers in found.values() for name in headers)}):
        texts = {site: headers.get(name, "") for site, headers in found.items()}
        yield from compare_values(
            f"header {name}", action, texts, expected.get(name, ""), format_values
        )


def comparable(answer: NormalizedReply, expected: NormalizedReply) -> NormalizedReply:
    """Return an answer without what may be there or not, and what the model leaves open."""
    left_out = {name for name in OPTIONAL_HEADERS if name not in expected.headers}
    headers = {name: text for name, text in answer.headers.items() if name not in left_out}
    queries = None if expected.query_count is None else answer.query_count
    if (
        queries
        and expected.query_count
        and 0 < queries - expected.query_count <= expected.query_tolerance
    ):
        queries = expected.query_count
    return replace(answer, headers=headers, query_count=queries)


def remove_content(answer: NormalizedReply) -> NormalizedReply:
    """Return an answer whose content is nothing, as that of a redirect is to a guest."""
    return replace(answer, content=None)


def compare_values(
    kind: str, action: str, found: Mapping[str, Any], expected: Any, lines: Callable[..., str]
) -> Iterator[Difference]:
    """Yield the difference in one thing, if there is any; expected None: the model has no say."""
    values = list(found.values())
    usual = expected if expected in values else find_most_common(values)
    if odd := {name: value for name, value in found.items() if value != usual}:
        usual_names = [name for name in found if name not in odd]
        name, value = next(iter(odd.items()))
        yield Difference(kind, action, tuple(odd), lines(value, usual, name, usual_names[0]))
    elif expected is not None and usual != expected:
        yield Difference(kind, action, (MODEL,), lines(expected, usual, MODEL, "every site"))


def find_most_common(values: list[Any]) -> Any:
    """Return the value that is there most often; of equals, the first."""
    return max(values, key=values.count)


def format_values(value: Any, usual: Any, name: str, usual_name: str) -> str:
    """Return how two values differ, line by line."""
    if not isinstance(value, dict | list):
        return f"{name}: {value!r}\n{usual_name}: {usual!r}"
    before, after = (pformat(one, width=100).splitlines() for one in (usual, value))
    lines = unified_diff(before, after, usual_name, name, lineterm="", n=1)
    return "\n".join(list(lines)[:MAX_LINES])


def format_page_diff(value: str, usual: str, name: str, usual_name: str) -> str:
    """Return how two pages differ."""
    return "\n".join(dom_difference(usual, value, usual_name, name).splitlines()[:MAX_LINES])


def format_rows_diff(value: Rows, usual: Rows, name: str, usual_name: str) -> str:
    """Return the rows that are only here or only there."""
    lines = []
    for table, rows in usual.items():
        lines += [f"{table}: only {usual_name}: {row!r}" for row in rows if row not in value[table]]
        lines += [f"{table}: only {name}: {row!r}" for row in value[table] if row not in rows]
    return "\n".join(lines[:MAX_LINES]) or "the same rows, in another order"
