"""Where does the code stand that a framework.toml names, and how many lines of it are there?

A place is "session.py", "handlers.py:staff_only", "request.py:Request.form", or a name that a file
gives to something at its top: "problems.py:STATUS_OF_ERROR".
"""

import ast
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.analysis.code_metrics import lines_of
from bench.analysis.handlers import Site, definitions_in, first_line


class Untrue(Exception):
    """A declaration that does not hold: of which need, and why."""


@dataclass(frozen=True)
class Range:
    """The lines of a place, first and last included."""

    file: Path
    first: int
    last: int

    def holds(self, other: "Range") -> bool:
        """Tell whether the other is a smaller part of this one."""
        inside = self.file == other.file and self.first <= other.first and other.last <= self.last
        return inside and self != other


@dataclass(frozen=True)
class Code:
    """Lines that were written for a need."""

    file: str  # as it is shown
    name: str  # of the function, the class or what else; "" for the whole file
    first_line: int
    last_line: int
    lines: int  # that hold code, without what is counted elsewhere


def code_at(site: Site, place: str, counted_elsewhere: Iterable[str] = ()) -> Code:
    """Return the code at a place; raise Untrue where there is none.

    Handlers are counted with their features, and a part of it that is a place by itself, there.
    """
    here = range_of(site, place)
    text = site.texts[here.file].splitlines(keepends=True)
    for other in (*ranges_of_handlers(site), *ranges_of(site, counted_elsewhere)):
        if here.holds(other):
            text[other.first - 1 : other.last] = ["\n"] * (other.last - other.first + 1)
    lines = lines_of("".join(text[here.first - 1 : here.last]), ".py")
    return Code(site.shown(here.file), place.partition(":")[2], here.first, here.last, lines)


def range_of(site: Site, place: str) -> Range:
    """Return the lines of a place; raise Untrue."""
    name_of_file, _, name = place.partition(":")
    file = site.framework.folder / name_of_file
    if file not in site.texts:
        raise Untrue(f"there is no {name_of_file}")
    if not name:
        return Range(file, 1, site.texts[file].count("\n"))
    node = named(site.trees[file], name)
    if node is None:
        raise Untrue(f"there is no {name} in {name_of_file}")
    return Range(file, first_line(node), node.end_lineno or node.lineno)


def ranges_of(site: Site, places: Iterable[str]) -> Iterator[Range]:
    """Yield the lines of those places that are there."""
    for place in places:
        with suppress(Untrue):
            yield range_of(site, place)


def ranges_of_handlers(site: Site) -> Iterator[Range]:
    """Yield the lines of every handler."""
    return (Range(one.file, one.first_line, one.last_line) for one in site.handlers)


def named(tree: ast.Module, name: str) -> ast.stmt | None:
    """Return the statement that makes this function, class or, at the top of a file, value."""
    for node, classes in definitions_in(tree):
        if ".".join([*(one.name for one in classes), node.name]) == name:
            return node
    for statement in tree.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if any(isinstance(one, ast.Name) and one.id == name for one in targets):
            return statement
    return None
