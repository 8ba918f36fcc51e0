"""What one site replied to one request: the reply, its costs, and the rows that it changed."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec

from bench.conformance.differential.database_state import mask_rows
from bench.conformance.differential.http_client import Reply
from bench.conformance.differential.model import Rows

MAX_TEXT_BYTES = 1024 * 1024  # of a body that is kept; of a longer one the beginning


class Call(msgspec.Struct, array_like=True):
    """One call of a function while the request was recorded."""

    depth: int
    layer: str
    file: str
    line: int
    function: str
    start_us: int
    duration_us: int


class Observation(msgspec.Struct):
    """What the host of a site observed: see bench/agent/request_observer.py."""

    milliseconds: float
    statement_count: int
    statements: list[tuple[str, float]]
    lines: dict[str, list[int]] = {}
    calls: list[Call] = []

    @property
    def is_recorded(self) -> bool:
        """Return whether lines and calls were recorded, which makes the request slower."""
        return bool(self.calls)


class RowChange(msgspec.Struct):
    """A row of a table before and after a request; None for a row that is not there."""

    table: str
    before: list[Any] | None
    after: list[Any] | None


class Outcome(msgspec.Struct):
    """What one site replied to one request."""

    status: int  # 0 without a reply
    reason: str = ""  # why there is no reply
    headers: list[tuple[str, str]] = []
    body: bytes = b""  # at most MAX_TEXT_BYTES
    body_bytes: int = 0
    digest: str = ""  # of a body that is cut, without the values that differ from site to site
    milliseconds: float = 0.0  # until the end of the reply
    session_before: str = ""
    codes: list[str] = []  # of the site's orders so far
    target: str = ""  # with the values of this site
    observation: Observation | None = None
    changes: list[RowChange] = []
    masked_changes: list[tuple[str, str]] = []  # table and text, for the comparison
    has_message_cookie: bool = False

    @property
    def reply(self) -> Reply:
        """Return the reply in the form that the readers of differential testing take."""
        return Reply(self.status, self.headers, self.body)

    @property
    def is_cut(self) -> bool:
        """Return whether the body was too long to be kept."""
        return self.body_bytes > len(self.body)


def find_changes(before: Rows, after: Rows) -> list[RowChange]:
    """Return the rows that a request added, changed and removed."""
    changes = []
    for table, rows in after.items():
        old, new = set(before[table]) - set(rows), set(rows) - set(before[table])
        size = 2 if table in ("cart_lines", "order_lines") else 1  # columns of the primary key
        old_by_key = {row[:size]: row for row in old}
        for row in sorted(new, key=repr):
            earlier = old_by_key.pop(row[:size], None)
            changes.append(RowChange(table, list(earlier) if earlier else None, list(row)))
        changes += [RowChange(table, list(row), None) for row in old_by_key.values()]
    return changes


def mask_changes(
    before: Rows, after: Rows, tokens: tuple[Mapping[str, str], Mapping[str, str]]
) -> list[tuple[str, str]]:
    """Return the changes in a form that is equal at all sites that made the same changes.

    `tokens` are the session cookies by user before and after the request.
    """
    old, new = mask_rows(before, tokens[0]), mask_rows(after, tokens[1])
    changes = []
    for table in new:
        counts = Counter(new[table])
        counts.subtract(old[table])
        changes += [(table, f"{count:+d} {row!r}") for row, count in counts.items() if count]
    return sorted(changes)
