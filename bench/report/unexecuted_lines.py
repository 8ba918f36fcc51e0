"""Find the lines of Python statements that did not run.

A statement of several lines ran if any of its lines ran. Docstrings, comments, blank lines and the
heads of functions and classes, which run at import, never count as unexecuted.
"""

import ast
from collections.abc import Iterator


def find_unexecuted_lines(tree: ast.AST, executed: set[int]) -> set[int]:
    """Return the lines of the statements in a tree that have no executed line."""
    unexecuted: set[int] = set()
    for lines in find_statements(tree):
        if not executed.intersection(lines):
            unexecuted.update(lines)
    return unexecuted


def find_statements(tree: ast.AST) -> Iterator[range]:
    """Yield the lines of every statement; for a compound statement, the lines of its head."""
    for node in ast.walk(tree):
        for body in find_bodies(node):
            for statement in body:
                if not is_docstring(statement) and not isinstance(statement, DEFINITION_TYPES):
                    yield range(statement.lineno, find_head_end(statement) + 1)


DEFINITION_TYPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def find_bodies(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """Yield the lists of statements in a node."""
    for name in ("body", "orelse", "finalbody"):
        value = getattr(node, name, None)
        if isinstance(value, list):
            yield [node for node in value if isinstance(node, ast.stmt)]


def find_head_end(node: ast.stmt) -> int:
    """Return the last line of a statement, or of its head if the statement has a body."""
    inner = [body[0].lineno for body in find_bodies(node) if body]
    end = node.end_lineno or node.lineno
    # The body may start on the head's own line.
    return max(node.lineno, min(inner) - 1) if inner else end


def is_docstring(node: ast.stmt) -> bool:
    """Return whether a statement is only a constant, such as a docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
