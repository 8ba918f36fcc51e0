"""Find the handler of each feature in the code of an app.

A handler is a function, method or class whose docstring begins with the feature's sentence.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from bench.core.errors import collapse_whitespace
from bench.frameworks.app_files import CodeError, read_text
from bench.frameworks.features import FEATURES, Feature
from bench.frameworks.manifest import Framework

# Before Python 3.12, parsing in two threads can raise SystemError (python/cpython#106905).
PARSE_LOCK = Lock()
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
# These modules are other applications: for behaviour probes, TechEmpower and the growth of routes.
EXCLUDED_PARTS = {"defaults", "techempower", "many_routes"}
HARDENING = "hardening"  # the module, or the package, with what the documentation does not teach
FEATURES_BY_SENTENCE = {feature.sentence: feature for feature in FEATURES}


@dataclass(frozen=True)
class Handler:
    """The handler of a feature, or one of its parts."""

    feature: Feature
    file: Path
    node: Definition
    classes: tuple[ast.ClassDef, ...]  # the enclosing classes, outermost first
    lines: tuple[str, ...] = field(repr=False)  # of the whole file

    @property
    def name(self) -> str:
        """Return the name with the class: "Orders.on_post"."""
        return ".".join([*(node.name for node in self.classes), self.node.name])

    @property
    def first_line(self) -> int:
        """Return the number of the first line, including decorators."""
        return get_first_line(self.node)

    @property
    def last_line(self) -> int:
        """Return the number of the last line."""
        return self.node.end_lineno or self.node.lineno

    @property
    def source(self) -> str:
        """Return the code, including decorators."""
        return "".join(self.lines[self.first_line - 1 : self.last_line])

    @property
    def source_in_class(self) -> str:
        """Return the code below the opening lines of the enclosing classes."""
        return "".join((*map(self.format_class_opening, self.classes), self.source))

    def format_class_opening(self, node: ast.ClassDef) -> str:
        """Return the opening lines of a class, and "..." for statements before the handler."""
        first = get_first_line(node.body[0])
        text = "".join(self.lines[get_first_line(node) - 1 : first - 1]).rstrip() + "\n"
        indent = " " * node.body[0].col_offset
        return text if first == self.first_line else f"{text}{indent}...\n\n"


def get_first_line(node: ast.stmt) -> int:
    """Return the number of a statement's first line, including decorators."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


class ParsedSite:
    """The parsed code of an app's site; raises CodeError when the code cannot be read."""

    def __init__(self, framework: Framework):
        self.framework = framework
        self.texts = {file: read_text(file) for file in find_site_files(framework)}
        self.trees = {file: parse_python(file, text) for file, text in self.texts.items()}
        self.handlers = list(self.find_handlers())

    def find_handlers(self) -> Iterator[Handler]:
        """Yield every handler, file by file, in the order of the lines."""
        for file, tree in self.trees.items():
            lines = tuple(self.texts[file].splitlines(keepends=True))
            for node, classes in iter_definitions(tree):
                sentence = (ast.get_docstring(node) or "").partition("\n")[0]
                if feature := FEATURES_BY_SENTENCE.get(sentence):
                    yield Handler(feature, file, node, classes, lines)

    def display_path(self, file: Path) -> str:
        """Return the displayed path of a file: "flask/handlers.py"."""
        return str(file.relative_to(self.framework.folder.parent))

    def select_handlers(self, feature: Feature) -> list[Handler]:
        """Return the parts of a feature's handler, or an empty list."""
        return [handler for handler in self.handlers if handler.feature == feature]


def find_site_files(framework: Framework) -> list[Path]:
    """Return the Python files of an app's site."""
    folder = framework.folder
    return [
        file
        for file in framework.code_files
        if not {*file.relative_to(folder).with_suffix("").parts} & EXCLUDED_PARTS
    ]


def is_hardening(framework: Framework, file: Path) -> bool:
    """Return whether a file of an app belongs to its hardening, not to the site as taught."""
    return HARDENING in file.relative_to(framework.folder).with_suffix("").parts


def parse_python(file: Path, text: str) -> ast.Module:
    """Return the syntax tree of a file; raise CodeError with file and line."""
    try:
        with PARSE_LOCK:
            return ast.parse(text)
    except SyntaxError as error:
        raise CodeError(f"{file}:{error.lineno or 1}: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError) as error:  # a null byte, or too deep nesting
        raise CodeError(f"{file}: cannot be parsed: {collapse_whitespace(error)}") from error


def iter_definitions(
    node: ast.AST, classes: tuple[ast.ClassDef, ...] = ()
) -> Iterator[tuple[Definition, tuple[ast.ClassDef, ...]]]:
    """Yield every function and class below a node, with its enclosing classes."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Definition):
            yield child, classes
        inner = (*classes, child) if isinstance(child, ast.ClassDef) else classes
        yield from iter_definitions(child, inner)
