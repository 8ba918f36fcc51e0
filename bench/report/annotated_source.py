"""Annotate the source code of one app in the results: highlighted lines and executed lines."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from markupsafe import Markup

from bench.analysis.handlers import HARDENING, Definition, get_first_line, iter_definitions
from bench.analysis.line_coverage import parse_ranges
from bench.frameworks.features import FEATURES
from bench.report.highlight import find_language, highlight_lines, strip_links, wrap_lines
from bench.report.page_templates import find_page_template
from bench.report.unexecuted_lines import find_unexecuted_lines
from bench.results.schema import FrameworkFacts

# A function that runs for this share of the features belongs to every request.
COMMON_SHARE = 0.8
UNEXECUTED_CLASS = "unrun"  # of report.css


@dataclass(frozen=True)
class HandlerPart:
    """A function or class, with its lines; the lines that a feature did not run are marked."""

    file: str
    name: str  # with its class: "Orders.on_post"
    first: int
    last: int
    lines: list[Markup]
    class_name: str = ""  # the name of the class around it

    @property
    def address(self) -> str:
        """The address of the first line on the page of the file."""
        return build_source_address(self.file, self.first)


@dataclass(frozen=True)
class Helper:
    """A function of the app that ran before or after a handler."""

    file: str
    name: str
    first: int

    @property
    def address(self) -> str:
        """The address of the first line on the page of the file."""
        return build_source_address(self.file, self.first)


class AnnotatedSource:
    """One framework's part of the results, with its parsed and highlighted code."""

    def __init__(self, facts: FrameworkFacts):
        self.facts = facts
        self.name, self.title, self.sources = facts.name, facts.title, facts.sources
        self.python_files = [file for file in self.sources if file.endswith(".py")]

    @property
    def hardening_files(self) -> list[str]:
        """The files of the hardening, which is not part of the site as taught."""
        return [
            file
            for file in self.python_files
            if HARDENING in PurePosixPath(file).with_suffix("").parts[1:]
        ]

    def find_template(self, feature: str) -> str:
        """Return the file of the template that a feature renders, "" if it renders none."""
        return find_page_template(feature, self.sources)

    @cached_property
    def syntax_trees(self) -> dict[str, ast.Module]:
        """The Python files, parsed."""
        return {file: ast.parse(self.sources[file]) for file in self.python_files}

    @cached_property
    def highlighted_lines(self) -> dict[str, list[Markup]]:
        """The lines of every file, as HTML."""
        known, link = self.facts.code.known_names, self.facts.docs_search
        return {
            file: highlight_lines(text, find_language(file), known.get(file, {}), link)
            for file, text in self.sources.items()
        }

    @cached_property
    def definitions(self) -> dict[str, list[tuple[Definition, tuple[ast.ClassDef, ...]]]]:
        """The functions and classes of every file, each with its enclosing classes."""
        return {file: list(iter_definitions(tree)) for file, tree in self.syntax_trees.items()}

    def get_executed_lines(self, feature: str) -> dict[str, set[int]]:
        """Return the lines that ran for a feature, by file."""
        lines = self.facts.coverage.features.get(feature, {})
        return {
            file: parse_ranges(ranges)
            for file, ranges in lines.items()
            if file in self.syntax_trees
        }

    def find_handlers(self, feature: str) -> Iterator[HandlerPart]:
        """Yield the parts of a feature's handler, with the lines that did not run marked."""
        metrics = next(entry for entry in self.facts.code.features if entry.id == feature)
        executed = self.get_executed_lines(feature)
        for handler in metrics.handlers:
            file, first, last = handler.file, handler.first_line, handler.last_line
            node, classes = self.find_definition(file, first, last)
            unexecuted = find_unexecuted_lines(node, executed.get(file, set()))
            classes_by_line = dict.fromkeys(unexecuted, UNEXECUTED_CLASS)
            part = self.highlighted_lines[file][first - 1 : last]
            lines = list(wrap_lines(part, first, classes_by_line, {}))
            class_name = classes[-1].name if classes else ""
            yield HandlerPart(file, handler.name, first, last, lines, class_name)

    def find_definition(
        self, file: str, first: int, last: int
    ) -> tuple[Definition, tuple[ast.ClassDef, ...]]:
        """Return the function or class on exactly these lines, with its enclosing classes."""
        return next(
            (node, classes)
            for node, classes in self.definitions[file]
            if (get_first_line(node), node.end_lineno) == (first, last)
        )

    def find_helpers(self, feature: str) -> list[Helper]:
        """Return the app's functions that ran for a feature, without the common helpers."""
        handlers = {(part.file, part.first) for part in self.find_handlers(feature)}
        excluded = set(self.common_helpers)
        return [
            helper
            for helper in self.find_entered(feature)
            if helper not in excluded and (helper.file, helper.first) not in handlers
        ]

    @cached_property
    def common_helpers(self) -> list[Helper]:
        """The app's functions that ran for most features, around every request."""
        counts: dict[Helper, int] = {}
        executed = [feature.id for feature in FEATURES if self.get_executed_lines(feature.id)]
        for feature in executed:
            for helper in self.find_entered(feature):
                counts[helper] = counts.get(helper, 0) + 1
        min_count = COMMON_SHARE * len(executed)
        return [helper for helper, count in counts.items() if count >= min_count]

    def find_entered(self, feature: str) -> Iterator[Helper]:
        """Yield every function of the app that ran at least one of its lines for a feature."""
        for file, lines in self.get_executed_lines(feature).items():
            for node, classes in self.definitions[file]:
                if not isinstance(node, ast.ClassDef) and is_entered(node, lines):
                    name = ".".join([*(parent.name for parent in classes), node.name])
                    yield Helper(file, name, get_first_line(node))

    @property
    def unexecuted_lines(self) -> dict[str, set[int]]:
        """The lines of code that no request ran, by file."""
        unexecuted = self.facts.coverage.unexecuted
        return {file: parse_ranges(ranges) for file, ranges in unexecuted.items()}

    def render_listing(self, file: str) -> Markup:
        """Return a whole file with numbered lines; the lines that no request ran are marked."""
        classes = dict.fromkeys(self.unexecuted_lines.get(file, set()), UNEXECUTED_CLASS)
        lines = strip_links(self.highlighted_lines[file])
        ids = {number: f"L{number}" for number in range(1, len(lines) + 1)}
        return Markup("").join(wrap_lines(lines, 1, classes, ids))


def is_entered(node: Definition, lines: set[int]) -> bool:
    """Return whether a function's own body ran, and not only the body of an inner function."""
    own = set(range(node.body[0].lineno, (node.end_lineno or 0) + 1))
    for inner in ast.walk(node):
        if isinstance(inner, Definition) and inner is not node:
            own -= set(range(get_first_line(inner), (inner.end_lineno or 0) + 1))
    return not own.isdisjoint(lines)


def build_source_address(file: str, line: int | None = None) -> str:
    """Return the address of a file's page, or of a line: "sources/flask/app.py.html#L57"."""
    return f"sources/{file}.html" + (f"#L{line}" if line else "")
