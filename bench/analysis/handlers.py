"""Where in an app's code is the handler of each feature?

A handler is any function, method or class whose docstring begins with the feature's sentence.
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

# Two trees made at once can end in a SystemError before Python 3.12 (python/cpython#106905).
PARSE_LOCK = Lock()
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
# What is in these is another application: the behaviour probes', TechEmpower's, and that of growth.
EXCLUDED_PARTS = {"defaults", "techempower", "many_routes"}
FEATURES_BY_SENTENCE = {feature.sentence: feature for feature in FEATURES}


@dataclass(frozen=True)
class Handler:
    """One feature's handler, or one of its parts."""

    feature: Feature
    file: Path
    node: Definition
    classes: tuple[ast.ClassDef, ...]  # those around it, outermost first
    lines: tuple[str, ...] = field(repr=False)  # of the whole file

    @property
    def name(self) -> str:
        """Return its name, with its class: "Orders.on_post"."""
        return ".".join([*(one.name for one in self.classes), self.node.name])

    @property
    def first_line(self) -> int:
        """Return the number of its first line, a decorator's where there is one."""
        return get_first_line(self.node)

    @property
    def last_line(self) -> int:
        """Return the number of its last line."""
        return self.node.end_lineno or self.node.lineno

    @property
    def source(self) -> str:
        """Return its code, decorators included."""
        return "".join(self.lines[self.first_line - 1 : self.last_line])

    @property
    def source_in_class(self) -> str:
        """Return its code below the opening lines of the classes around it."""
        return "".join((*map(self.format_class_opening, self.classes), self.source))

    def format_class_opening(self, one: ast.ClassDef) -> str:
        """Return the opening lines of a class, and a mark where others stand before the handler."""
        first = get_first_line(one.body[0])
        text = "".join(self.lines[get_first_line(one) - 1 : first - 1]).rstrip() + "\n"
        inside = " " * one.body[0].col_offset
        return text if first == self.first_line else f"{text}{inside}...\n\n"


def get_first_line(node: ast.stmt) -> int:
    """Return the number of a statement's first line, decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])


class ParsedSite:
    """The code of one app's site, parsed; made of what cannot be read, it raises CodeError."""

    def __init__(self, framework: Framework):
        self.framework = framework
        self.texts = {file: read_text(file) for file in find_site_files(framework)}
        self.trees = {file: parse_python(file, text) for file, text in self.texts.items()}
        self.handlers = list(self.find_handlers())

    def find_handlers(self) -> Iterator[Handler]:
        """Yield every handler, file by file, from top to bottom."""
        for file, tree in self.trees.items():
            lines = tuple(self.texts[file].splitlines(keepends=True))
            for node, classes in iter_definitions(tree):
                sentence = (ast.get_docstring(node) or "").partition("\n")[0]
                if feature := FEATURES_BY_SENTENCE.get(sentence):
                    yield Handler(feature, file, node, classes, lines)

    def display_path(self, file: Path) -> str:
        """Return a file's path as it is shown: "flask/handlers.py"."""
        return str(file.relative_to(self.framework.folder.parent))

    def select_handlers(self, feature: Feature) -> list[Handler]:
        """Return the handlers of a feature: none, one, or the parts of one."""
        return [handler for handler in self.handlers if handler.feature == feature]


def find_site_files(framework: Framework) -> list[Path]:
    """Return the Python files of an app's site."""
    folder = framework.folder
    return [
        file
        for file in framework.code_files
        if not {*file.relative_to(folder).with_suffix("").parts} & EXCLUDED_PARTS
    ]


def parse_python(file: Path, text: str) -> ast.Module:
    """Return the syntax tree of a file; raise CodeError, naming file and line."""
    try:
        with PARSE_LOCK:
            return ast.parse(text)
    except SyntaxError as error:
        raise CodeError(f"{file}:{error.lineno or 1}: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError) as error:  # a null byte; too deep
        raise CodeError(f"{file}: it cannot be parsed: {collapse_whitespace(error)}") from error


def iter_definitions(
    node: ast.AST, classes: tuple[ast.ClassDef, ...] = ()
) -> Iterator[tuple[Definition, tuple[ast.ClassDef, ...]]]:
    """Yield every function and class below a node, each with the classes around it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Definition):
            yield child, classes
        inner = (*classes, child) if isinstance(child, ast.ClassDef) else classes
        yield from iter_definitions(child, inner)
