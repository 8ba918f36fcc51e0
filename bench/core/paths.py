"""Where is everything on disk?"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.core.errors import DependencyError
from bench.core.private_files import make_folder

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Paths:
    """The folders the harness reads and writes."""

    apps: Path = ROOT / "apps"
    environments: Path = ROOT / ".venvs"
    state: Path = ROOT / ".cookoff"
    static: Path = ROOT / "static"

    @classmethod
    def from_environ(cls) -> "Paths":
        """Return the project's own folders, or those the environment variables name."""
        given = {
            field: Path(os.environ[name]).absolute()
            for field, name in (
                ("apps", "COOKOFF_APPS"),
                ("environments", "COOKOFF_ENVIRONMENTS"),
                ("state", "COOKOFF_STATE"),
            )
            if os.environ.get(name)
        }
        places = cls(**given)
        # Made now where it is missing, so that nothing else makes it open to everybody. A place
        # that cannot be written is for the command to name that writes there.
        with suppress(DependencyError):
            places.ensure_folder()
        return places

    @property
    def pages(self) -> Path:
        """Return the folder of the plain Jinja2 pages that several frameworks share."""
        return self.apps / "pages"

    def prepare_log_path(self, name: str) -> Path:
        """Return the path of a log file; its folder exists afterwards."""
        return self.ensure_folder("logs") / f"{name}.log"

    def ensure_folder(self, name: str = "") -> Path:
        """Return the folder of the run-time state, or one in it, that its user alone can enter.

        Raises Misuse where the folder is everybody's, Missing where it cannot be made.
        """
        state = make_folder(self.state)
        return make_folder(state / name) if name else state
