"""Read the declared mutants of tests/mutants, and apply a mutant to a copy of the project.

A file names the framework whose site is tested, and lists faults: a file, a text that occurs in it
exactly once, the replacement, and the feature whose clauses should fail.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from bench.core.errors import CookoffError, UsageError, collapse_whitespace, suggest_names
from bench.core.paths import ROOT
from bench.core.toml_files import Text, TomlFile
from bench.frameworks.features import FEATURES_BY_ID

MUTANTS_FOLDER = ROOT / "tests" / "mutants"
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


class MutantTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys of a file of mutants."""

    faults: tuple[MutantEntry, ...] = ()
    framework: str = ""  # "" for the framework that the file is named after


@dataclass(frozen=True)
class Mutant:
    """A planted fault: one text in one file, and its replacement."""

    shelf: str  # the name of the declaring file, without its suffix
    framework: str
    id: str
    file: str
    old: str
    new: str
    feature: str

    def apply(self, root: Path) -> None:
        """Change the file below `root`; raise MutantError unless the text occurs exactly once."""
        path = root / self.file
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise MutantError(f"{self.shelf}: {self.id}: {collapse_whitespace(error)}") from error
        if (count := text.count(self.old)) != 1:
            raise MutantError(
                f"{self.shelf}: {self.id}: the text in `old` occurs {count} times in {self.file}, "
                "not once; correct `old`"
            )
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")


def read_all_mutants(names: tuple[str, ...] = (), folder: Path = MUTANTS_FOLDER) -> list[Mutant]:
    """Return the mutants of the named files, or of all.

    Raises UsageError for an unknown name and MutantError for a file that cannot be used.
    """
    files = find_mutant_files(names, folder).values()
    return [mutant for file in files for mutant in read_mutants(file)]


def find_mutant_files(
    names: tuple[str, ...] = (), folder: Path = MUTANTS_FOLDER
) -> dict[str, Path]:
    """Return the named files of mutants, or all, by name; raise UsageError for an unknown name."""
    known = {path.stem: path for path in sorted(folder.glob("*.toml"))}
    if unknown := set(names) - set(known):
        raise UsageError(
            f"no file of mutants for {', '.join(sorted(unknown))}; there are {', '.join(known)}"
        )
    return {name: known[name] for name in names or known}


def read_mutants(path: Path) -> list[Mutant]:
    """Return the mutants of a file; raise MutantError, which names the file, line and key."""
    file = TomlFile.read(path, MutantError)
    table = file.convert(file.content, MutantTable)
    for number, entry in enumerate(table.faults):
        if entry.feature not in FEATURES_BY_ID:
            key = f"faults[{number}].feature"
            hint = suggest_names(entry.feature, FEATURES_BY_ID, "see: cookoff contract --help")
            raise file.build_error(key, f"{key!r}: there is no feature {entry.feature!r}; {hint}")
    framework = table.framework or path.stem
    return [Mutant(path.stem, framework, **msgspec.structs.asdict(entry)) for entry in table.faults]


def list_ignored_names(folder: str, names: list[str]) -> set[str]:
    """Return the names in a folder of the project that a copy omits.

    Only the top folder has such names: deeper down, a name such as bench/report is a part of the
    project.
    """
    if Path(folder) != ROOT:
        return set()
    return shutil.ignore_patterns(*NOT_COPIED)(folder, names)


@contextmanager
def copy_project(share_databases: bool) -> Iterator[Path]:
    """Yield the root of a temporary copy of the project.

    With `share_databases` the copy uses the contract's databases of the project.
    """
    with TemporaryDirectory(prefix="cookoff-mutant-") as folder:
        root = Path(folder, "project")
        shutil.copytree(ROOT, root, symlinks=True, ignore=list_ignored_names)
        (root / ".cookoff").mkdir(mode=0o700)
        for name in LINKED_FOLDERS if share_databases else LINKED_FOLDERS[:-1]:
            if (ROOT / name).exists():
                (root / name).symlink_to(ROOT / name)
        yield root
