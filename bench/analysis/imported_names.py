"""Find the names that an app's code uses from its framework and the framework's dependencies.

The names are found through imports: "flask.Blueprint", "flask.request.form". Names of arguments,
such as Falcon's `req` and `resp`, are not found, because the code does not show their origin.
"""

import ast
from collections.abc import Iterator, Set

# The number of attributes after an imported module and an imported name: flask.request.form.
MODULE_DEPTH = 2
NAME_DEPTH = 1


def find_imports(tree: ast.Module, modules: Set[str]) -> dict[str, tuple[str, int]]:
    """Return a file's imports from these top-level modules, by local name.

    The value is the full name, and the number of attributes that are part of a used name.
    """
    imports: dict[str, tuple[str, int]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                if top in modules:
                    full_name = alias.name if alias.asname else top
                    extra_depth = alias.name.count(".") - full_name.count(".")
                    imports[alias.asname or top] = (full_name, MODULE_DEPTH + extra_depth)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            module = node.module or ""
            if module.partition(".")[0] in modules:
                for alias in node.names:
                    full_name = f"{module}.{alias.name}"
                    imports[alias.asname or alias.name] = (full_name, NAME_DEPTH)
    return imports


def used_names(code: ast.AST, imports: dict[str, tuple[str, int]]) -> Iterator[str]:
    """Yield the full name of each imported object that the code uses."""
    return (name for name, _ in find_uses(code, imports))


def find_uses(code: ast.AST, imports: dict[str, tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """Yield the full name of each imported object that the code uses, and the line of the use."""
    if isinstance(code, ast.Attribute | ast.Name):
        first, *rest = ast.unparse(code).split(".")
        if first in imports and all(part.isidentifier() for part in rest):
            full_name, depth = imports[first]
            yield ".".join([full_name, *rest[:depth]]), code.lineno
            return
    for child in ast.iter_child_nodes(code):
        yield from find_uses(child, imports)
