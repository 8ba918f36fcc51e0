"""Define a page of the report, its address and its place in the navigation."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# The sections of the navigation: the address of the first page, and the text of the link.
SECTIONS = {
    "index.html": "Overview",
    "frameworks/index.html": "Frameworks",
    "features/index.html": "Features",
    "compare/index.html": "Pairs",
    "behaviour/index.html": "Behaviour",
    "hardening.html": "Hardening",
    "katas/index.html": "Katas",
    "cost/index.html": "Cost",
    "journey/index.html": "Journey",
    "versions/index.html": "Versions",
    "method.html": "Method",
}


@dataclass(frozen=True)
class Page:
    """One page: its address in the report's folder, its template, and the template's values."""

    path: str
    template: str
    title: str
    description: str
    values: Mapping[str, object]
    command: str = "cookoff report"  # the command that repeats the figures of the page
    section: str = ""  # a key of SECTIONS; "" for the page's own address
    sequence: Sequence[str] = field(default=())  # the addresses among which it has neighbours

    @property
    def root(self) -> str:
        """The relative address of the report's folder: "" or "../"."""
        return "../" * self.path.count("/")

    def find_neighbour(self, step: int) -> str:
        """Return the address of the page `step` places further in the sequence, or ""."""
        if self.path not in self.sequence:
            return ""
        place = self.sequence.index(self.path) + step
        return self.sequence[place] if 0 <= place < len(self.sequence) else ""


def slugify(text: str) -> str:
    """Return a text as a part of an address: "static file" becomes "static-file"."""
    return "-".join(re.findall(r"\w+", text.lower())) or "page"
