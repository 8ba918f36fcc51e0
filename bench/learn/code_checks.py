"""Find mistakes in the learner's code without running it."""

import ast
from collections.abc import Iterator, Set
from pathlib import Path

from bench.analysis.handlers import Definition, Handler, ParsedSite
from bench.frameworks.features import FEATURES_BY_ID
from bench.learn.blanking import STUB
from bench.learn.exercises import HANDLERS, TEMPLATES
from bench.learn.working_copy import WorkingCopy

ENDINGS = {"exit", "quit", "sys.exit", "os._exit", "os.abort"}  # end the thread or the process
ENDS = "ends the program; end the handler with the reply"


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
    """Return what probably is wrong with the current handler, "" if nothing is.

    The handler prints its result, ends the program, or gives no reply where the solution does.
    """
    if copy.progress.blank == TEMPLATES:
        return ""
    solutions = {handler.name: handler for handler in copy.solution.handlers}
    for handler in site.handlers:
        solution = solutions.get(handler.name)
        if handler.feature.id != exercise or not solution or handler.feature != solution.feature:
            continue
        if is_stub(handler.node):
            return ""
        if mistake := describe_mistake(handler.node, solution.node):
            return f"{handler.name} {mistake}"
    return ""


def describe_mistake(written: Definition, solution: Definition) -> str:
    """Return the mistake of a handler as a predicate: "returns nothing; end it with ..."."""
    if calls(written, ENDINGS) and not calls(solution, ENDINGS):
        return ENDS
    prints = calls(written, {"print"}) and not calls(solution, {"print"})
    if wanted := list_unset(written, solution):
        named = " and ".join(wanted)
        if prints or returns_value(written):
            wrong, verb = ("print", "prints") if prints else ("return", "returns")
            return f"{verb} its result; set {named} in place of {wrong}"
        return f"sets nothing of the reply; set {named}"
    forgets = returns_value(solution) and not returns_value(written)
    if prints and forgets:
        return "prints its result; write return in place of print"
    if forgets:
        return "returns nothing; end it with return and the reply"
    return "prints, and no client sees what a handler prints" if prints else ""


def is_stub(node: Definition) -> bool:
    """Return whether a handler of a whole site is not written yet."""
    return ast.unparse(node.body[-1]) == STUB


def list_unset(written: Definition, solution: Definition) -> list[str]:
    """Return what a solution sets on a reply that the framework passes, if `written` ignores it."""
    if isinstance(solution, ast.ClassDef):
        return []
    present = {node.id for node in ast.walk(written) if isinstance(node, ast.Name)}
    passed = {argument.arg for argument in solution.args.args[1:]} - present
    return [
        ast.unparse(node)
        for node in walk_own(solution)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id in passed
    ]


def calls(node: ast.AST, names: Set[str]) -> bool:
    """Return whether code calls one of these functions."""
    return any(
        isinstance(each, ast.Call) and ast.unparse(each.func) in names for each in ast.walk(node)
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
