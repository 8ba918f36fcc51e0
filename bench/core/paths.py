"""Define the folders that the harness reads and writes."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.core.errors import DependencyError
from bench.core.private_files import make_folder

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Paths:
    """The folders that the harness reads and writes."""

    apps: Path = ROOT / "apps"
    environments: Path = ROOT / ".venvs"
    state: Path = ROOT / ".cookoff"
    static: Path = ROOT / "static"

    @classmethod
    def from_environ(cls) -> "Paths":
        """Return the project's folders, or those that the environment variables name."""
        named = {
            field: Path(os.environ[name]).absolute()
            for field, name in (
                ("apps", "COOKOFF_APPS"),
                ("environments", "COOKOFF_ENVIRONMENTS"),
                ("state", "COOKOFF_STATE"),
            )
            if os.environ.get(name)
        }
        paths = cls(**named)
        # Create the folder before other code creates it with open permissions. Only a command that
        # writes there reports a folder that cannot be written.
        with suppress(DependencyError):
            paths.ensure_folder()
        return paths

    @property
    def pages(self) -> Path:
        """Return the folder of the plain Jinja2 templates that several frameworks share."""
        return self.apps / "pages"

    def prepare_log_path(self, name: str) -> Path:
        """Return the path of a log file, and create its folder."""
        return self.ensure_folder("logs") / f"{name}.log"

    def ensure_folder(self, name: str = "") -> Path:
        """Return the folder of the run-time state, or a folder in it, and make it private.

        Raises UsageError for a folder that all users share, and DependencyError for a folder that
        cannot be created.
        """
        state = make_folder(self.state)
        return make_folder(state / name) if name else state


def shorten_path(path: Path) -> str:
    """Return the shorter of the absolute and the relative path."""
    with suppress(OSError):  # the current folder was removed
        return min(str(path), os.path.relpath(path), key=len)
    return str(path)
