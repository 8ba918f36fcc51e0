"""Where does the code stand that a framework.toml names, and how many lines of it are there?

A place is "session.py", "handlers.py:staff_only", "request.py:Request.form", or a name that a file
gives to something at its top: "problems.py:STATUS_OF_ERROR".
"""

import ast
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.analysis.code_metrics import count_lines
from bench.analysis.handlers import ParsedSite, get_first_line, iter_definitions


class DeclarationError(Exception):
    """A declaration that does not hold: of which need, and why."""


@dataclass(frozen=True)
class SourceRange:
    """The lines of a place, first and last included."""

    file: Path
    first: int
    last: int

    def contains(self, other: "SourceRange") -> bool:
        """Tell whether the other is a smaller part of this one."""
        inside = self.file == other.file and self.first <= other.first and other.last <= self.last
        return inside and self != other


@dataclass(frozen=True)
class DeclaredCode:
    """Lines that were written for a need."""

    file: str  # as it is shown
    name: str  # of the function, the class or what else; "" for the whole file
    first_line: int
    last_line: int
    lines: int  # that hold code, without what is counted elsewhere


def find_declared_code(
    site: ParsedSite, place: str, counted_elsewhere: Iterable[str] = ()
) -> DeclaredCode:
    """Return the code at a place; raise Untrue where there is none.

    Handlers are counted with their features, and a part of it that is a place by itself, there.
    """
    here = find_range(site, place)
    text = site.texts[here.file].splitlines(keepends=True)
    for other in (*find_handler_ranges(site), *find_ranges(site, counted_elsewhere)):
        if here.contains(other):
            text[other.first - 1 : other.last] = ["\n"] * (other.last - other.first + 1)
    lines = count_lines("".join(text[here.first - 1 : here.last]), ".py")
    return DeclaredCode(
        site.display_path(here.file), place.partition(":")[2], here.first, here.last, lines
    )


def find_range(site: ParsedSite, place: str) -> SourceRange:
    """Return the lines of a place; raise Untrue."""
    name_of_file, _, name = place.partition(":")
    file = site.framework.folder / name_of_file
    if file not in site.texts:
        raise DeclarationError(f"there is no {name_of_file}")
    if not name:
        return SourceRange(file, 1, site.texts[file].count("\n"))
    node = find_definition(site.trees[file], name)
    if node is None:
        raise DeclarationError(f"there is no {name} in {name_of_file}")
    return SourceRange(file, get_first_line(node), node.end_lineno or node.lineno)


def find_ranges(site: ParsedSite, places: Iterable[str]) -> Iterator[SourceRange]:
    """Yield the lines of those places that are there."""
    for place in places:
        with suppress(DeclarationError):
            yield find_range(site, place)


def find_handler_ranges(site: ParsedSite) -> Iterator[SourceRange]:
    """Yield the lines of every handler."""
    return (SourceRange(one.file, one.first_line, one.last_line) for one in site.handlers)


def find_definition(tree: ast.Module, name: str) -> ast.stmt | None:
    """Return the statement that makes this function, class or, at the top of a file, value."""
    for node, classes in iter_definitions(tree):
        if ".".join([*(one.name for one in classes), node.name]) == name:
            return node
    for statement in tree.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if any(isinstance(one, ast.Name) and one.id == name for one in targets):
            return statement
    return None
