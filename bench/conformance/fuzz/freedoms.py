"""Read the declared freedoms: differences between sites that a standard allows, with reasons.

The format is described in freedoms.toml.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from bench.conformance.fuzz.plain import is_plain_form
from bench.conformance.fuzz.probes import CLIENTS, Client, Probe
from bench.core.errors import UsageError
from bench.core.toml_files import Text, TomlFile
from bench.core.words import format_count
from bench.frameworks.manifest import FREEDOMS_FILE

SHARED_FILE = Path(__file__).with_name(FREEDOMS_FILE)
STATUS = "status"  # the kind of a disagreement between sites


class FreedomEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One [[freedom]] table of the file."""

    kind: Text
    reason: Text
    sites: Literal["all"] | tuple[Text, ...] = ()  # (): the site in whose folder the file is
    request: str = ""  # a regular expression
    clients: tuple[Client, ...] = CLIENTS
    statuses: tuple[int, ...] = ()
    refusals: tuple[int, ...] = ()
    plain_forms: bool = True


class FreedomTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys of the file."""

    freedom: tuple[FreedomEntry, ...] = ()


@dataclass
class Freedom:
    """One declared freedom.

    Sites that answer with one of `statuses` do not disagree. `refusals` is narrower: a site that
    answers with one of these is not compared, and the other sites must agree.
    """

    kind: str
    sites: tuple[str, ...]  # () for all sites
    clients: tuple[str, ...]
    request: re.Pattern[bytes]
    statuses: tuple[int, ...]
    reason: str
    plain_forms: bool = True  # whether multipart forms as browsers write them are covered
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
        return f"{what} ({where}): {self.reason}: used {format_count(self.use_count, 'time')}"


def read_all_freedoms(apps: Path) -> list[Freedom]:
    """Return the freedoms that sites share, and those in the folder of each site."""
    own = sorted(apps.glob(f"*/{FREEDOMS_FILE}"))
    sources = [(SHARED_FILE, ""), *((path, path.parent.name) for path in own)]
    return [freedom for path, site in sources for freedom in read_freedoms(path, site)]


def read_freedoms(path: Path, site: str = "") -> list[Freedom]:
    """Return the freedoms of a file; raise UsageError, which names the file, line and key.

    `site` is the one in whose folder the file is, "" for the file that sites share.
    """
    file = TomlFile.read(path, UsageError)
    entries = file.convert(file.content, FreedomTable).freedom
    return [build_freedom(file, f"freedom[{n}]", entry, site) for n, entry in enumerate(entries)]


def build_freedom(file: TomlFile, key: str, entry: FreedomEntry, site: str) -> Freedom:
    """Return the freedom of the entry at a key; raise UsageError if its values do not fit."""
    if bool(entry.sites) == bool(site):
        advice = "remove 'sites'" if site else "name the 'sites', or write \"all\""
        raise file.build_error(key, f"{key!r}: {advice}")
    if entry.kind == STATUS and bool(entry.statuses) == bool(entry.refusals):
        raise file.build_error(key, f"{key!r}: give either 'statuses' or 'refusals'")
    try:
        request = re.compile(entry.request.encode("latin-1"), re.DOTALL | re.IGNORECASE)
    except (re.error, UnicodeEncodeError) as error:
        key = f"{key}.request"
        raise file.build_error(
            key, f"{key!r} is no regular expression of bytes: {error}; correct the value"
        ) from error
    return Freedom(
        entry.kind,
        sites=() if entry.sites == "all" else (entry.sites or (site,)),
        clients=entry.clients,
        request=request,
        statuses=entry.statuses,
        reason=entry.reason,
        plain_forms=entry.plain_forms,
        refusals=entry.refusals,
    )


def match_freedom(freedoms: Sequence[Freedom], kind: str, site: str, probe: Probe) -> bool:
    """Return whether a fault is declared, and count the use of the freedom."""
    for freedom in freedoms:
        if freedom.covers(kind, site, probe):
            freedom.use_count += 1
            return True
    return False
