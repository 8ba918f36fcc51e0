"""Find the owner of a source file: the app, shared_db, an installed distribution, or Python.

Runs inside a framework's environment: standard library only.
"""

import os
import sysconfig
from importlib.metadata import distributions

from bench.agent.file_layers import PathShortener, Roots

APP, PYTHON = "app", "Python"
APP_PREFIX = "apps/"


class OwnerFinder:
    """Finds the owner and the short path of a file."""

    def __init__(self, roots: Roots):
        self.paths = PathShortener(roots)
        installed = sysconfig.get_paths()
        self.packages, self.library = installed["purelib"] + os.sep, installed["stdlib"] + os.sep
        self.names = {
            str(distribution.locate_file(file)): distribution.name
            for distribution in distributions()
            for file in distribution.files or ()
            if file.suffix == ".py"
        }

    def find(self, file: str) -> tuple[str, str]:
        """Return the owner and the short path of a file."""
        if file.startswith("<"):
            return PYTHON, file
        # py4web and web2py run in a folder with links to the app.
        path = os.path.realpath(file)
        short_path = self.paths.shorten(path)
        for name in (file, path):
            if name.startswith(self.packages):
                return self.names.get(name, short_path.partition("/")[0]), short_path
        if path.startswith(self.library) or file.startswith(self.library):
            return PYTHON, short_path
        if short_path.startswith(APP_PREFIX):
            return APP, short_path
        return short_path.partition("/")[0], short_path  # "shared_db", "bench", a source tree
