"""Build the hints of an exercise, from the names to look up to the whole solution.

First the names of the framework that the solution uses, one hint each; then the same handler in
the framework that the learner knows; then the solution.
"""

import ast
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from bench.analysis.handlers import Handler, ParsedSite, is_hardening
from bench.analysis.imported_names import find_imports, used_names
from bench.analysis.provision_evidence import injected_names
from bench.analysis.reachability import find_templates
from bench.frameworks.features import FEATURES_BY_ID
from bench.frameworks.manifest import Framework
from bench.learn.exercises import TEMPLATES
from bench.learn.working_copy import WorkingCopy

# Arguments by which frameworks pass a request and what belongs to it.
PASSED = {"req", "resp", "request", "response", "config"}
# Names of the site itself, whatever the framework passes them by.
SITE_NAMES = {"larder", "settings", "site", "SETTINGS"}
# Alone, these only hold the larder.
HOLDERS = {"self", "flask.g", "tg.app_globals", "cherrypy.request"}
LARDER_MODULES = {"shared_db"}
SOLUTION = "The solution"
SELF_DEPTH, PASSED_DEPTH, INJECTED_DEPTH = 2, 1, 1
# Each reads all code of the site, and is asked for every statement.
cache_by_site = lru_cache(maxsize=8)


@dataclass(frozen=True)
class Hint:
    """One hint: a line, and the code below it, if any."""

    line: str
    code: str = ""
    language: str = "python"


def build_hints(copy: WorkingCopy, exercise: str, known: Framework | None) -> list[Hint]:
    """Return the hints of an exercise, in the order in which they are shown."""
    hints = [build_name_hint(copy.original, name) for name in list_names(copy, exercise)]
    if known:
        hints += build_code_hints(copy, ParsedSite(known), exercise, f"The same in {known.title}")
    return [*hints, *build_code_hints(copy, copy.solution, exercise, SOLUTION)]


def build_name_hint(framework: Framework, name: str) -> Hint:
    """Return the hint that names a part of the framework, with its documentation."""
    last = name.rpartition(".")[2]
    link = framework.docs_search.replace("{name}", quote(last)) or framework.docs
    return Hint(f"Look up {name}: {link}")


def build_code_hints(
    copy: WorkingCopy, site: ParsedSite, exercise: str, title: str
) -> Iterator[Hint]:
    """Yield the code of an exercise in an app: its handlers, or its templates."""
    feature = FEATURES_BY_ID[exercise]
    if copy.progress.blank == TEMPLATES:
        files = copy.find_own_templates(feature) if site is copy.solution else []
        for file in files or find_templates(site, feature)[:1]:
            yield Hint(f"{title}: {file.name}", file.read_text(encoding="utf-8"), "html")
        return
    for handler in site.select_handlers(feature):
        place = f"{site.display_path(handler.file)}:{handler.first_line}"
        yield Hint(f"{title}: apps/{place}", textwrap.dedent(handler.source_in_class))


def list_names(copy: WorkingCopy, exercise: str) -> list[str]:
    """Return the names of the framework that only the solution of an exercise has, not its blank.

    The names are in the order of the code.
    """
    if copy.progress.blank == TEMPLATES:
        return []
    names: dict[str, None] = {}
    for handler in copy.solution.select_handlers(FEATURES_BY_ID[exercise]):
        given = {ast.dump(node) for node in iter_given(copy, handler)}
        nodes = [node for node in iter_statements(handler) if ast.dump(node) not in given]
        for node in nodes:
            names |= dict.fromkeys(find_names(copy.solution, handler, node))
    return [name for name in names if name not in PASSED and name not in HOLDERS]


def iter_statements(handler: Handler) -> Iterator[ast.stmt]:
    """Yield the statements of a handler's body; for a class, those of its methods."""
    for node in handler.node.body:
        if isinstance(node, ast.FunctionDef) and isinstance(handler.node, ast.ClassDef):
            yield from node.body
        else:
            yield node


def iter_given(copy: WorkingCopy, handler: Handler) -> Iterator[ast.stmt]:
    """Yield the statements that the blank of a handler keeps."""
    tree = ast.parse(textwrap.dedent(copy.blank(handler)))
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.stmt))


def find_names(site: ParsedSite, handler: Handler, node: ast.AST) -> Iterator[str]:
    """Yield the framework's names in a statement: imported, passed, inherited or injected."""
    imports = find_imports(site.trees[handler.file], find_framework_modules(site))
    injected = find_injected(site)
    own, session = find_own_attributes(site), find_session_attributes(site)
    seen: set[ast.AST] = set()
    for each in ast.walk(node):
        if each in seen or not isinstance(each, ast.Attribute | ast.Name):
            continue
        seen.update(ast.walk(each))
        first, *rest = split_chain(each)
        if isinstance(each, ast.Attribute) and is_of_session(each) and each.attr in session:
            continue  # material.py lists it
        if first in imports:
            base = imports[first][0]
            for name in used_names(each, imports):
                yield f"{base}{trim(name.removeprefix(base))}"
        elif first == "self" and rest and rest[0] not in own and not rest[0].startswith("_"):
            yield trim(".".join([first, *rest[:SELF_DEPTH]]))
        elif first in PASSED and rest:
            yield trim(".".join([first, *rest[:PASSED_DEPTH]]))
        elif first in injected:
            yield trim(".".join([first, *rest[:INJECTED_DEPTH]]))


def split_chain(node: ast.Attribute | ast.Name) -> list[str]:
    """Return the parts of a dotted name, or of the name at the start of a longer expression."""
    parts: list[str] = []
    current: ast.AST = node
    while True:
        if isinstance(current, ast.Attribute):
            parts.append(current.attr)
            current = current.value
        elif isinstance(current, ast.Call | ast.Subscript):
            parts.clear()
            current = current.func if isinstance(current, ast.Call) else current.value
        elif isinstance(current, ast.Name):
            return [current.id, *reversed(parts)]
        else:
            return [""]


def trim(name: str) -> str:
    """Return a name without the part that names the site's own object."""
    parts = name.split(".")
    cut = next((place for place, part in enumerate(parts) if part in SITE_NAMES), len(parts))
    return ".".join(parts[:cut])


@cache_by_site
def find_injected(site: ParsedSite) -> set[str]:
    """Return the names that the framework gives to the code without an import."""
    return injected_names(site) - SITE_NAMES


@cache_by_site
def find_framework_modules(site: ParsedSite) -> frozenset[str]:
    """Return the modules that an app imports, but not Python's, its own, and the larder's."""
    modules: set[str] = set()
    for tree in site.trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                modules.add((node.module or "").partition(".")[0])
    own = {part for file in site.trees for part in file.relative_to(site.framework.folder).parts}
    own |= {Path(part).stem for part in own}
    return frozenset(modules - own - set(sys.stdlib_module_names) - LARDER_MODULES)


def is_of_session(node: ast.Attribute) -> bool:
    """Return whether an attribute is one of a session: session.token."""
    return ast.unparse(node.value).rpartition(".")[2] in ("session", "sessions")


@cache_by_site
def find_session_attributes(site: ParsedSite) -> dict[str, tuple[ast.FunctionDef | None, Path]]:
    """Return what an app's classes of sessions define, by name: the method, if any, and the file.

    Names with an underscore are private.
    """
    own: dict[str, tuple[ast.FunctionDef | None, Path]] = {}
    taught = [each for each in site.trees.items() if not is_hardening(site.framework, each[0])]
    for file, tree in taught:
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and "session" in node.name.lower():
                for each in ast.walk(node):
                    if isinstance(each, ast.FunctionDef):
                        own[each.name] = (each, file)
                    elif isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store):
                        own.setdefault(each.attr, (None, file))
    return {name: found for name, found in own.items() if not name.startswith("_")}


@cache_by_site
def find_own_attributes(site: ParsedSite) -> set[str]:
    """Return the attributes that the app's classes define or set themselves."""
    own: set[str] = set()
    for tree in site.trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                own |= {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
                assigned = [each for each in node.body if isinstance(each, ast.Assign)]
                own |= {ast.unparse(target) for each in assigned for target in each.targets}
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                own |= {node.attr} if split_chain(node)[0] == "self" else set()
    return own
