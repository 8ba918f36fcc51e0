"""The panel with each site's reply to one request, and two exchanges line by line."""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.workbench.exchange_text import LinePair, format_exchange, pair_lines
from bench.workbench.exchanges import Exchange
from bench.workbench.journal import JournalEntry
from bench.workbench.outcomes import Outcome
from bench.workbench.site import Site


@dataclass(frozen=True)
class ReplyRow:
    """One site's reply in the table."""

    site: Site
    outcome: Outcome | None  # None while there is no reply yet
    kinds: list[str]  # of differences
    details: list[str]

    @property
    def same_page(self) -> bool:
        """Return whether the page or the content equals that of the others."""
        return not {"page", "content", "no reply"} & set(self.kinds)

    @property
    def differing_headers(self) -> list[str]:
        """Return the names of the headers that differ."""
        return [kind.removeprefix("header ") for kind in self.kinds if kind.startswith("header ")]

    @property
    def other_kinds(self) -> list[str]:
        """Return the differences that no other column shows."""
        shown = ("page", "content", "header ")
        return [kind for kind in self.kinds if not kind.startswith(shown)]


def build_rows(
    sites: Mapping[str, Site], exchange: Exchange, outcomes: Mapping[str, Outcome]
) -> list[ReplyRow]:
    """Return a row for each site, the site on stage first."""
    order = sorted(sites, key=lambda name: (name != exchange.stage, name))
    return [
        ReplyRow(
            sites[name],
            outcomes.get(name),
            exchange.list_kinds(name),
            [each.details for each in exchange.differences if name in each.sites],
        )
        for name in order
    ]


def compare_pair(
    entry: JournalEntry, outcomes: Mapping[str, Outcome], names: tuple[str, ...]
) -> list[LinePair]:
    """Return the exchanges of the first two picked sites, line by line."""
    known = [name for name in names if name in outcomes][:2]
    if len(known) < 2:
        return []
    left, right = (format_exchange(entry, outcomes[name]) for name in known)
    return pair_lines(left, right)
