"""Do the lines that ran for a feature show who is said to serve a need of it?

The framework must be shown by every name that its declaration gives, each on a line that ran for
the feature:

- "flask.session", imported from the framework's own modules;
- "response.stream", of what the framework hands in where no file makes or imports it, as web2py
  does;
- ".get_media", an attribute of an argument, which some file of the framework defines.

An add-on must be shown by any name of its modules, which may also stand where it is plugged in.
"""

import ast
import builtins
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bench.analysis.handlers import Definition, ParsedSite, get_first_line, iter_definitions
from bench.analysis.imported_names import find_imports, used_names
from bench.analysis.line_coverage import parse_ranges
from bench.analysis.source_ranges import DeclarationError
from bench.frameworks.manifest import NEEDS
from bench.frameworks.packages import Package


def verify_framework(
    site: ParsedSite,
    packages: Sequence[Package],
    ran: Mapping[str, Any],
    need: str,
    names: Sequence[str],
) -> None:
    """Raise Untrue unless lines that ran for the need's feature have each of these names."""
    if not names:
        raise DeclarationError("it gives no names by which the framework serves it")
    feature = NEEDS[need]
    shown = set(
        find_executed_names(site, collect_modules(packages), ran["features"].get(feature, {}))
    )
    for name in names:
        if not any(f"{one}.".startswith(f"{name}.") for one in shown):
            raise DeclarationError(f"no line that ran for {feature} has the name {name}")
        if name.startswith(".") and not is_defined_in(packages, name[1:]):
            raise DeclarationError(f"no file of the framework defines {name}")


def find_executed_names(
    site: ParsedSite, modules: frozenset[str], ran: Mapping[str, str]
) -> Iterator[str]:
    """Yield the framework's names, and every attribute, on lines that ran."""
    given = {name: (name, 1) for name in injected_names(site)}
    for file, tree in site.trees.items():
        there = include_signatures(tree, parse_ranges(ran.get(site.display_path(file), "")))
        known = {**given, **find_imports(tree, modules)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name | ast.Attribute) and node.lineno in there:
                yield from used_names(node, known)
                if isinstance(node, ast.Attribute):
                    yield f".{node.attr}"


def is_defined_in(packages: Sequence[Package], name: str) -> bool:
    """Tell whether some file of these packages makes something of this name."""
    made = re.compile(rf"\b(def|class)\s+{name}\b|\b{name}\s*[:=][^=]|['\"]{name}['\"]")
    files = (file for package in packages for file in package.python_files)
    return any(made.search(file.read_text("utf-8", "replace")) for file in files)


def verify_addon(
    site: ParsedSite, packages: Sequence[Package], ran: Mapping[str, Any], need: str
) -> None:
    """Raise Untrue unless a line that ran for the need's feature, or at the start, names these.

    Where it is plugged in, a text may name it: config.include("pyramid_jinja2").
    """
    feature, modules = NEEDS[need], collect_modules(packages)
    for_it, start = ran["features"].get(feature, {}), ran["start"]
    for file, tree in site.trees.items():
        shown = site.display_path(file)
        at_start = parse_ranges(start.get(shown, ""))
        there = include_signatures(tree, parse_ranges(for_it.get(shown, ""))) | at_start
        words = find_imports(tree, modules)
        if any(node.id in words and node.lineno in there for node in iter_names(tree)):
            return
        if any(text.partition(".")[0] in modules for text in iter_string_constants(tree, at_start)):
            return
    raise DeclarationError(f"no line that ran for {feature} or at the start has a name of it")


def collect_modules(packages: Sequence[Package]) -> frozenset[str]:
    """Return the modules of these packages."""
    return frozenset().union(*(one.modules for one in packages))


def injected_names(site: ParsedSite) -> set[str]:
    """Return the names that no file of the app makes or imports: the framework hands them in.

    So web2py gives what it runs its request, response and redirect.
    """
    known = {*dir(builtins), "__file__", "__name__"}
    for tree in site.trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                known.add(node.id)
            elif isinstance(node, ast.arg):
                known.add(node.arg)
            elif isinstance(node, ast.alias):
                known.add((node.asname or node.name).partition(".")[0])
            elif isinstance(node, Definition | ast.ExceptHandler):
                known.add(node.name or "")
    return {name.id for tree in site.trees.values() for name in iter_names(tree)} - known


def iter_names(tree: ast.AST) -> Iterator[ast.Name]:
    """Yield the plain names in some code."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Name))


def iter_string_constants(tree: ast.AST, lines: set[int]) -> Iterator[str]:
    """Yield the texts on some lines of code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.lineno in lines and isinstance(node.value, str):
            yield node.value


def include_signatures(tree: ast.AST, lines: set[int]) -> set[int]:
    """Return lines that ran, and the heads of the functions and classes they are in.

    Decorators and bases run at import, but are what they are for the sake of the lines inside.
    """
    heads: set[int] = set()
    for node, _ in iter_definitions(tree):
        if lines.intersection(range(node.lineno, (node.end_lineno or 0) + 1)):
            heads.update(range(get_first_line(node), node.body[0].lineno))
    return lines | heads
