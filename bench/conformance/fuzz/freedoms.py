"""Declared freedoms: what a site may do otherwise, with the reason; see freedoms.toml."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.conformance.fuzz.plain import is_plain_form
from bench.conformance.fuzz.probes import CLIENTS, Probe
from bench.core.errors import UsageError

FREEDOMS_FILE = Path(__file__).with_name("freedoms.toml")
STATUS = "status"  # the kind of a disagreement between sites
ALL_SITES = "all"


@dataclass
class Freedom:
    """One declared freedom; `statuses` are those that mean no disagreement between sites.

    `refusals` is narrower: a site that answers one of these is not compared, the others are.
    """

    kind: str
    sites: tuple[str, ...]  # none: all of them
    clients: tuple[str, ...]
    request: re.Pattern[bytes]
    statuses: tuple[int, ...]
    reason: str
    plain_forms: bool = True  # whether it is about multipart forms as browsers write them, too
    refusals: tuple[int, ...] = ()
    use_count: int = 0

    def covers(self, kind: str, site: str, probe: Probe) -> bool:
        """Return whether a fault of this kind at a site is declared for this request."""
        if kind != self.kind or (self.sites and site not in self.sites):
            return False
        if probe.client not in self.clients or not self.request.search(probe.template):
            return False
        return self.plain_forms or not is_plain_form(probe.template)

    def format_line(self) -> str:
        """Return the freedom as one line of the summary."""
        where = ", ".join(self.sites) or "all sites"
        statuses = " or ".join(map(str, self.refusals or self.statuses))
        what = f"{'refusal' if self.refusals else self.kind} {statuses}".strip()
        return f"{what} ({where}): {self.reason}: used {self.use_count} times"


def read_freedoms(file: Path = FREEDOMS_FILE) -> list[Freedom]:
    """Return the freedoms of a file; raise Misuse where the file is no such list."""
    try:
        entries = tomllib.loads(file.read_text(encoding="utf-8")).get("freedom", [])
        return [parse_freedom(entry) for entry in entries]
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, re.error) as error:
        raise UsageError(f"{file}: not a list of freedoms: {error}") from error


def parse_freedom(entry: Mapping[str, Any]) -> Freedom:
    """Return the freedom of an entry."""
    request = entry.get("request", "").encode("latin-1")
    return Freedom(
        kind=entry["kind"],
        sites=() if entry["sites"] == ALL_SITES else tuple(entry["sites"]),
        clients=tuple(entry.get("clients", CLIENTS)),
        request=re.compile(request, re.DOTALL | re.IGNORECASE),
        statuses=tuple(int(status) for status in entry.get("statuses", ())),
        reason=entry["reason"],
        plain_forms=bool(entry.get("plain_forms", True)),
        refusals=tuple(int(status) for status in entry.get("refusals", ())),
    )


def match_freedom(freedoms: Sequence[Freedom], kind: str, site: str, probe: Probe) -> bool:
    """Return whether a fault is declared, and count its use."""
    for one in freedoms:
        if one.covers(kind, site, probe):
            one.use_count += 1
            return True
    return False
