"""Find the app's functions and templates that a handler uses."""

import ast
import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from bench.analysis.handlers import Definition, Handler, ParsedSite
from bench.frameworks.features import Feature
from bench.frameworks.manifest import Framework

# Calls with these words in their name may name a template without its suffix.
TEMPLATE_CALL_WORDS = ("expose", "page", "render", "template", "uses", "view")


def find_templates(site: ParsedSite, feature: Feature) -> list[Path]:
    """Return the templates that a feature's handlers use, directly or through helpers."""
    files = find_template_files(site.framework)
    templates: dict[Path, None] = {}
    for handler in site.select_handlers(feature):
        for node, _ in find_reachable(site, handler):
            templates |= dict.fromkeys(file for file in files if refers_to_template(node, file))
    return list(templates)


def find_reachable(site: ParsedSite, handler: Handler) -> list[tuple[Definition, Path]]:
    """Return the handler and the app's functions and classes that it uses, directly or indirectly.

    Each definition comes with its file.
    """
    reached: dict[Definition, Path] = {}
    methods = find_methods(handler.classes, handler.file)
    queue = [(handler.node, handler.file)]
    while queue:
        node, file = queue.pop()
        if node not in reached:
            reached[node] = file
            callables = find_callable_names(site, file) | methods
            queue += [callables[name] for name in iter_referenced_names(node) if name in callables]
    return list(reached.items())


@lru_cache(maxsize=128)  # each handler that reaches a file asks for the names of the file
def find_callable_names(site: ParsedSite, file: Path) -> dict[str, tuple[Definition, Path]]:
    """Return the app's functions and classes by the names that one file may use."""
    callables = module_definitions(site.trees[file], file)
    for node in ast.walk(site.trees[file]):
        if isinstance(node, ast.ImportFrom):
            for module_file in find_module_files(site, node.module or ""):
                definitions = module_definitions(site.trees[module_file], module_file)
                callables |= {
                    alias.asname or alias.name: definitions[alias.name]
                    for alias in node.names
                    if alias.name in definitions
                }
        elif isinstance(node, ast.Import):
            for alias in node.names:
                for module_file in find_module_files(site, alias.name):
                    definitions = module_definitions(site.trees[module_file], module_file)
                    module = alias.asname or alias.name
                    callables |= {
                        f"{module}.{name}": definition for name, definition in definitions.items()
                    }
    return callables


def find_module_files(site: ParsedSite, module: str) -> list[Path]:
    """Return the app's files that a module's name may refer to."""
    parts = tuple(module.split("."))
    return [file for file in site.trees if file.with_suffix("").parts[-len(parts) :] == parts]


def find_template_files(framework: Framework) -> list[Path]:
    """Return the template files that framework.toml names, sorted."""
    paths = framework.folder.glob(framework.template_files)
    return sorted({Path(os.path.normpath(file)) for file in paths if file.is_file()})


def module_definitions(tree: ast.Module, file: Path) -> dict[str, tuple[Definition, Path]]:
    """Return the top-level functions and classes of a file, by name."""
    return {node.name: (node, file) for node in tree.body if isinstance(node, Definition)}


def find_methods(classes: Iterable[ast.ClassDef], file: Path) -> dict[str, tuple[Definition, Path]]:
    """Return the methods of classes by the names that the classes use: "self.refuse"."""
    return {
        f"self.{node.name}": (node, file)
        for owner in classes
        for node in owner.body
        if isinstance(node, Definition)
    }


def iter_referenced_names(definition: Definition) -> Iterator[str]:
    """Yield the plain and dotted names in a definition, such as "self.refuse"."""
    for node in ast.walk(definition):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield ast.unparse(node)


def refers_to_template(definition: Definition, file: Path) -> bool:
    """Return whether a definition names a template: by file, by stem, or by its own name."""
    if definition.name.lower() == file.stem.lower():
        return True
    for node in ast.walk(definition):
        if get_string_value(node).rpartition("/")[2] == file.name:
            return True
        is_call = isinstance(node, ast.Call) and is_template_call(node.func)
        if is_call and file.stem in map(get_string_value, ast.iter_child_nodes(node)):
            return True
    return False


def get_string_value(node: ast.AST) -> str:
    """Return the value of a constant as text, or "" for any other node."""
    return str(node.value) if isinstance(node, ast.Constant) else ""


def is_template_call(function: ast.expr) -> bool:
    """Return whether the name of a called function suggests a template argument."""
    name = ast.unparse(function).rpartition(".")[2].lower()
    return any(word in name for word in TEMPLATE_CALL_WORDS)
