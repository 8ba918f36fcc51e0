"""Find and count the code that a framework.toml declares.

A location is a file, a function, a class, a method or a top-level constant: "session.py",
"handlers.py:staff_only", "request.py:Request.form", "problems.py:STATUS_OF_ERROR".
"""

import ast
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.analysis.code_metrics import count_lines
from bench.analysis.handlers import ParsedSite, get_first_line, iter_definitions
from bench.results.schema import DeclaredCode


class DeclarationError(Exception):
    """A false declaration; the message is the reason, without the need."""


@dataclass(frozen=True)
class SourceRange:
    """The lines of a location, including the first and the last."""

    file: Path
    first: int
    last: int

    def contains(self, other: "SourceRange") -> bool:
        """Return whether the other range is a smaller part of this range."""
        inside = self.file == other.file and self.first <= other.first and other.last <= self.last
        return inside and self != other


def find_declared_code(
    site: ParsedSite, location: str, counted_elsewhere: Iterable[str] = ()
) -> DeclaredCode:
    """Return the code at a location; raise DeclarationError without such code.

    The lines do not include handlers, which are counted with their features, nor smaller locations
    that are counted elsewhere.
    """
    source_range = find_range(site, location)
    text = site.texts[source_range.file].splitlines(keepends=True)
    for other in (*find_handler_ranges(site), *find_ranges(site, counted_elsewhere)):
        if source_range.contains(other):
            text[other.first - 1 : other.last] = ["\n"] * (other.last - other.first + 1)
    lines = count_lines("".join(text[source_range.first - 1 : source_range.last]), ".py")
    return DeclaredCode(
        name=location.partition(":")[2],  # "" for the whole file
        file=site.display_path(source_range.file),
        first_line=source_range.first,
        last_line=source_range.last,
        lines=lines,
    )


def find_range(site: ParsedSite, location: str) -> SourceRange:
    """Return the lines of a location; raise DeclarationError."""
    path, _, name = location.partition(":")
    file = site.framework.folder / path
    if file not in site.texts:
        raise DeclarationError(f"{path} does not exist")
    if not name:
        return SourceRange(file, 1, site.texts[file].count("\n"))
    node = find_definition(site.trees[file], name)
    if node is None:
        raise DeclarationError(f"{path} does not define {name}")
    return SourceRange(file, get_first_line(node), node.end_lineno or node.lineno)


def find_ranges(site: ParsedSite, locations: Iterable[str]) -> Iterator[SourceRange]:
    """Yield the lines of the existing locations."""
    for location in locations:
        with suppress(DeclarationError):
            yield find_range(site, location)


def find_handler_ranges(site: ParsedSite) -> Iterator[SourceRange]:
    """Yield the lines of every handler."""
    for handler in site.handlers:
        yield SourceRange(handler.file, handler.first_line, handler.last_line)


def find_definition(tree: ast.Module, name: str) -> ast.stmt | None:
    """Return the definition of a function or class, or a top-level assignment, by name."""
    for node, classes in iter_definitions(tree):
        if ".".join([*(owner.name for owner in classes), node.name]) == name:
            return node
    for statement in tree.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return statement
    return None
