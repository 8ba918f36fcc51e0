"""What is in one app's code, as the results keep it: its files, parsed, and what ran of them?"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from markupsafe import Markup

from bench.analysis.handlers import Definition, get_first_line, iter_definitions
from bench.analysis.line_coverage import parse_ranges
from bench.frameworks.features import FEATURES
from bench.report.highlight import find_language, highlight_lines, strip_links, wrap_lines
from bench.report.unexecuted_lines import find_unexecuted_lines

# What runs for so many features belongs to every request rather than to one of them.
COMMON_SHARE = 0.8


@dataclass(frozen=True)
class HandlerPart:
    """A function or class, and the lines of it that a feature did not run."""

    file: str
    name: str  # with its class: "Orders.on_post"
    first: int
    last: int
    lines: list[Markup]
    class_name: str = ""  # the opening lines of the class around it

    @property
    def anchor(self) -> str:
        """Return the id of its first line in the listing of the sources."""
        return build_line_id(self.file, self.first)


@dataclass(frozen=True)
class Helper:
    """A function of the app that ran on the way to a handler or back."""

    file: str
    name: str
    first: int

    @property
    def anchor(self) -> str:
        """Return the id of its first line in the listing of the sources."""
        return build_line_id(self.file, self.first)


class AnnotatedSource:
    """One framework's part of the results, with its code at hand."""

    def __init__(self, facts: dict[str, Any]):
        self.facts = facts
        self.name: str = facts["name"]
        self.title: str = facts["title"]
        self.sources: dict[str, str] = facts["sources"]
        self.python_files = [file for file in self.sources if file.endswith(".py")]

    @cached_property
    def syntax_trees(self) -> dict[str, ast.Module]:
        """The Python files, parsed."""
        return {file: ast.parse(self.sources[file]) for file in self.python_files}

    @cached_property
    def highlighted_lines(self) -> dict[str, list[Markup]]:
        """The lines of every file, as HTML."""
        known, link = self.facts["code"]["known_names"], self.facts.get("docs_search", "")
        return {
            file: highlight_lines(text, find_language(file), known.get(file, {}), link)
            for file, text in self.sources.items()
        }

    @cached_property
    def definitions(self) -> dict[str, list[tuple[Definition, tuple[ast.ClassDef, ...]]]]:
        """The functions and classes of every file, each with the classes around it."""
        return {file: list(iter_definitions(tree)) for file, tree in self.syntax_trees.items()}

    def get_executed_lines(self, feature: str) -> dict[str, set[int]]:
        """Return the lines that ran for a feature, by file."""
        lines = self.facts["ran"]["features"].get(feature, {})
        return {
            file: parse_ranges(which) for file, which in lines.items() if file in self.syntax_trees
        }

    def find_handlers(self, feature: str) -> Iterator[HandlerPart]:
        """Yield a feature's handler, or its parts, with the lines that did not run marked."""
        places = next(one for one in self.facts["code"]["features"] if one["id"] == feature)
        ran = self.get_executed_lines(feature)
        for place in places["handlers"]:
            file, first, last = place["file"], place["first_line"], place["last_line"]
            node, classes = self.find_definition(file, first, last)
            missed = dict.fromkeys(find_unexecuted_lines(node, ran.get(file, set())), "unrun")
            lines = list(
                wrap_lines(self.highlighted_lines[file][first - 1 : last], first, missed, {})
            )
            head = classes[-1].name if classes else ""
            yield HandlerPart(file, place["name"], first, last, lines, head)

    def find_definition(
        self, file: str, first: int, last: int
    ) -> tuple[Definition, tuple[ast.ClassDef, ...]]:
        """Return the function or class that stands on these lines."""
        return next(
            (node, classes)
            for node, classes in self.definitions[file]
            if (get_first_line(node), node.end_lineno) == (first, last)
        )

    def find_helpers(self, feature: str) -> list[Helper]:
        """Return the app's own functions that ran for a feature, without those of most features."""
        own = {(piece.file, piece.first) for piece in self.find_handlers(feature)}
        excluded = set(self.common_helpers)
        return [
            one
            for one in self.find_entered(feature)
            if one not in excluded and (one.file, one.first) not in own
        ]

    @cached_property
    def common_helpers(self) -> list[Helper]:
        """The app's own functions that ran for most features: what stands around every request."""
        counts: dict[Helper, int] = {}
        asked = [feature.id for feature in FEATURES if self.get_executed_lines(feature.id)]
        for feature in asked:
            for one in self.find_entered(feature):
                counts[one] = counts.get(one, 0) + 1
        return [one for one, count in counts.items() if count >= COMMON_SHARE * len(asked)]

    def find_entered(self, feature: str) -> Iterator[Helper]:
        """Yield every function of the app of which a line ran for a feature."""
        for file, lines in self.get_executed_lines(feature).items():
            for node, classes in self.definitions[file]:
                if not isinstance(node, ast.ClassDef) and is_entered(node, lines):
                    name = ".".join([*(one.name for one in classes), node.name])
                    yield Helper(file, name, get_first_line(node))

    @property
    def dead_lines(self) -> dict[str, set[int]]:
        """The lines of code that nothing ran, by file."""
        return {file: parse_ranges(which) for file, which in self.facts["ran"]["dead"].items()}

    def render_listing(self, file: str) -> Markup:
        """Return a whole file, its lines numbered, those that nothing ran marked."""
        missed = dict.fromkeys(self.dead_lines.get(file, set()), "unrun")
        firsts = [get_first_line(node) for node, _ in self.definitions.get(file, [])]
        written = (part for said in self.facts["brings"].values() for part in said["code"])
        firsts += [part["first_line"] for part in written if part["file"] == file and part["name"]]
        ids = {number: build_line_id(file, number) for number in firsts}
        return Markup("").join(
            wrap_lines(strip_links(self.highlighted_lines[file]), 1, missed, ids)
        )


def is_entered(node: Definition, lines: set[int]) -> bool:
    """Tell whether a function's own body ran, and not only that of a function inside it."""
    inner = [one for one in ast.walk(node) if isinstance(one, Definition) and one is not node]
    own = set(range(node.body[0].lineno, (node.end_lineno or 0) + 1))
    for one in inner:
        own -= set(range(get_first_line(one), (one.end_lineno or 0) + 1))
    return not own.isdisjoint(lines)


def build_line_id(file: str, line: int) -> str:
    """Return the id of a line in the listing of the sources: "flask/handlers.py-57"."""
    return f"{file}-{line}"
