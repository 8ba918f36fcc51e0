"""Which of an app's own functions, and which templates, does a handler use?"""

import ast
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from bench.analysis.handlers import Definition, Handler, Site
from bench.frameworks.features import Feature
from bench.frameworks.manifest import Framework

# A template may be named without its ending only where it is asked for.
ASKS_FOR_A_TEMPLATE = ("expose", "page", "render", "template", "uses", "view")


def templates_of(site: Site, feature: Feature) -> list[Path]:
    """Return the templates that a feature's handlers name, themselves or through a helper."""
    files = template_files(site.framework)
    wanted: dict[Path, None] = {}
    for handler in site.of(feature):
        for node, _ in reached_from(site, handler):
            wanted |= dict.fromkeys(f for f in files if names_template(node, f))
    return list(wanted)


def reached_from(site: Site, handler: Handler) -> list[tuple[Definition, Path]]:
    """Return the handler and what it uses of this app's own functions and classes, in turn.

    With each goes the file where it stands.
    """
    found: dict[Definition, Path] = {}
    own = methods_of(handler.classes, handler.file)
    waiting = [(handler.node, handler.file)]
    while waiting:
        node, file = waiting.pop()
        if node not in found:
            found[node] = file
            known = names_known_in(site, file) | own
            waiting += [known[name] for name in names_used(node) if name in known]
    return list(found.items())


def names_known_in(site: Site, file: Path) -> dict[str, tuple[Definition, Path]]:
    """Return this app's functions and classes as the code of one file may call them."""
    known = top_of(site.trees[file], file)
    for node in ast.walk(site.trees[file]):
        if isinstance(node, ast.ImportFrom):
            for other in files_of(site, node.module or ""):
                there = top_of(site.trees[other], other)
                known |= {
                    alias.asname or alias.name: there[alias.name]
                    for alias in node.names
                    if alias.name in there
                }
        elif isinstance(node, ast.Import):
            for alias in node.names:
                for other in files_of(site, alias.name):
                    there = top_of(site.trees[other], other)
                    called = alias.asname or alias.name
                    known |= {f"{called}.{name}": it for name, it in there.items()}
    return known


def files_of(site: Site, module: str) -> list[Path]:
    """Return this app's files that a module's name may mean."""
    parts = tuple(module.split("."))
    return [file for file in site.trees if file.with_suffix("").parts[-len(parts) :] == parts]


def template_files(framework: Framework) -> list[Path]:
    """Return the template files that framework.toml names, in order."""
    found = framework.folder.glob(framework.template_files)
    return sorted({Path(os.path.normpath(file)) for file in found if file.is_file()})


def top_of(tree: ast.Module, file: Path) -> dict[str, tuple[Definition, Path]]:
    """Return the functions and classes at the top of a file, by name."""
    return {node.name: (node, file) for node in tree.body if isinstance(node, Definition)}


def methods_of(classes: Iterable[ast.ClassDef], file: Path) -> dict[str, tuple[Definition, Path]]:
    """Return the methods of classes as they are called in there: "self.refuse"."""
    return {
        f"self.{node.name}": (node, file)
        for one in classes
        for node in one.body
        if isinstance(node, Definition)
    }


def names_used(definition: Definition) -> Iterator[str]:
    """Yield the plain names in a definition, and what it uses of itself: "self.refuse"."""
    for node in ast.walk(definition):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield ast.unparse(node)


def names_template(definition: Definition, file: Path) -> bool:
    """Tell whether a definition names a template: by its file, its stem, or by its own name."""
    if definition.name.lower() == file.stem.lower():
        return True
    for node in ast.walk(definition):
        if Path(text_in(node)).name == file.name:
            return True
        asks = isinstance(node, ast.Call) and asks_for_a_template(node.func)
        if asks and file.stem in map(text_in, ast.iter_child_nodes(node)):
            return True
    return False


def text_in(node: ast.AST) -> str:
    """Return the text of a text in quotes, "" for any other node."""
    return str(node.value) if isinstance(node, ast.Constant) else ""


def asks_for_a_template(function: ast.expr) -> bool:
    """Tell whether a called function's name says that it takes a template."""
    name = ast.unparse(function).rpartition(".")[2].lower()
    return any(word in name for word in ASKS_FOR_A_TEMPLATE)
