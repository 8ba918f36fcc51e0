"""Which names does an app's code take from its framework, and from what that brings with it?

Read from the imports: "flask.Blueprint", "flask.request.form". What comes in as an argument, such
as Falcon's `req` and `resp`, is not seen: nothing in the text says where it is from.
"""

import ast
from collections.abc import Iterator, Set

# Of an imported module two names are followed, of an imported name one: flask.request.form.
MODULE_DEPTH = 2
NAME_DEPTH = 1


def find_imports(tree: ast.Module, modules: Set[str]) -> dict[str, tuple[str, int]]:
    """Return what a file imports from these top modules: the name here, the name there.

    With each goes how many attributes of it are followed.
    """
    known: dict[str, tuple[str, int]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                if top in modules:
                    there = alias.name if alias.asname else top
                    extra = alias.name.count(".") - there.count(".")
                    known[alias.asname or top] = (there, MODULE_DEPTH + extra)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            module = node.module or ""
            if module.partition(".")[0] in modules:
                for alias in node.names:
                    there = f"{module}.{alias.name}"
                    known[alias.asname or alias.name] = (there, NAME_DEPTH)
    return known


def used_names(code: ast.AST, known: dict[str, tuple[str, int]]) -> Iterator[str]:
    """Yield the full name of each imported thing that a piece of code uses."""
    if isinstance(code, ast.Attribute | ast.Name):
        first, *rest = ast.unparse(code).split(".")
        if first in known and all(part.isidentifier() for part in rest):
            there, followed = known[first]
            yield ".".join([there, *rest[:followed]])
            return
    for child in ast.iter_child_nodes(code):
        yield from used_names(child, known)
