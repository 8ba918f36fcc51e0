"""Declared freedoms: what a site may do otherwise, with the reason; see freedoms.toml."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.conformance.fuzz.probes import CLIENTS, Probe
from bench.core.errors import Misuse

FILE = Path(__file__).with_name("freedoms.toml")
STATUS = "status"  # the kind of a disagreement between sites
ALL = "all"


@dataclass
class Freedom:
    """One declared freedom; `statuses` are those that mean no disagreement between sites."""

    kind: str
    sites: tuple[str, ...]  # none: all of them
    clients: tuple[str, ...]
    request: re.Pattern[bytes]
    statuses: tuple[int, ...]
    reason: str
    used: int = 0

    def covers(self, kind: str, site: str, probe: Probe) -> bool:
        """Return whether a fault of this kind at a site is declared for this request."""
        if kind != self.kind or (self.sites and site not in self.sites):
            return False
        return probe.client in self.clients and bool(self.request.search(probe.template))

    def line(self) -> str:
        """Return the freedom as one line of the summary."""
        where = ", ".join(self.sites) or "all sites"
        statuses = " or ".join(map(str, self.statuses))
        what = f"{self.kind} {statuses}".strip()
        return f"{what} ({where}): {self.reason}: used {self.used} times"


def read(file: Path = FILE) -> list[Freedom]:
    """Return the freedoms of a file; raise Misuse where the file is no such list."""
    try:
        entries = tomllib.loads(file.read_text(encoding="utf-8")).get("freedom", [])
        return [freedom(entry) for entry in entries]
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, re.error) as error:
        raise Misuse(f"{file}: not a list of freedoms: {error}") from error


def freedom(entry: Mapping[str, Any]) -> Freedom:
    """Return the freedom of an entry."""
    sites = () if entry["sites"] == ALL else tuple(entry["sites"])
    pattern = re.compile(entry.get("request", "").encode("latin-1"), re.DOTALL | re.IGNORECASE)
    statuses = tuple(int(status) for status in entry.get("statuses", ()))
    clients = tuple(entry.get("clients", CLIENTS))
    return Freedom(entry["kind"], sites, clients, pattern, statuses, entry["reason"])


def declared(freedoms: Sequence[Freedom], kind: str, site: str, probe: Probe) -> bool:
    """Return whether a fault is declared, and count its use."""
    for one in freedoms:
        if one.covers(kind, site, probe):
            one.used += 1
            return True
    return False
