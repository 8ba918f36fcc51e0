"""Describe what a learner may use: the larder, the app's functions, the templates."""

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError, meta

from bench.analysis.handlers import Handler
from bench.analysis.reachability import find_callable_names, find_methods, iter_referenced_names
from bench.core.errors import collapse_whitespace
from bench.frameworks.features import FEATURES_BY_ID
from bench.learn.exercises import TEMPLATES, WHOLE
from bench.learn.hints import SITE_NAMES, find_session_attributes, is_of_session
from bench.learn.working_copy import WorkingCopy
from shared_db import open_larder

# larder.dishes.menu, g.larder.dishes.menu, getUtility(ILarder).dishes.menu, self._larder.…
LARDER_CALL = re.compile(
    r"(?P<larder>[\w.]*(?:\w+\(ILarder\)|larder))\.(?P<subject>\w+)(?:\.(?P<method>\w+))?"
)

PROVIDED = {"request", "session", "g", "config"}  # by the framework, in every template


@dataclass(frozen=True)
class Given:
    """Something that exists already: how the code names it, and what it is."""

    name: str
    text: str


def list_given(copy: WorkingCopy, exercise: str) -> list[Given]:
    """Return what the solution of an exercise uses and the learner need not write."""
    if copy.progress.blank == TEMPLATES:
        return []
    handlers = copy.solution.select_handlers(FEATURES_BY_ID[exercise])
    given: dict[str, Given] = {}
    for handler in handlers:
        if copy.progress.blank == WHOLE:  # the functions of the app are not there
            for each in list_larder_calls(handler):
                given.setdefault(each.name, each)
            continue
        own = (*list_functions(copy, handler), *list_session_attributes(copy, handler))
        for each in (*list_larder_calls(handler), *own):
            given.setdefault(each.name, each)
    for each in list_templates(copy, exercise):
        given.setdefault(each.name, each)
    return [*given.values()]


def list_larder_calls(handler: Handler) -> Iterator[Given]:
    """Yield the methods of the larder that a handler calls, with their documentation."""
    larder = open_larder("sqlite:///not-opened", Path())
    for match in LARDER_CALL.finditer(handler.source):
        owner = getattr(larder, match["subject"], None) if match["method"] else larder
        name = match["method"] or match["subject"]
        method = getattr(type(owner), name, None)
        if method is None:
            continue
        text = (inspect.getdoc(method) or "").replace("\n\n", "\n")
        arguments = ""
        if callable(method):
            parameters = [*inspect.signature(method).parameters.values()][1:]  # without self
            shown = [str(each.replace(annotation=each.empty)) for each in parameters]
            arguments = f"({', '.join(shown)})"
        yield Given(f"{match[0]}{arguments}", collapse_whitespace(text))


def list_functions(copy: WorkingCopy, handler: Handler) -> Iterator[Given]:
    """Yield the app's own functions that a handler calls, without other handlers."""
    handlers = {each.node for each in copy.solution.handlers}
    known = find_callable_names(copy.solution, handler.file)
    known = {**known, **find_methods(handler.classes, handler.file)}
    for name in dict.fromkeys(iter_referenced_names(handler.node)):
        if name not in known or known[name][0] in handlers or name in SITE_NAMES:
            continue
        node, file = known[name]
        is_decorator = any(name in ast.unparse(each) for each in handler.node.decorator_list)
        if isinstance(node, ast.FunctionDef) and not is_decorator:
            arguments = ast.unparse(node.args).removeprefix("self").removeprefix(", ")
            yield describe_own(copy, f"{name}({arguments})", node, file)


def describe_own(copy: WorkingCopy, name: str, node: ast.FunctionDef | None, file: Path) -> Given:
    """Return a part of the app's own code, with the first line of its docstring and its file."""
    text = (ast.get_docstring(node) or "").partition("\n")[0] if node else "A value of the session."
    return Given(name, f"{text} ({copy.to_copy(file).relative_to(copy.folder)})")


def list_session_attributes(copy: WorkingCopy, handler: Handler) -> Iterator[Given]:
    """Yield what a handler uses of a session that the app defines, not the framework."""
    own = find_session_attributes(copy.solution)
    for node in ast.walk(handler.node):
        if isinstance(node, ast.Attribute) and is_of_session(node) and node.attr in own:
            method, file = own[node.attr]
            is_property = method is None or method.decorator_list
            name = ast.unparse(node)
            yield describe_own(copy, name if is_property else f"{name}()", method, file)


def list_templates(copy: WorkingCopy, exercise: str) -> Iterator[Given]:
    """Yield the templates that an exercise fills, with the values that Jinja2 templates show."""
    for file in copy.template_users[exercise]:
        if file not in copy.template_owners:
            continue
        place = str(copy.to_copy(file).relative_to(copy.folder))
        values = list_template_values(copy, file)
        shows = f"it shows {', '.join(values)}" if values else "read it to see what it shows"
        yield Given(place, f"The page's template; {shows}.")


def list_template_values(copy: WorkingCopy, file: Path) -> list[str]:
    """Return the values that a Jinja2 template shows, [] for another template language."""
    if copy.original.templates != "Jinja2":
        return []
    environment = Environment()  # only parses
    try:
        tree = environment.parse(file.read_text(encoding="utf-8"))
    except TemplateSyntaxError:  # a tag of an extension
        return []
    # Frameworks provide functions themselves: csrf_token(), url_for().
    text = file.read_text(encoding="utf-8")
    names = sorted(meta.find_undeclared_variables(tree))
    return [name for name in names if not re.search(rf"\b{name}\(", text) and name not in PROVIDED]
