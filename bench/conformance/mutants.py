"""Read the declared mutants, and apply a mutant to a copy of the project.

The mutants of an app are in apps/NAME/mutants.toml, those of shared_db in tests/mutants. A file
lists faults: a file, a text that occurs in it exactly once, the replacement, the feature whose
clauses should fail, and the level of these clauses. Core clauses test the site as taught.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import msgspec

from bench.core.errors import CookoffError, UsageError, collapse_whitespace, suggest_names
from bench.core.paths import ROOT
from bench.core.toml_files import Text, TomlFile
from bench.core.words import format_count
from bench.frameworks.features import FEATURES_BY_ID
from bench.frameworks.manifest import MUTANTS_FILE

# Names at the top of the project that a copy omits, or shares with the project.
NOT_COPIED = (".git", ".venv", ".venvs", ".cookoff", ".hypothesis", ".*_cache", "report")
LINKED_FOLDERS = (".venvs", ".cookoff/contract")


class MutantError(CookoffError):
    """A mutant that cannot be read or applied; the message names the mutant and the cause."""


class MutantEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One [[faults]] table of a file of mutants."""

    id: Text
    file: Text
    old: Text
    new: str
    feature: Text
    level: Literal["core", "hardening"] = "core"


class MutantTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys of a file of mutants."""

    faults: tuple[MutantEntry, ...] = ()
    framework: str = ""  # "" for the framework in whose folder the file is


@dataclass(frozen=True)
class Mutant:
    """A planted fault: one text in one file, and its replacement."""

    site: str  # the framework in whose folder the mutant is declared, or shared_db
    framework: str
    id: str
    file: str
    old: str
    new: str
    feature: str
    level: str = ""  # of the clauses that should fail: core, hardening, or "" for all clauses

    def apply(self, root: Path) -> None:
        """Change the file below `root`; raise MutantError unless the text occurs exactly once."""
        path = root / self.file
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise MutantError(f"{self.site}: {self.id}: {collapse_whitespace(error)}") from error
        if (count := text.count(self.old)) != 1:
            raise MutantError(
                f"{self.site}: {self.id}: the text in `old` occurs "
                f"{format_count(count, 'time')} in {self.file}, not once; correct `old`"
            )
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")


def read_all_mutants(names: tuple[str, ...] = (), root: Path = ROOT) -> list[Mutant]:
    """Return the mutants of the named frameworks and of shared_db, or all.

    Raises UsageError for an unknown name and MutantError for a file that cannot be used.
    """
    files = find_mutant_files(names, root)
    return [mutant for site, file in files.items() for mutant in read_mutants(site, file)]


def find_mutant_files(names: tuple[str, ...] = (), root: Path = ROOT) -> dict[str, Path]:
    """Return the named files of mutants, or all, by name; raise UsageError for an unknown name."""
    apps = sorted((root / "apps").glob(f"*/{MUTANTS_FILE}"))
    known = {path.parent.name: path for path in apps}
    known |= {path.stem: path for path in sorted((root / "tests" / "mutants").glob("*.toml"))}
    if unknown := set(names) - set(known):
        raise UsageError(
            f"no file of mutants for {', '.join(sorted(unknown))}; there are {', '.join(known)}"
        )
    return {name: known[name] for name in names or known}


def read_mutants(site: str, path: Path) -> list[Mutant]:
    """Return the mutants of a file; raise MutantError, which names the file, line and key."""
    file = TomlFile.read(path, MutantError)
    table = file.convert(file.content, MutantTable)
    for number, entry in enumerate(table.faults):
        if entry.feature not in FEATURES_BY_ID:
            key = f"faults[{number}].feature"
            hint = suggest_names(entry.feature, FEATURES_BY_ID, "see: cookoff contract --help")
            raise file.build_error(key, f"{key!r}: there is no feature {entry.feature!r}; {hint}")
    framework = table.framework or site
    mutants = [Mutant(site, framework, **msgspec.structs.asdict(each)) for each in table.faults]
    # A fault of shared_db is in both layers of the site that shows it.
    return mutants if framework == site else [replace(each, level="") for each in mutants]


def list_ignored_names(folder: str, names: list[str]) -> set[str]:
    """Return the names in a folder of the project that a copy omits.

    Only the top folder has such names: deeper down, a name such as bench/report is a part of the
    project.
    """
    if Path(folder) != ROOT:
        return set()
    return shutil.ignore_patterns(*NOT_COPIED)(folder, names)


@contextmanager
def copy_project(share_databases: bool, parent: Path | None = None) -> Iterator[Path]:
    """Yield the root of a temporary copy of the project, in the folder `parent` if it is given.

    With `share_databases` the copy uses the contract's databases of the project.
    """
    with TemporaryDirectory(prefix="cookoff-mutant-", dir=parent) as folder:
        root = Path(folder, "project")
        shutil.copytree(ROOT, root, symlinks=True, ignore=list_ignored_names)
        (root / ".cookoff").mkdir(mode=0o700)
        for name in LINKED_FOLDERS if share_databases else LINKED_FOLDERS[:-1]:
            if (ROOT / name).exists():
                (root / name).symlink_to(ROOT / name)
        yield root
