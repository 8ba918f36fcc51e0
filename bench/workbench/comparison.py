"""Compare what all sites replied to one request, as differential testing compares it.

There is no model here that knows the right reply: the majority of the sites decides.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from statistics import median
from typing import Any

from bench.conformance.differential.differences import (
    OPTIONAL_HEADERS,
    Difference,
    compare_headers,
    compare_values,
    find_most_common,
    format_page_diff,
    format_values,
)
from bench.conformance.differential.expected import NormalizedReply
from bench.conformance.differential.http_client import Request
from bench.conformance.differential.observed import canonicalize_reply, normalize_reply
from bench.workbench.journal import JournalEntry
from bench.workbench.outcomes import Outcome

NO_REPLY, SLOW = "no reply", "slow reply"
SLOW_MILLISECONDS = 1000.0
SLOW_RATIO = 5.0  # of the median of all sites
# The page about a request shows the statements until its handler; a framework may read the session
# before that or after.
QUERIES_SO_FAR = re.compile(r"(Queries so far: )\d+")


def compare_outcomes(entry: JournalEntry, outcomes: Mapping[str, Outcome]) -> Iterator[Difference]:
    """Yield the differences between the sites' outcomes of one request."""
    action = f"{entry.method} {entry.target}"
    dead = [name for name, outcome in outcomes.items() if not outcome.status]
    for name in dead:
        yield Difference(NO_REPLY, action, (name,), f"{name}: {outcomes[name].reason}")
    alive = {name: outcome for name, outcome in outcomes.items() if outcome.status}
    if len(alive) < 2:
        return
    replies = {name: normalize_outcome(entry, outcome) for name, outcome in alive.items()}
    yield from compare_parts(action, replies)
    yield from compare_texts(entry, action, alive)
    changes = {name: outcome.masked_changes for name, outcome in alive.items()}
    yield from compare_values("rows", action, changes, None, format_changes)
    yield from find_slow(action, alive)


def compare_parts(action: str, replies: Mapping[str, NormalizedReply]) -> Iterator[Difference]:
    """Yield the differences in status, headers, cookies, content and queries."""
    statuses = {name: reply.status for name, reply in replies.items()}
    yield from compare_values("status", action, statuses, None, format_values)
    headers = {name: reply.headers for name, reply in replies.items()}
    yield from compare_headers(action, headers, None)
    cookies = {name: reply.cookie for name, reply in replies.items()}
    yield from compare_values("cookies", action, cookies, None, format_values)
    contents = {name: reply.content for name, reply in replies.items()}
    yield from compare_values("content", action, contents, None, format_values)
    counts = {name: reply.query_count for name, reply in replies.items()}
    if all(reply.status < 400 for reply in replies.values()):
        yield from compare_counts(action, replies, counts)


def compare_counts(
    action: str, replies: Mapping[str, NormalizedReply], counts: Mapping[str, int | None]
) -> Iterator[Difference]:
    """Yield the difference in the number of SQL statements.

    A framework with messages in a cookie runs one statement less where others save a message; an
    export may have run a statement before its headers, or not yet.
    """
    usual = find_most_common(list(counts.values()))
    tolerated = {
        name: usual
        if count is not None and usual is not None
        and -replies[name].query_savings <= count - usual <= replies[name].query_tolerance
        else count
        for name, count in counts.items()
    }  # fmt: skip
    yield from compare_values("queries", action, tolerated, None, format_values)


def normalize_outcome(entry: JournalEntry, outcome: Outcome) -> NormalizedReply:
    """Return a reply in the form that is compared."""
    request = Request("guest", entry.method, entry.target)
    reply = outcome.reply._replace(body=b"") if outcome.is_cut else outcome.reply
    normalized = normalize_reply(request, reply, outcome.codes, outcome.session_before)
    headers = {
        name: text
        for name, text in normalized.headers.items()
        if name not in OPTIONAL_HEADERS or is_compared(entry, normalized.status, name)
    }
    if headers.get("content-type") == "application/javascript":  # the former name (RFC 9239)
        headers["content-type"] = "text/javascript"
    is_streamed = reply.get_first("content-type").startswith("text/csv")
    content = outcome.digest if outcome.is_cut else normalized.content
    return replace(
        normalized,
        headers=headers,
        content=content,
        query_savings=int(outcome.has_message_cookie),
        query_tolerance=int(is_streamed),
    )


def is_compared(entry: JournalEntry, status: int, header: str) -> bool:
    """Return whether an optional header is compared: a version of a dish, or allowed methods."""
    if header == "etag":
        return status == 200 and entry.path.startswith(("/api/dishes/", "/photos/", "/static/"))
    return header == "allow" and status == 405


def compare_texts(
    entry: JournalEntry, action: str, outcomes: Mapping[str, Outcome]
) -> Iterator[Difference]:
    """Yield the difference between the pages."""
    if entry.method == "HEAD":
        return
    pages = {
        name: outcome.digest
        if outcome.is_cut
        else QUERIES_SO_FAR.sub(r"\1[number]", canonicalize_reply(outcome.reply))
        for name, outcome in outcomes.items()
    }
    yield from compare_values("page", action, pages, None, format_page_diff)


def format_changes(value: Any, usual: Any, name: str, usual_name: str) -> str:
    """Return the changes of rows that only one of two sites made."""
    lines = [f"only {name}: {table}: {row}" for table, row in value if (table, row) not in usual]
    lines += [
        f"only {usual_name}: {table}: {row}" for table, row in usual if (table, row) not in value
    ]
    return "\n".join(lines)


def find_slow(action: str, outcomes: Mapping[str, Outcome]) -> Iterator[Difference]:
    """Yield a difference for each site whose application needed far more time than the others."""
    times = {
        name: outcome.observation.milliseconds
        for name, outcome in outcomes.items()
        if outcome.observation
    }
    typical = median(times.values()) if times else 0.0
    for name, milliseconds in times.items():
        if milliseconds > max(SLOW_MILLISECONDS, SLOW_RATIO * typical):
            details = f"{name}: {milliseconds:.0f} ms; median of all: {typical:.0f} ms"
            yield Difference(SLOW, action, (name,), details)
