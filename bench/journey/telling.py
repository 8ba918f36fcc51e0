"""What is said of a few watched requests, fit for JSON?

It runs inside a framework's environment: standard library and waitress only.
"""

import os
import statistics
import sysconfig
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.journey.watch import INSTRUMENT, Entry, Watch

Roots = Sequence[tuple[str, str]]  # what a file's path begins with, and what stands for it


def told(watches: Sequence[Watch], roots: Roots, tree: bool) -> dict[str, Any]:
    """Return the counts and the spine of the usual request of these, and the median times."""
    one, steady = usual(watches)
    files = Files(roots)
    said: dict[str, Any] = {
        "instrument": INSTRUMENT,
        "steady": steady,
        "calls": Counter(entry.layer for entry in one.entries),
        "before": one.before if one.spine else None,
        "deepest": max(entry.depth for entry in one.entries),
        "modules": len({files.shown(entry.code.co_filename) for entry in one.entries}),
        "spent": shares(watches),
        "spine": [
            (stop.layer, files.shown(stop.file), stop.function, stop.line) for stop in one.spine
        ],
    }
    if tree:
        said["tree"] = [
            (entry.depth, entry.layer, files.shown(entry.code.co_filename), entry.code.co_qualname)
            for entry in one.entries
        ]
    return said


def usual(watches: Sequence[Watch]) -> tuple[Watch, bool]:
    """Return the request that entered what most of them did, and whether all did the same."""
    ways = [[way_of(entry) for entry in one.entries] for one in watches]
    first = max(ways, key=ways.count)
    return watches[ways.index(first)], ways.count(first) == len(ways)


def way_of(entry: Entry) -> tuple[object, ...]:
    """Return what tells an entry from others; one function may be compiled anew each time."""
    code = entry.code
    return entry.depth, entry.layer, code.co_filename, code.co_firstlineno, code.co_name


def shares(watches: Sequence[Watch]) -> dict[str, float]:
    """Return the median share of the time that each layer had, while it was watched."""
    layers = {layer for one in watches for layer in one.spent_ns}
    return {
        layer: statistics.median(one.spent_ns[layer] / one.spent_ns.total() for one in watches)
        for layer in sorted(layers)
    }


class Files:
    """Paths of files as they are shown: from the project, a package or the library on."""

    def __init__(self, roots: Roots):
        own = sysconfig.get_paths()
        self.roots = [(own["purelib"], ""), (own["stdlib"], ""), *roots]
        self.known: dict[str, str] = {}

    def shown(self, name: str) -> str:
        """Return how a file is shown; it is shown nowhere by its whole path."""
        if name not in self.known:
            self.known[name] = self._shown(name)
        return self.known[name]

    def _shown(self, name: str) -> str:
        for path in (name, os.path.realpath(name)):
            for root, shown in self.roots:
                if path.startswith(root + os.sep):
                    return shown + path[len(root) + 1 :]
        return Path(name).name
