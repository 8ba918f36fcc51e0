"""Compare the outcomes of a step at all sites with each other and with the model."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from difflib import unified_diff
from pprint import pformat
from typing import Any, NamedTuple

from bench.conformance.canonical_dom import diff_pages
from bench.conformance.differential.expected import NormalizedReply, Step
from bench.conformance.differential.model import Rows
from bench.conformance.differential.profiles import HARDENED_PROFILE, Profile
from bench.conformance.differential.sites import StepOutcome

MODEL = "the model"
MAX_LINES = 40


class DifferenceKey(NamedTuple):
    """The values that identify a difference."""

    kind: str
    action: str
    sites: tuple[str, ...]


class Difference(NamedTuple):
    """One difference between sites, or between all sites and the model."""

    kind: str  # status, header NAME, cookies, content, page, rows, queries
    action: str
    sites: tuple[str, ...]  # the sites that differ, or MODEL if all sites agree
    details: str  # the values of these sites and of the others

    @property
    def key(self) -> DifferenceKey:
        """Return the values that identify the difference."""
        # A header that differs in all actions is a single difference.
        action = "" if self.kind.startswith("header ") else self.action
        return DifferenceKey(self.kind, action, self.sites)

    def format_line(self) -> str:
        """Return the difference in one line."""
        return f"{', '.join(self.sites)}: {self.kind} of {self.action!r}"


# A site may send these headers although the model does not expect them.
OPTIONAL_HEADERS = ("allow", "etag", "vary")
# In this order, because a difference in one part explains differences in later parts.
REPLY_PARTS: dict[str, Callable[[NormalizedReply], Any]] = {
    "status": lambda reply: reply.status,
    "headers": lambda reply: reply.headers,  # compared header by header
    "cookies": lambda reply: reply.cookie,
    "content": lambda reply: reply.content,
    "queries": lambda reply: reply.query_count,
}


def find_differences(
    step: Step, outcomes: Mapping[str, StepOutcome], profile: Profile = HARDENED_PROFILE
) -> Iterator[Difference]:
    """Yield the differences of a step in the facts that the profile compares."""
    expected = profile.normalize_reply(step.expected, step)
    if step.request.method == "HEAD" or 300 <= expected.status < 400:
        expected = remove_content(expected)
    for kind, part in REPLY_PARTS.items():
        values = {
            name: part(comparable(profile.normalize_reply(outcome.normalized, step), expected))
            for name, outcome in outcomes.items()
        }
        if kind == "headers":
            yield from compare_headers(step.action, values, expected.headers)
        else:
            yield from compare_values(kind, step.action, values, part(expected), format_values)
        if kind == "content":
            pages = {name: outcome.dom for name, outcome in outcomes.items()}
            yield from compare_values("page", step.action, pages, None, format_page_diff)
    rows = {name: profile.normalize_rows(outcome.rows) for name, outcome in outcomes.items()}
    expected_rows = profile.normalize_rows(step.model.build_rows())
    yield from compare_values("rows", step.action, rows, expected_rows, format_rows_diff)


def compare_headers(
    action: str, headers: Mapping[str, dict[str, str]], expected: dict[str, str] | None
) -> Iterator[Difference]:
    """Yield a difference for each header that differs; a missing header is "".

    With `expected` None the majority of the sites decides.
    """
    for name in sorted({*(expected or ()), *(name for own in headers.values() for name in own)}):
        texts = {site: own.get(name, "") for site, own in headers.items()}
        text = None if expected is None else expected.get(name, "")
        yield from compare_values(f"header {name}", action, texts, text, format_values)


def comparable(reply: NormalizedReply, expected: NormalizedReply) -> NormalizedReply:
    """Return a reply without optional headers and without values that the model leaves open."""
    ignored = {name for name in OPTIONAL_HEADERS if name not in expected.headers}
    headers = {name: text for name, text in reply.headers.items() if name not in ignored}
    queries = None if expected.query_count is None else reply.query_count
    if queries is not None and expected.query_count is not None:
        more = queries - expected.query_count
        if -expected.query_savings <= more <= expected.query_tolerance:
            queries = expected.query_count
    return replace(reply, headers=headers, query_count=queries)


def remove_content(reply: NormalizedReply) -> NormalizedReply:
    """Return a reply without its content: a browser does not show that of a redirect."""
    return replace(reply, content=None)


def compare_values(
    kind: str,
    action: str,
    values: Mapping[str, Any],
    expected: Any,
    format_details: Callable[..., str],
) -> Iterator[Difference]:
    """Yield the difference in one value by site, if there is any.

    The model's value decides; if it is None or no site has it, the majority decides.
    """
    every = list(values.values())
    usual = expected if expected in every else find_most_common(every)
    if odd := {name: value for name, value in values.items() if value != usual}:
        usual_name = next(name for name in values if name not in odd)
        name, value = next(iter(odd.items()))
        yield Difference(kind, action, tuple(odd), format_details(value, usual, name, usual_name))
    elif expected is not None and usual != expected:
        details = format_details(expected, usual, MODEL, "every site")
        yield Difference(kind, action, (MODEL,), details)


def find_most_common(values: list[Any]) -> Any:
    """Return the most common value, the first of several."""
    return max(values, key=values.count)


def format_values(value: Any, usual: Any, name: str, usual_name: str) -> str:
    """Return both values, or a diff of their lines."""
    if not isinstance(value, dict | list):
        return f"{name}: {value!r}\n{usual_name}: {usual!r}"
    before, after = (pformat(item, width=100).splitlines() for item in (usual, value))
    lines = unified_diff(before, after, usual_name, name, lineterm="", n=1)
    return "\n".join(list(lines)[:MAX_LINES])


def format_page_diff(value: str, usual: str, name: str, usual_name: str) -> str:
    """Return a diff of two pages."""
    return "\n".join(diff_pages(usual, value, usual_name, name).splitlines()[:MAX_LINES])


def format_rows_diff(value: Rows, usual: Rows, name: str, usual_name: str) -> str:
    """Return the rows that only one of two databases has."""
    lines = []
    for table, rows in usual.items():
        lines += [f"{table}: only {usual_name}: {row!r}" for row in rows if row not in value[table]]
        lines += [f"{table}: only {name}: {row!r}" for row in value[table] if row not in rows]
    return "\n".join(lines[:MAX_LINES]) or "the same rows, in another order"
