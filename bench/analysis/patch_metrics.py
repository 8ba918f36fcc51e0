"""Measure a patch: its files, its lines, and the names of the framework in the lines it adds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.analysis.handlers import parse_python
from bench.analysis.imported_names import find_imports, find_uses
from bench.core.errors import CookoffError
from bench.frameworks.app_files import read_text
from bench.frameworks.environments import Environment
from bench.frameworks.packages import find_packages
from bench.results.schema import PatchedFile

FILE_HEADER = re.compile(r"^diff --git a/\S+ b/(?P<path>\S+)$")
HUNK_HEADER = re.compile(r"^@@ -\d+(?:,(?P<old>\d+))? \+(?P<first>\d+)(?:,(?P<new>\d+))? @@")


@dataclass
class FileChange:
    """The change of one file: the numbers of the added lines, and how many lines are removed."""

    path: str
    added: set[int] = field(default_factory=set)  # as numbered after the change
    removed: int = 0


def read_changes(patch: str) -> list[FileChange]:
    """Return the change of each file of a diff, as git writes it; a binary file has no lines."""
    changes: list[FileChange] = []
    number = old_lines = new_lines = 0  # the next line, and the lines that are left of the hunk
    for line in patch.splitlines():
        if old_lines > 0 or new_lines > 0:
            if line.startswith("+"):
                changes[-1].added.add(number)
            changes[-1].removed += line.startswith("-")
            old_lines -= not line.startswith(("+", "\\"))
            new_lines -= not line.startswith(("-", "\\"))
            number += not line.startswith(("-", "\\"))
        elif match := HUNK_HEADER.match(line):
            number = int(match["first"])
            old_lines, new_lines = int(match["old"] or 1), int(match["new"] or 1)
        elif match := FILE_HEADER.match(line):
            changes.append(FileChange(match["path"]))
    return changes


def measure_files(patch: str) -> list[PatchedFile]:
    """Return each file of a patch with its numbers of added and removed lines."""
    return [PatchedFile(each.path, len(each.added), each.removed) for each in read_changes(patch)]


def find_added_names(patch: str, environment: Environment, root: Path) -> list[str]:
    """Return the names of the framework that the added lines use, sorted.

    `root` is the folder of a copy of the project to which the patch has been applied. As in
    `cookoff code`, names that arrive as an argument do not count.
    """
    modules = frozenset[str]().union(*(each.modules for each in find_packages(environment)))
    names = set[str]()
    for change in read_changes(patch):
        file = root / change.path
        if file.suffix == ".py" and file.exists():
            names.update(find_names_in_lines(file, modules, change.added))
    return sorted(names)


def find_names_in_lines(file: Path, modules: frozenset[str], lines: set[int]) -> Iterator[str]:
    """Yield the names from these modules that some lines of a Python file use."""
    try:
        tree = parse_python(file, read_text(file))
    except CookoffError:
        return  # the site does not start, which the clauses report
    imports = find_imports(tree, modules)
    yield from (name for name, line in find_uses(tree, imports) if line in lines)
