"""Which lines of a piece of Python belong to a statement that did not run?

A statement of several lines ran when any of them did. Docstrings, comments, blank lines and the
heads of functions and classes, which run at import, are never said not to have run.
"""

import ast
from collections.abc import Iterator


def not_run(tree: ast.AST, ran: set[int]) -> set[int]:
    """Return the lines of the statements in a tree none of whose lines are in `ran`."""
    missed: set[int] = set()
    for lines in statements(tree):
        if not ran.intersection(lines):
            missed.update(lines)
    return missed


def statements(tree: ast.AST) -> Iterator[range]:
    """Yield the lines of every statement; of a compound one, those of its head."""
    for node in ast.walk(tree):
        for body in bodies_of(node):
            for one in body:
                if not is_docstring(one) and not isinstance(one, DEFINITIONS):
                    yield range(one.lineno, end_of_head(one) + 1)


DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def bodies_of(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """Yield the lists of statements in a node."""
    for name in ("body", "orelse", "finalbody"):
        value = getattr(node, name, None)
        if isinstance(value, list):
            yield [one for one in value if isinstance(one, ast.stmt)]


def end_of_head(node: ast.stmt) -> int:
    """Return the last line of a statement, or of what stands before its body."""
    inner = [body[0].lineno for body in bodies_of(node) if body]
    end = node.end_lineno or node.lineno
    # A body on the head's own line leaves nothing between them.
    return max(node.lineno, min(inner) - 1) if inner else end


def is_docstring(node: ast.stmt) -> bool:
    """Tell whether a statement is no more than a text."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
