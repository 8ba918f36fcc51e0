"""Verify declared provisions with the lines that ran for the feature of a need, or at the start.

Every declared name of the framework must be on a line that ran for the feature; every name that is
declared as `at_start` must be on a line that ran at the start, outside of all requests:

- "flask.session", imported from the framework's modules;
- "response.stream", a name that the framework injects, without an import or a definition in the
  app, as web2py does;
- ".get_media", an attribute of an argument, which some file of the framework defines.

At the start, a string may have the name, too: config.include("pyramid_jinja2"), or the setting
"tools.staticdir.on". Any name of an add-on's modules must be on a line of either kind.
"""

import ast
import builtins
import re
from collections.abc import Iterator, Mapping, Sequence, Set

from bench.analysis.handlers import Definition, ParsedSite, get_first_line, iter_definitions
from bench.analysis.imported_names import find_imports, used_names
from bench.analysis.line_coverage import parse_ranges
from bench.analysis.source_ranges import DeclarationError
from bench.frameworks.manifest import NEEDS
from bench.frameworks.manifest_schema import Provision
from bench.frameworks.packages import Package
from bench.results.schema import CoveredLines


def verify_framework(
    site: ParsedSite,
    packages: Sequence[Package],
    coverage: CoveredLines,
    need: str,
    provision: Provision,
) -> None:
    """Raise DeclarationError unless each name is on a line that ran for the need, or at start."""
    if not provision.names and not provision.at_start:
        raise DeclarationError(
            "no names of the framework are declared; add them to names or to at_start"
        )
    feature, modules = NEEDS[need], collect_modules(packages)
    executed = set(find_executed_names(site, modules, coverage.features.get(feature, {})))
    for name in provision.names:
        verify_name(packages, name, executed, f"for {feature}")
    at_start = set(find_executed_names(site, modules, coverage.startup))
    strings = set(find_executed_strings(site, coverage.startup))
    for name in provision.at_start:
        if not (has_name(strings, name) and is_known(packages, modules, name)):
            verify_name(packages, name, at_start, "at the start")


def verify_name(packages: Sequence[Package], name: str, executed: Set[str], when: str) -> None:
    """Raise DeclarationError unless a name is among the executed names."""
    if not has_name(executed, name):
        raise DeclarationError(f"no line that ran {when} has the name {name}")
    if name.startswith(".") and not is_defined_in(packages, name[1:]):
        raise DeclarationError(f"no file of the framework defines {name}")


def has_name(executed: Set[str], name: str) -> bool:
    """Return whether an executed name is this name, or begins with it and a dot."""
    return any(f"{used}.".startswith(f"{name}.") for used in executed)


def is_known(packages: Sequence[Package], modules: frozenset[str], name: str) -> bool:
    """Return whether a name in a string belongs to the framework: by its module or definition."""
    return name.partition(".")[0] in modules or is_defined_in(packages, name.rpartition(".")[2])


def find_executed_names(
    site: ParsedSite, modules: frozenset[str], executed: Mapping[str, str]
) -> Iterator[str]:
    """Yield the framework's names and all attributes on lines that ran."""
    injected = {name: (name, 1) for name in injected_names(site)}
    for file, tree in site.trees.items():
        executed_lines = include_signatures(
            tree, parse_ranges(executed.get(site.display_path(file), ""))
        )
        imports = {**injected, **find_imports(tree, modules)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name | ast.Attribute) and node.lineno in executed_lines:
                yield from used_names(node, imports)
                if isinstance(node, ast.Attribute):
                    yield f".{node.attr}"


def find_executed_strings(site: ParsedSite, executed: Mapping[str, str]) -> Iterator[str]:
    """Yield the strings on lines that ran."""
    for file, tree in site.trees.items():
        lines = parse_ranges(executed.get(site.display_path(file), ""))
        yield from iter_string_constants(tree, lines)


def is_defined_in(packages: Sequence[Package], name: str) -> bool:
    """Return whether a file of these packages defines the name."""
    definition = re.compile(rf"\b(def|class)\s+{name}\b|\b{name}\s*[:=][^=]|['\"]{name}['\"]")
    files = (file for package in packages for file in package.python_files)
    return any(definition.search(file.read_text("utf-8", "replace")) for file in files)


def verify_addon(
    site: ParsedSite, packages: Sequence[Package], coverage: CoveredLines, need: str
) -> None:
    """Raise DeclarationError unless a line that ran for the feature or at the start has a name."""
    feature, modules = NEEDS[need], collect_modules(packages)
    feature_lines, start_lines = coverage.features.get(feature, {}), coverage.startup
    for file, tree in site.trees.items():
        path = site.display_path(file)
        at_start = parse_ranges(start_lines.get(path, ""))
        executed = include_signatures(tree, parse_ranges(feature_lines.get(path, ""))) | at_start
        imports = find_imports(tree, modules)
        if any(node.id in imports and node.lineno in executed for node in iter_names(tree)):
            return
    if any(text.partition(".")[0] in modules for text in find_executed_strings(site, start_lines)):
        return
    raise DeclarationError(
        f"no line that ran for {feature} or at the start has a name of the add-on"
    )


def collect_modules(packages: Sequence[Package]) -> frozenset[str]:
    """Return the top-level modules of these packages."""
    return frozenset().union(*(package.modules for package in packages))


def injected_names(site: ParsedSite) -> set[str]:
    """Return the names that no file of the app defines or imports: the framework injects them.

    For example, web2py injects request, response and redirect.
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
    """Yield the plain names in code."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Name))


def iter_string_constants(tree: ast.AST, lines: set[int]) -> Iterator[str]:
    """Yield the string constants on some lines of code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.lineno in lines and isinstance(node.value, str):
            yield node.value


def include_signatures(tree: ast.AST, lines: set[int]) -> set[int]:
    """Return lines that ran, and the signatures of the enclosing functions and classes.

    Decorators and base classes run at import, but serve the lines inside.
    """
    signatures: set[int] = set()
    for node, _ in iter_definitions(tree):
        if lines.intersection(range(node.lineno, (node.end_lineno or 0) + 1)):
            signatures.update(range(get_first_line(node), node.body[0].lineno))
    return lines | signatures
