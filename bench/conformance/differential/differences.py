"""Do all sites agree on a step, with each other and with the model?"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from difflib import unified_diff
from pprint import pformat
from typing import Any, NamedTuple

from bench.conformance.canonical_dom import difference as dom_difference
from bench.conformance.differential.expected import Answer, Step
from bench.conformance.differential.model import Rows
from bench.conformance.differential.sites import Outcome

MODEL = "the model"
MOST_LINES = 40


class Mark(NamedTuple):
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
    def mark(self) -> Mark:
        """Return what tells it from other differences."""
        # A header that is another everywhere is one difference, not one for each action.
        action = "" if self.kind.startswith("header ") else self.action
        return Mark(self.kind, action, self.sites)

    def line(self) -> str:
        """Return the difference in one line."""
        return f"{', '.join(self.sites)}: {self.kind} of {self.action!r}"


# A site may send these where none is due.
OPTIONAL = ("allow", "etag", "vary")
# In this order: what comes first explains what comes after.
PARTS: dict[str, Callable[[Answer], Any]] = {
    "status": lambda answer: answer.status,
    "headers": lambda answer: answer.headers,  # one by one
    "cookies": lambda answer: answer.cookie,
    "content": lambda answer: answer.content,
    "queries": lambda answer: answer.queries,
}


def differences(step: Step, outcomes: Mapping[str, Outcome]) -> Iterator[Difference]:
    """Yield what is not the same everywhere."""
    expected = step.answer
    if step.request.method == "HEAD" or 300 <= expected.status < 400:
        expected = expected_without_content(expected)
    for kind, part in PARTS.items():
        found = {name: part(due(outcome.answer, expected)) for name, outcome in outcomes.items()}
        if kind == "headers":
            yield from headers_told(step.action, found, expected.headers)
        else:
            yield from told(kind, step.action, found, part(expected), pretty)
        if kind == "content":
            pages = {name: outcome.dom for name, outcome in outcomes.items()}
            yield from told("page", step.action, pages, None, dom_lines)
    rows = {name: outcome.rows for name, outcome in outcomes.items()}
    yield from told("rows", step.action, rows, step.house.rows(), rows_lines)


def headers_told(
    action: str, found: Mapping[str, dict[str, str]], expected: dict[str, str]
) -> Iterator[Difference]:
    """Yield the differences in headers, one each; a header that is not there is ""."""
    for name in sorted({*expected, *(name for headers in found.values() for name in headers)}):
        texts = {site: headers.get(name, "") for site, headers in found.items()}
        yield from told(f"header {name}", action, texts, expected.get(name, ""), pretty)


def due(answer: Answer, expected: Answer) -> Answer:
    """Return an answer without what may be there or not, and what the model leaves open."""
    left_out = {name for name in OPTIONAL if name not in expected.headers}
    headers = {name: text for name, text in answer.headers.items() if name not in left_out}
    queries = None if expected.queries is None else answer.queries
    if queries and expected.queries and 0 < queries - expected.queries <= expected.spare:
        queries = expected.queries
    return replace(answer, headers=headers, queries=queries)


def expected_without_content(answer: Answer) -> Answer:
    """Return an answer whose content is nothing, as that of a redirect is to a guest."""
    return replace(answer, content=None)


def told(
    kind: str, action: str, found: Mapping[str, Any], expected: Any, lines: Callable[..., str]
) -> Iterator[Difference]:
    """Yield the difference in one thing, if there is any; expected None: the model has no say."""
    values = list(found.values())
    usual = expected if expected in values else most_common(values)
    if odd := {name: value for name, value in found.items() if value != usual}:
        usual_names = [name for name in found if name not in odd]
        name, value = next(iter(odd.items()))
        yield Difference(kind, action, tuple(odd), lines(value, usual, name, usual_names[0]))
    elif expected is not None and usual != expected:
        yield Difference(kind, action, (MODEL,), lines(expected, usual, MODEL, "every site"))


def most_common(values: list[Any]) -> Any:
    """Return the value that is there most often; of equals, the first."""
    return max(values, key=values.count)


def pretty(value: Any, usual: Any, name: str, usual_name: str) -> str:
    """Return how two values differ, line by line."""
    if not isinstance(value, dict | list):
        return f"{name}: {value!r}\n{usual_name}: {usual!r}"
    before, after = (pformat(one, width=100).splitlines() for one in (usual, value))
    lines = unified_diff(before, after, usual_name, name, lineterm="", n=1)
    return "\n".join(list(lines)[:MOST_LINES])


def dom_lines(value: str, usual: str, name: str, usual_name: str) -> str:
    """Return how two pages differ."""
    return "\n".join(dom_difference(usual, value, usual_name, name).splitlines()[:MOST_LINES])


def rows_lines(value: Rows, usual: Rows, name: str, usual_name: str) -> str:
    """Return the rows that are only here or only there."""
    lines = []
    for table, rows in usual.items():
        lines += [f"{table}: only {usual_name}: {row!r}" for row in rows if row not in value[table]]
        lines += [f"{table}: only {name}: {row!r}" for row in value[table] if row not in rows]
    return "\n".join(lines[:MOST_LINES]) or "the same rows, in another order"
