"""What does a framework bring for each need of the site, and what was written here for it?

Its framework.toml says who serves a need: the framework, where its own feature or extension point
does the work, with something of ours plugged in or not; an add-on, by its distribution's name; or
this site's own code ("hand"). And it says where the code stands that was written for it. The code
is counted, and the declaration is checked: what is brought must be named in a line that ran.

[brings.sessions]
by = "framework"
code = ["session.py", "handlers.py:staff_only"]
"""

import ast
import builtins
from collections.abc import Iterator, Mapping
from typing import Any

from packaging.utils import canonicalize_name

from bench.frameworks import NEEDS, Framework
from bench.handlers import Definition, Site, definitions_in, first_line
from bench.names import imported_in
from bench.packages import Package, required_by
from bench.ran import numbers
from bench.written import Untrue, code_at

FRAMEWORK, HAND = "framework", "hand"


def brought(
    framework: Framework, site: Site, packages: list[Package], ran: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """Return what serves each need, as the results keep it, and a line for what is not so.

    The shape: {need: {"by": "framework", "code": [Code as a dict], "lines": 12}}; needs of which
    nothing true is said are left out.
    """
    found, untrue = declared(framework, site)
    for need, said in [*found.items()]:
        try:
            if said["by"] != HAND:
                check(site, modules_of(framework, packages, said["by"]), ran, need, said["by"])
        except Untrue as error:
            untrue.append(f"brings.{need}: {error}")
            del found[need]
    return found, untrue


def declared(framework: Framework, site: Site) -> tuple[dict[str, Any], list[str]]:
    """Return the same without asking what ran: only the code that is named has to be there."""
    found: dict[str, Any] = {}
    untrue = []
    places = {place for said in framework.brings.values() for place in said.code}
    for need, said in framework.brings.items():
        try:
            code = [code_at(site, place, places - {place}) for place in said.code]
        except Untrue as error:
            untrue.append(f"brings.{need}: {error}")
            continue
        lines = sum(one.lines for one in code)
        found[need] = {"by": said.by, "code": [vars(one) for one in code], "lines": lines}
    return found, untrue


def modules_of(framework: Framework, packages: list[Package], by: str) -> frozenset[str]:
    """Return the modules of the framework, or of an add-on; raise Untrue for one not there."""
    if by == FRAMEWORK:
        asked_for = required_by(framework.folder / "requirements.in")
        # What else is asked for is the framework's too, but for what is called an add-on.
        addons = {canonicalize_name(one.by) for one in framework.brings.values()}
        names = {canonicalize_name(one.name) for one in asked_for} - addons
        names |= {canonicalize_name(framework.name)} if framework.source else set()
        named = [one for one in packages if canonicalize_name(one.name) in names]
    else:
        named = [one for one in packages if canonicalize_name(one.name) == canonicalize_name(by)]
    if not named:
        raise Untrue(f"{by} is not among the packages it pulls in")
    return frozenset().union(*(one.modules for one in named))


def check(site: Site, modules: frozenset[str], ran: Mapping[str, Any], need: str, by: str) -> None:
    """Raise Untrue unless a line that ran for the need's feature names one of these modules.

    An add-on may be named at the start instead, where it is plugged in, and there in a text:
    config.include("pyramid_jinja2").
    """
    feature = NEEDS[need]
    for_it, start = ran["features"].get(feature, {}), ran["start"] if by != FRAMEWORK else {}
    given = handed_in(site) if by == FRAMEWORK else set()
    for file, tree in site.trees.items():
        shown = site.shown(file)
        at_start = numbers(start.get(shown, ""))
        there = with_heads(tree, numbers(for_it.get(shown, ""))) | at_start
        words = given.union(imported_in(tree, modules))
        if any(node.id in words and node.lineno in there for node in names_in(tree)):
            return
        if any(text.partition(".")[0] in modules for text in texts_in(tree, at_start)):
            return
    when = f"for {feature}" if by == FRAMEWORK else f"for {feature} or at the start"
    raise Untrue(f"no line that ran {when} has a name of it")


def handed_in(site: Site) -> set[str]:
    """Return the names that no file of the app makes or imports: the framework hands them in.

    So web2py gives what it runs its request, response and redirect.
    """
    known = {*dir(builtins), "__file__", "__name__"}
    for tree in site.trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                known.add(node.id)
            elif isinstance(node, ast.arg):
                known.add(node.arg)
            elif isinstance(node, ast.alias):
                known.add((node.asname or node.name).partition(".")[0])
            elif isinstance(node, Definition | ast.ExceptHandler):
                known.add(node.name or "")
    return {name.id for tree in site.trees.values() for name in names_in(tree)} - known


def names_in(tree: ast.AST) -> Iterator[ast.Name]:
    """Yield the plain names in some code."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Name))


def texts_in(tree: ast.AST, lines: set[int]) -> Iterator[str]:
    """Yield the texts on some lines of code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.lineno in lines and isinstance(node.value, str):
            yield node.value


def with_heads(tree: ast.AST, lines: set[int]) -> set[int]:
    """Return lines that ran, and the heads of the functions and classes they are in.

    Decorators and bases run at import, but are what they are for the sake of the lines inside.
    """
    heads: set[int] = set()
    for node, _ in definitions_in(tree):
        if lines.intersection(range(node.lineno, (node.end_lineno or 0) + 1)):
            heads.update(range(first_line(node), node.body[0].lineno))
    return lines | heads
