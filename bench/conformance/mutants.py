"""Which faults should the contract see? Read from tests/mutants, made in a copy of the project.

A file names the framework whose site is asked, and lists faults: a file, a text in it that is there
exactly once, what takes its place, and the feature whose clauses should notice.
"""

import shutil
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.core.errors import CookoffError, UsageError, collapse_whitespace
from bench.core.paths import ROOT
from bench.frameworks.features import FEATURES_BY_ID

MUTANTS_FOLDER = ROOT / "tests" / "mutants"
REQUIRED_KEYS = {"id", "file", "old", "new", "feature"}
# What a copy can do without, or shares with the project, at the top of the project alone.
NOT_COPIED = (".git", ".venv", ".venvs", ".cookoff", ".hypothesis", ".*_cache", "report")
LINKED_FOLDERS = (".venvs", ".cookoff/contract")


class MutantError(CookoffError):
    """A fault that cannot be made: which one, and why."""


@dataclass(frozen=True)
class Mutant:
    """One thing done wrong on purpose."""

    shelf: str  # the name of the file it is declared in
    framework: str
    id: str
    file: str
    old: str
    new: str
    feature: str

    def apply(self, root: Path) -> None:
        """Change the file; raise BadFault when the text is not there exactly once."""
        path = root / self.file
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise MutantError(f"{self.shelf}: {self.id}: {collapse_whitespace(error)}") from error
        if (count := text.count(self.old)) != 1:
            raise MutantError(f"{self.shelf}: {self.id}: its text is {count} times in {self.file}")
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")


def read_all_mutants(names: tuple[str, ...] = (), folder: Path = MUTANTS_FOLDER) -> list[Mutant]:
    """Return the faults of the named files, or of all; raise Misuse, or BadFault for a bad one."""
    return [
        fault for path in find_mutant_files(names, folder).values() for fault in read_mutants(path)
    ]


def find_mutant_files(
    names: tuple[str, ...] = (), folder: Path = MUTANTS_FOLDER
) -> dict[str, Path]:
    """Return the named files of faults, or all, by name; raise Misuse for an unknown name."""
    known = {path.stem: path for path in sorted(folder.glob("*.toml"))}
    if unknown := set(names) - set(known):
        raise UsageError(
            f"no faults for {', '.join(sorted(unknown))}; there are {', '.join(known)}"
        )
    return {name: known[name] for name in names or known}


def read_mutants(path: Path) -> list[Mutant]:
    """Return the faults a file declares; raise BadFault, naming file and fault."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise MutantError(f"{path.name}: {collapse_whitespace(error)}") from error
    faults, entries = [], table.get("faults", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise MutantError(f"{path.name}: faults must be written as [[faults]]")
    for entry in entries:
        if set(entry) != REQUIRED_KEYS or not all(isinstance(text, str) for text in entry.values()):
            raise MutantError(
                f"{path.name}: {entry.get('id')}: it needs {', '.join(sorted(REQUIRED_KEYS))}"
            )
        if entry["feature"] not in FEATURES_BY_ID:
            raise MutantError(f"{path.name}: {entry['id']}: there is no such feature")
        faults.append(Mutant(path.stem, str(table.get("framework", path.stem)), **entry))
    return faults


def list_ignored_names(folder: str, names: list[str]) -> set[str]:
    """Return the names in a folder of the project that a copy does without.

    Deeper down the same name may be a part of the project, as bench/report is.
    """
    if Path(folder) != ROOT:
        return set()
    return shutil.ignore_patterns(*NOT_COPIED)(folder, names)


@contextmanager
def copy_project(share_databases: bool) -> Iterator[Path]:
    """Give a copy of the project to break; larders made before are shared where they may be."""
    with TemporaryDirectory(prefix="cookoff-mutant-") as folder:
        root = Path(folder, "project")
        shutil.copytree(ROOT, root, symlinks=True, ignore=list_ignored_names)
        (root / ".cookoff").mkdir(mode=0o700)
        for name in LINKED_FOLDERS if share_databases else LINKED_FOLDERS[:-1]:
            if (ROOT / name).exists():
                (root / name).symlink_to(ROOT / name)
        yield root
