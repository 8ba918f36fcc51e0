"""Which of an app's own functions, and which templates, does a handler use?"""

import ast
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from bench.analysis.handlers import Definition, Handler, ParsedSite
from bench.frameworks.features import Feature
from bench.frameworks.manifest import Framework

# A template may be named without its ending only where it is asked for.
TEMPLATE_CALL_WORDS = ("expose", "page", "render", "template", "uses", "view")


def find_templates(site: ParsedSite, feature: Feature) -> list[Path]:
    """Return the templates that a feature's handlers name, themselves or through a helper."""
    files = find_template_files(site.framework)
    wanted: dict[Path, None] = {}
    for handler in site.select_handlers(feature):
        for node, _ in find_reachable(site, handler):
            wanted |= dict.fromkeys(f for f in files if refers_to_template(node, f))
    return list(wanted)


def find_reachable(site: ParsedSite, handler: Handler) -> list[tuple[Definition, Path]]:
    """Return the handler and what it uses of this app's own functions and classes, in turn.

    With each goes the file where it stands.
    """
    found: dict[Definition, Path] = {}
    own = find_methods(handler.classes, handler.file)
    waiting = [(handler.node, handler.file)]
    while waiting:
        node, file = waiting.pop()
        if node not in found:
            found[node] = file
            known = find_callable_names(site, file) | own
            waiting += [known[name] for name in iter_referenced_names(node) if name in known]
    return list(found.items())


def find_callable_names(site: ParsedSite, file: Path) -> dict[str, tuple[Definition, Path]]:
    """Return this app's functions and classes as the code of one file may call them."""
    known = module_definitions(site.trees[file], file)
    for node in ast.walk(site.trees[file]):
        if isinstance(node, ast.ImportFrom):
            for other in find_module_files(site, node.module or ""):
                there = module_definitions(site.trees[other], other)
                known |= {
                    alias.asname or alias.name: there[alias.name]
                    for alias in node.names
                    if alias.name in there
                }
        elif isinstance(node, ast.Import):
            for alias in node.names:
                for other in find_module_files(site, alias.name):
                    there = module_definitions(site.trees[other], other)
                    called = alias.asname or alias.name
                    known |= {f"{called}.{name}": it for name, it in there.items()}
    return known


def find_module_files(site: ParsedSite, module: str) -> list[Path]:
    """Return this app's files that a module's name may mean."""
    parts = tuple(module.split("."))
    return [file for file in site.trees if file.with_suffix("").parts[-len(parts) :] == parts]


def find_template_files(framework: Framework) -> list[Path]:
    """Return the template files that framework.toml names, in order."""
    found = framework.folder.glob(framework.template_files)
    return sorted({Path(os.path.normpath(file)) for file in found if file.is_file()})


def module_definitions(tree: ast.Module, file: Path) -> dict[str, tuple[Definition, Path]]:
    """Return the functions and classes at the top of a file, by name."""
    return {node.name: (node, file) for node in tree.body if isinstance(node, Definition)}


def find_methods(classes: Iterable[ast.ClassDef], file: Path) -> dict[str, tuple[Definition, Path]]:
    """Return the methods of classes as they are called in there: "self.refuse"."""
    return {
        f"self.{node.name}": (node, file)
        for one in classes
        for node in one.body
        if isinstance(node, Definition)
    }


def iter_referenced_names(definition: Definition) -> Iterator[str]:
    """Yield the plain names in a definition, and what it uses of itself: "self.refuse"."""
    for node in ast.walk(definition):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield ast.unparse(node)


def refers_to_template(definition: Definition, file: Path) -> bool:
    """Tell whether a definition names a template: by its file, its stem, or by its own name."""
    if definition.name.lower() == file.stem.lower():
        return True
    for node in ast.walk(definition):
        if Path(get_string_value(node)).name == file.name:
            return True
        asks = isinstance(node, ast.Call) and is_template_call(node.func)
        if asks and file.stem in map(get_string_value, ast.iter_child_nodes(node)):
            return True
    return False


def get_string_value(node: ast.AST) -> str:
    """Return the text of a text in quotes, "" for any other node."""
    return str(node.value) if isinstance(node, ast.Constant) else ""


def is_template_call(function: ast.expr) -> bool:
    """Tell whether a called function's name says that it takes a template."""
    name = ast.unparse(function).rpartition(".")[2].lower()
    return any(word in name for word in TEMPLATE_CALL_WORDS)
