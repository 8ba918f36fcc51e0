"""Count the clauses that have run, while pytest runs them in other processes.

Each pytest process has a file: the number of its clauses, a line break, and a dot for each clause
that has run. tests/contract/results.py writes the file.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.core.words import format_count

WHOLE_RUN = "the run itself"  # takes the place of a clause's id when a run ended early


@dataclass(frozen=True)
class ClauseCount:
    """How many clauses of a run have run, of how many; 0 of 0 before they are collected."""

    finished: int = 0
    total: int = 0


def read_count(file: Path) -> ClauseCount:
    """Return the count that a file of a run has, 0 of 0 without the file."""
    with suppress(OSError, ValueError):
        total, _, dots = file.read_text(encoding="ascii").partition("\n")
        return ClauseCount(len(dots), int(total))
    return ClauseCount()


def format_counts(counts: Sequence[ClauseCount]) -> str:
    """Return the clauses of all runs: "349 of 1,834 clauses".

    A run that has not started has as many clauses as the others.
    """
    finished = sum(count.finished for count in counts)
    most = max((count.total for count in counts), default=0)
    total = sum(count.total or most for count in counts)
    return f"{finished:,} of {format_count(total, 'clause')}" if total else "0 clauses"
