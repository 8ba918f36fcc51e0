"""Show paths of files from the project, a package or the standard library on.

It runs inside a framework's environment: standard library only.
"""

import os
import sysconfig
from collections.abc import Sequence
from pathlib import Path

Roots = Sequence[tuple[str, str]]  # what a file's path begins with, and what stands for it


class PathShortener:
    """Paths of files as they are shown: from the project, a package or the library on."""

    def __init__(self, roots: Roots):
        own = sysconfig.get_paths()
        self.roots = [(own["purelib"], ""), (own["stdlib"], ""), *roots]
        self.cache: dict[str, str] = {}

    def shorten(self, name: str) -> str:
        """Return how a file is shown; it is shown nowhere by its whole path."""
        if name not in self.cache:
            self.cache[name] = self._shown(name)
        return self.cache[name]

    def _shown(self, name: str) -> str:
        for path in (name, os.path.realpath(name)):
            for root, shown in self.roots:
                if path.startswith(root + os.sep):
                    return shown + path[len(root) + 1 :]
        return Path(name).name
