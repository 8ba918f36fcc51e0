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

from bench.core.errors import Misuse, Trouble, one_line
from bench.core.paths import ROOT
from bench.frameworks.features import FEATURE_OF_ID

FOLDER = ROOT / "tests" / "mutants"
PARTS = {"id", "file", "old", "new", "feature"}
# What a copy can do without, or shares with the project, at the top of the project alone.
NOT_COPIED = (".git", ".venv", ".venvs", ".cookoff", ".hypothesis", ".*_cache", "report")
SHARED = (".venvs", ".cookoff/contract")


class BadFault(Trouble):
    """A fault that cannot be made: which one, and why."""


@dataclass(frozen=True)
class Fault:
    """One thing done wrong on purpose."""

    shelf: str  # the name of the file it is declared in
    framework: str
    id: str
    file: str
    old: str
    new: str
    feature: str

    def make(self, root: Path) -> None:
        """Change the file; raise BadFault when the text is not there exactly once."""
        path = root / self.file
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise BadFault(f"{self.shelf}: {self.id}: {one_line(error)}") from error
        if (count := text.count(self.old)) != 1:
            raise BadFault(f"{self.shelf}: {self.id}: its text is {count} times in {self.file}")
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")


def read_all(names: tuple[str, ...] = (), folder: Path = FOLDER) -> list[Fault]:
    """Return the faults of the named files, or of all; raise Misuse, or BadFault for a bad one."""
    return [fault for path in files_of(names, folder).values() for fault in read(path)]


def files_of(names: tuple[str, ...] = (), folder: Path = FOLDER) -> dict[str, Path]:
    """Return the named files of faults, or all, by name; raise Misuse for an unknown name."""
    known = {path.stem: path for path in sorted(folder.glob("*.toml"))}
    if unknown := set(names) - set(known):
        raise Misuse(f"no faults for {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    return {name: known[name] for name in names or known}


def read(path: Path) -> list[Fault]:
    """Return the faults a file declares; raise BadFault, naming file and fault."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadFault(f"{path.name}: {one_line(error)}") from error
    faults, entries = [], table.get("faults", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BadFault(f"{path.name}: faults must be written as [[faults]]")
    for entry in entries:
        if set(entry) != PARTS or not all(isinstance(text, str) for text in entry.values()):
            raise BadFault(f"{path.name}: {entry.get('id')}: it needs {', '.join(sorted(PARTS))}")
        if entry["feature"] not in FEATURE_OF_ID:
            raise BadFault(f"{path.name}: {entry['id']}: there is no such feature")
        faults.append(Fault(path.stem, str(table.get("framework", path.stem)), **entry))
    return faults


def not_copied(folder: str, names: list[str]) -> set[str]:
    """Return the names in a folder of the project that a copy does without.

    Deeper down the same name may be a part of the project, as bench/report is.
    """
    if Path(folder) != ROOT:
        return set()
    return shutil.ignore_patterns(*NOT_COPIED)(folder, names)


@contextmanager
def copy_of_project(share_larders: bool) -> Iterator[Path]:
    """Give a copy of the project to break; larders made before are shared where they may be."""
    with TemporaryDirectory(prefix="cookoff-mutant-") as folder:
        root = Path(folder, "project")
        shutil.copytree(ROOT, root, symlinks=True, ignore=not_copied)
        (root / ".cookoff").mkdir(mode=0o700)
        for name in SHARED if share_larders else SHARED[:-1]:
            if (ROOT / name).exists():
                (root / name).symlink_to(ROOT / name)
        yield root
