"""Find mistakes in the learner's code without running it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from bench.analysis.handlers import Definition, Handler, ParsedSite
from bench.frameworks.features import FEATURES_BY_ID
from bench.learn.working_copy import HANDLERS, WorkingCopy


def find_syntax_error(copy: WorkingCopy) -> str:
    """Return a sentence about the first file that is not Python, "" if all are."""
    for file in copy.list_code_files():
        name = file.relative_to(copy.folder)
        try:
            ast.parse(file.read_text(encoding="utf-8"))
        except SyntaxError as error:
            line = error.lineno or 1
            text = (error.text or "").strip()
            shown = f": {text}" if text else ""
            return f"{name}, line {line} is not valid Python ({error.msg}){shown}"
        except (UnicodeDecodeError, ValueError) as error:
            return f"{name} cannot be read: {error}"
        except OSError as error:
            return f"{name} cannot be read: {error.strerror}"
    return ""


def find_missing_handler(copy: WorkingCopy, site: ParsedSite) -> tuple[str, str]:
    """Return the feature of a handler that was deleted, and a sentence about it; "" if none was.

    A handler is found by the first line of its docstring.
    """
    present = {(handler.feature.id, handler.name) for handler in site.handlers}
    features = {handler.feature.id for handler in site.handlers}
    for handler in copy.solution.handlers:
        feature = handler.feature
        if feature.id in features and (feature.id, handler.name) in present:
            continue
        name = copy.to_copy(handler.file).relative_to(copy.folder)
        if feature.id not in features:
            return feature.id, (
                f'{name} no longer has {handler.name} with the docstring "{feature.sentence}"; '
                f"undo the change, or start that handler again: "
                f"cookoff learn {copy.original.name} --reset {feature.id}"
            )
    return "", ""


def describe_mistakes(copy: WorkingCopy, site: ParsedSite, exercise: str) -> str:
    """Return what probably is wrong with the current handler: print, or no return; "" if nothing.

    The solution shows whether the handler returns a value.
    """
    if copy.progress.blank != HANDLERS:
        return ""
    solutions = {handler.name: handler for handler in copy.solution.handlers}
    for handler in site.handlers:
        solution = solutions.get(handler.name)
        if handler.feature.id != exercise or not solution or handler.feature != solution.feature:
            continue
        prints = calls_print(handler.node) and not calls_print(solution.node)
        forgets = returns_value(solution.node) and not returns_value(handler.node)
        if prints and forgets:
            return f"{handler.name} prints its result; write return in place of print"
        if forgets:
            return f"{handler.name} returns nothing; end it with return and the reply"
        if prints:
            return f"{handler.name} prints, and no client sees what a handler prints"
    return ""


def calls_print(node: ast.AST) -> bool:
    """Return whether code calls print()."""
    return any(
        isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id == "print"
        for each in ast.walk(node)
    )


def returns_value(node: Definition) -> bool:
    """Return whether the function itself, not one inside, returns a value or yields."""
    return any(
        (isinstance(each, ast.Return) and each.value is not None)
        or isinstance(each, ast.Yield | ast.YieldFrom)
        for each in walk_own(node)
    )


def walk_own(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a function without the functions inside; a class has its methods."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.Lambda) and not isinstance(node, ast.ClassDef):
            continue
        yield child
        yield from walk_own(child)


def locate(copy: WorkingCopy, handler: Handler) -> str:
    """Return the place of a handler for a message: "handlers.py, line 71"."""
    return f"{get_name(copy, handler.file)}, line {handler.node.lineno}"


def get_name(copy: WorkingCopy, file: Path) -> str:
    """Return the name of a file in the working copy."""
    return str(file.relative_to(copy.folder))


def name_blank(copy: WorkingCopy, site: ParsedSite, exercise: str) -> str:
    """Return a sentence that names what the learner has to write."""
    if copy.progress.blank != HANDLERS:
        files = copy.find_own_templates(FEATURES_BY_ID[exercise])
        names = " and ".join(get_name(copy, copy.to_copy(file)) for file in files)
        return f"{names} is still blank: write the page, and save the file."
    for handler in site.handlers:
        if handler.feature.id == exercise:
            return (
                f"{handler.name} is still blank: replace its last line "
                f"({get_name(copy, handler.file)}, line {handler.last_line}), and save the file."
            )
    return "The handler is missing."
