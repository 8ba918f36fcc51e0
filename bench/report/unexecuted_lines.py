"""Which lines of a piece of Python belong to a statement that did not run?

A statement of several lines ran when any of them did. Docstrings, comments, blank lines and the
heads of functions and classes, which run at import, are never said not to have run.
"""

import ast
from collections.abc import Iterator


def find_unexecuted_lines(tree: ast.AST, ran: set[int]) -> set[int]:
    """Return the lines of the statements in a tree none of whose lines are in `ran`."""
    missed: set[int] = set()
    for lines in find_statements(tree):
        if not ran.intersection(lines):
            missed.update(lines)
    return missed


def find_statements(tree: ast.AST) -> Iterator[range]:
    """Yield the lines of every statement; of a compound one, those of its head."""
    for node in ast.walk(tree):
        for body in find_bodies(node):
            for one in body:
                if not is_docstring(one) and not isinstance(one, DEFINITION_TYPES):
                    yield range(one.lineno, find_head_end(one) + 1)


DEFINITION_TYPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def find_bodies(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """Yield the lists of statements in a node."""
    for name in ("body", "orelse", "finalbody"):
        value = getattr(node, name, None)
        if isinstance(value, list):
            yield [one for one in value if isinstance(one, ast.stmt)]


def find_head_end(node: ast.stmt) -> int:
    """Return the last line of a statement, or of what stands before its body."""
    inner = [body[0].lineno for body in find_bodies(node) if body]
    end = node.end_lineno or node.lineno
    # A body on the head's own line leaves nothing between them.
    return max(node.lineno, min(inner) - 1) if inner else end


def is_docstring(node: ast.stmt) -> bool:
    """Tell whether a statement is no more than a text."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
