"""Shorten paths of files, relative to the project, a package or the standard library.

Runs inside a framework's environment: standard library only.
"""

import os
import sysconfig
from collections.abc import Sequence
from pathlib import Path

Roots = Sequence[tuple[str, str]]  # the start of a path, and its replacement


class PathShortener:
    """Shortens the paths of files; the first root that contains a file decides."""

    def __init__(self, roots: Roots):
        installed = sysconfig.get_paths()
        self.roots = [(installed["purelib"], ""), (installed["stdlib"], ""), *roots]
        self.cache: dict[str, str] = {}

    def shorten(self, name: str) -> str:
        """Return a short path, never the absolute path: outside all roots the file's name."""
        if name not in self.cache:
            self.cache[name] = self._find_root(name)
        return self.cache[name]

    def _find_root(self, name: str) -> str:
        for path in (name, os.path.realpath(name)):
            for root, prefix in self.roots:
                if path.startswith(root + os.sep):
                    return prefix + path[len(root) + 1 :]
        return Path(name).name
