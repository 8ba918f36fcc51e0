"""Find the files of some folders that have changed since the last look."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

IGNORED_FOLDERS = {"__pycache__", ".ruff_cache", ".mypy_cache", ".pytest_cache"}
IGNORED_SUFFIXES = {".pyc", ".swp", ".tmp"}


class FileWatcher:
    """The times and sizes of all files in some folders."""

    def __init__(self, folders: Iterable[Path]):
        """Look at the folders once."""
        self._folders = list(folders)
        self._known = self._scan()

    def find_changes(self) -> list[Path]:
        """Return the files that were changed, added or removed since the last call, sorted."""
        current = self._scan()
        different = self._known.items() ^ current.items()
        self._known = current
        return sorted({path for path, _ in different})

    def _scan(self) -> dict[Path, tuple[int, int]]:
        facts = {}
        for path in self._iter_files():
            with suppress(OSError):  # an editor replaces files
                status = path.stat()
                facts[path] = (status.st_mtime_ns, status.st_size)
        return facts

    def _iter_files(self) -> Iterator[Path]:
        for folder in self._folders:
            for path in folder.rglob("*"):
                if not IGNORED_FOLDERS.intersection(path.parts) and (
                    path.suffix not in IGNORED_SUFFIXES and path.is_file()
                ):
                    yield path
