"""Read the katas: the folders of tests/katas.

A folder has these files:

    kata.toml        the title and a line about the kata, and the clauses that the change replaces
    request.md       the change request, as a customer writes it
    clauses.py       the clauses of the change, written as those of tests/contract
    shared.patch     the change of shared_db/ and static/, which all frameworks share
    pages.patch      the change of apps/pages/, for the frameworks without templates of their own
    FRAMEWORK.patch  the change of apps/FRAMEWORK/; a file without a diff says why there is none
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.core.errors import CookoffError, UsageError, collapse_whitespace, suggest_names
from bench.core.paths import ROOT
from bench.core.toml_files import Text, TomlFile
from bench.frameworks.manifest import Framework

KATAS = ROOT / "tests" / "katas"
KATA_FILE, REQUEST_FILE, CLAUSES_FILE = "kata.toml", "request.md", "clauses.py"
SHARED_PATCH, PAGES_PATCH = "shared.patch", "pages.patch"


class KataError(CookoffError):
    """A kata that cannot be read; the message names the file and the cause."""


class ReplacedClause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One [[replaced]] table: a clause of the contract that no longer holds after the change."""

    clause: Text
    reason: Text


class KataTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys of kata.toml."""

    number: int  # the katas are listed by their numbers
    title: Text
    summary: Text
    own_addresses: bool = False  # each clause of the contract comes from an address of its own
    replaced: tuple[ReplacedClause, ...] = ()


@dataclass(frozen=True)
class Kata:
    """One change request."""

    name: str
    folder: Path
    number: int
    title: str
    summary: str
    own_addresses: bool
    replaced: Mapping[str, str]  # the reason by the id of the clause

    @property
    def request(self) -> str:
        """Return the request in plain words; raise KataError when it cannot be read."""
        return self.read(REQUEST_FILE).strip()

    @property
    def shared(self) -> str:
        """Return the patch of shared_db/ and static/, "" when nothing changes there."""
        return self.read(SHARED_PATCH) if (self.folder / SHARED_PATCH).exists() else ""

    def find_patch(self, framework: Framework) -> str | None:
        """Return the patch of a framework with that of its shared pages, None without a patch."""
        if not (self.folder / f"{framework.name}.patch").exists():
            return None
        pages = uses_shared_pages(framework) and (self.folder / PAGES_PATCH).exists()
        names = [*[PAGES_PATCH] * pages, f"{framework.name}.patch"]
        return "".join(map(self.read, names))

    def read(self, name: str) -> str:
        """Return the text of a file of the kata; raise KataError when it cannot be read."""
        try:
            return (self.folder / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise KataError(f"kata {self.name}: {collapse_whitespace(error)}") from error


def uses_shared_pages(framework: Framework) -> bool:
    """Return whether the templates of a framework are those of apps/pages."""
    return framework.template_files.startswith("../pages/")


def select_katas(names: Iterable[str] = (), folder: Path = KATAS) -> list[Kata]:
    """Return the named katas, or all by number; raise UsageError for an unknown name.

    Raises KataError for a kata.toml that cannot be used.
    """
    files = {file.parent.name: file for file in sorted(folder.glob(f"*/{KATA_FILE}"))}
    for name in names:
        if name not in files:
            hint = suggest_names(name, files, "see: cookoff kata list")
            raise UsageError(f"no kata is called {name!r}; {hint}")
    katas = [read_kata(files[name]) for name in dict.fromkeys(names or files)]
    return sorted(katas, key=lambda kata: (kata.number, kata.name))


def read_kata(file: Path) -> Kata:
    """Return the kata of a kata.toml; raise KataError, which names the file, line and key."""
    toml = TomlFile.read(file, KataError)
    table = toml.convert(toml.content, KataTable)
    fields = msgspec.structs.asdict(table)
    replaced = {entry.clause: entry.reason for entry in fields.pop("replaced")}
    return Kata(file.parent.name, file.parent, replaced=replaced, **fields)
