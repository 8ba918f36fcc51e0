"""Where is everything on disk?"""

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Places:
    """The folders the harness reads and writes."""

    apps: Path = ROOT / "apps"
    environments: Path = ROOT / ".venvs"
    state: Path = ROOT / ".cookoff"
    static: Path = ROOT / "static"

    @classmethod
    def from_environ(cls) -> "Places":
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
        return cls(**given)

    @property
    def pages(self) -> Path:
        """Return the folder of the plain Jinja2 pages that several frameworks share."""
        return self.apps / "pages"

    def log(self, name: str) -> Path:
        """Return the path of a log file; its folder exists afterwards."""
        folder = self.state / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{name}.log"
