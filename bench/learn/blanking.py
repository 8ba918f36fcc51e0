"""Replace the body of a handler by a stub, and put the body back.

Only the lines of one handler change, so that the learner's other work, comments included, stays.
"""

import ast
import textwrap

from bench.analysis.handlers import Definition, Handler, get_first_line

STUB = "raise NotImplementedError"
# The stub of a class that has no method; the pages of Grok call update() first.
METHOD_STUB = f"def update(self):\n    {STUB}"


def blank_handler(handler: Handler, body: str = "") -> str:
    """Return the handler's code with a stub in place of its body.

    Decorators, signatures, docstrings and the assignments of a class stay. `body` replaces the
    usual stub of a function, for a handler without which the app would not start.
    """
    lines = [*handler.lines]
    if isinstance(handler.node, ast.ClassDef):
        methods = [each for each in handler.node.body if isinstance(each, Definition)]
        for method in reversed(methods):
            blank_body(lines, method, STUB)
        if not methods:
            lines[handler.last_line : handler.last_line] = ["\n", *indent(METHOD_STUB, handler)]
    else:
        blank_body(lines, handler.node, body or STUB)
    tail = len(handler.lines) - handler.last_line
    return "".join(lines[handler.first_line - 1 : len(lines) - tail])


def blank_body(lines: list[str], node: Definition, stub: str) -> None:
    """Replace the statements of a function after its docstring, in the lines of its file."""
    first = node.body[0].lineno
    if ast.get_docstring(node) is not None:
        first = (node.body[0].end_lineno or first) + 1
    width = node.body[0].col_offset
    end = node.end_lineno or node.lineno
    lines[first - 1 : end] = textwrap.indent(f"{stub}\n", " " * width).splitlines(keepends=True)


def indent(text: str, handler: Handler) -> list[str]:
    """Return the lines of a text, indented as the body of the handler."""
    width = handler.node.body[0].col_offset
    return textwrap.indent(f"{text}\n", " " * width).splitlines(keepends=True)


def replace_handler(handler: Handler, code: str) -> str:
    """Return the text of the handler's file with other code in place of the handler."""
    before, after = handler.lines[: handler.first_line - 1], handler.lines[handler.last_line :]
    return "".join([*before, code, *after])


def insert_handler(text: str, solution: Handler, code: str) -> str | None:
    """Return the text of a file with the code of a handler that the file lacks.

    The code goes after the neighbour that precedes it in the solution, or before the neighbour
    that follows it. Return None if the file has neither, or for a function inside a function.
    """
    siblings = list_siblings(ast.parse("".join(solution.lines)), solution)
    names = [each.name for each in siblings]
    if solution.node.name not in names:
        return None
    place = names.index(solution.node.name)
    present = {each.name: each for each in list_siblings(ast.parse(text), solution)}
    lines = text.splitlines(keepends=True)
    gap = "\n" if solution.classes else "\n\n"
    for name in reversed(names[:place]):
        if name in present:
            end = present[name].end_lineno or 0
            return "".join([*lines[:end], gap, code, *lines[end:]])
    for name in names[place + 1 :]:
        if name in present:
            start = get_first_line(present[name]) - 1
            return "".join([*lines[:start], code, gap, *lines[start:]])
    return None


def list_siblings(tree: ast.Module, solution: Handler) -> list[Definition]:
    """Return the functions and classes beside a handler, or where it would be, in a file's tree."""
    body = tree.body
    for owner in solution.classes:
        named = [
            each for each in body if isinstance(each, ast.ClassDef) and each.name == owner.name
        ]
        body = named[0].body if named else []
    return [each for each in body if isinstance(each, Definition)]
