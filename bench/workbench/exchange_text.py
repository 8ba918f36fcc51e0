"""Write an exchange as lines, and mark the lines in which two exchanges differ."""

import json
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from bench.workbench.journal import JournalEntry
from bench.workbench.outcomes import Outcome

MAX_LINES = 1500  # of one exchange
CONTEXT_LINES = 3


class LinePair(NamedTuple):
    """A line of each exchange; None where one has no such line."""

    left: str | None
    right: str | None
    differs: bool
    skipped: int = 0  # equal lines that are not shown, in place of a line


def format_exchange(entry: JournalEntry, outcome: Outcome) -> list[str]:
    """Return the request and the reply of a site, a line each."""
    lines = [f"{entry.method} {outcome.target or entry.target}", ""]
    if not outcome.status:
        return [*lines, f"no reply: {outcome.reason}"]
    lines += [str(outcome.status), *(f"{name}: {text}" for name, text in outcome.headers), ""]
    body = format_body(outcome).splitlines()
    more = [f"… {len(body) - MAX_LINES} more lines"] if len(body) > MAX_LINES else []
    cut = [f"… {outcome.body_bytes} bytes in all"] if outcome.is_cut else []
    return [*lines, *body[:MAX_LINES], *more, *cut]


def format_body(outcome: Outcome) -> str:
    """Return a body as text; other content as its size."""
    kind = outcome.reply.get_first("content-type").partition(";")[0].lower()
    text = outcome.body.decode("utf-8", "replace")
    if kind.endswith("json"):
        try:
            return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
        except (ValueError, RecursionError):
            return text
    is_text = kind.startswith("text/") or kind.endswith(("xml", "javascript"))
    return text if is_text or not outcome.body else f"{outcome.body_bytes} bytes of {kind}"


def pair_lines(left: Sequence[str], right: Sequence[str]) -> list[LinePair]:
    """Return the lines of two exchanges side by side; long equal parts are skipped."""
    pairs: list[LinePair] = []
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        if kind == "equal":
            pairs += skip_equal([LinePair(line, line, False) for line in left[start:end]])
            continue
        size = max(end - start, other_end - other_start)
        own = [*left[start:end], *[None] * (size - end + start)]
        other = [*right[other_start:other_end], *[None] * (size - other_end + other_start)]
        pairs += [LinePair(*pair, True) for pair in zip(own, other, strict=True)]
    return pairs


def skip_equal(pairs: list[LinePair]) -> list[LinePair]:
    """Return equal lines without those in the middle."""
    skipped = len(pairs) - 2 * CONTEXT_LINES
    if skipped < 2:
        return pairs
    return [
        *pairs[:CONTEXT_LINES],
        LinePair(None, None, False, skipped),
        *pairs[-CONTEXT_LINES:],
    ]
