"""The panel with the code of the request's feature; the lines that ran for it are marked."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from markupsafe import Markup

from bench.analysis.code_metrics import ImportedNames
from bench.analysis.handlers import (
    Definition,
    Handler,
    ParsedSite,
    get_first_line,
    iter_definitions,
)
from bench.analysis.side_by_side import CodeExcerpt, extract_templates
from bench.core.errors import CookoffError
from bench.frameworks.environments import Environment
from bench.frameworks.features import FEATURES_BY_ID
from bench.frameworks.packages import Package, find_packages
from bench.report.annotated_source import is_entered
from bench.report.highlight import highlight_lines, wrap_lines
from bench.report.unexecuted_lines import find_unexecuted_lines
from bench.workbench.outcomes import Outcome

RAN, NOT_RUN = "ran", "unrun"  # classes of the stylesheet
PACKAGES: dict[str, list[Package]] = {}  # by framework; they do not change while it runs


@dataclass(frozen=True)
class MarkedCode:
    """A piece of code whose lines are marked."""

    where: str  # "flask/handlers.py:57"
    lines: Markup


@dataclass(frozen=True)
class FrameworkCode:
    """The code of one framework that belongs to one request."""

    title: str
    handlers: list[MarkedCode] = field(default_factory=list)
    helpers: list[MarkedCode] = field(default_factory=list)
    templates: list[MarkedCode] = field(default_factory=list)
    problem: str = ""  # why there is no code
    is_recorded: bool = True


def show_code(environment: Environment, feature_id: str, outcome: Outcome) -> FrameworkCode:
    """Return the handlers, helpers and templates of a request. Reads files."""
    try:
        reader = CodeReader(environment, feature_id, outcome)
        return FrameworkCode(
            environment.title,
            [reader.mark_handler(handler) for handler in reader.handlers],
            list(reader.mark_helpers()),
            [mark_template(excerpt) for excerpt in extract_templates(reader.site, reader.feature)],
            is_recorded=reader.is_recorded,
        )
    except CookoffError as error:  # of the file that is being edited
        return FrameworkCode(environment.title, problem=str(error))


class CodeReader:
    """The parsed code of one framework, and the lines that ran for one request."""

    def __init__(self, environment: Environment, feature_id: str, outcome: Outcome) -> None:
        self.framework = environment.framework
        self.site, self.feature = ParsedSite(self.framework), FEATURES_BY_ID[feature_id]
        if self.framework.name not in PACKAGES:
            PACKAGES[self.framework.name] = find_packages(environment)
        names = ImportedNames(self.site, PACKAGES[self.framework.name])
        self.names = names.group_by_file()
        self.handlers = self.site.select_handlers(self.feature)
        observed = outcome.observation.lines if outcome.observation else {}
        self.is_recorded = bool(outcome.observation and outcome.observation.is_recorded)
        self.lines = {self.framework.folder / file: set(own) for file, own in observed.items()}

    def mark_handler(self, handler: Handler) -> MarkedCode:
        """Return a handler with its lines marked."""
        return self.mark(handler.file, handler.node)

    def mark_helpers(self) -> Iterator[MarkedCode]:
        """Yield each other function of the app that ran for the request."""
        handlers = {(handler.file, handler.first_line) for handler in self.handlers}
        for file, lines in self.lines.items():
            if file not in self.site.trees:
                continue
            for node, _ in iter_definitions(self.site.trees[file]):
                is_helper = (file, get_first_line(node)) not in handlers
                if is_helper and not isinstance(node, ast.ClassDef) and is_entered(node, lines):
                    yield self.mark(file, node)

    def mark(self, file: Path, node: Definition) -> MarkedCode:
        """Return a definition with its lines marked."""
        text, path = self.site.texts[file], self.site.display_path(file)
        first, last = get_first_line(node), node.end_lineno or node.lineno
        known = self.names.get(path, {})
        every = highlight_lines(text, "python", known, self.framework.docs_search)
        classes = self.classify(node, self.lines.get(file, set())) if self.is_recorded else {}
        lines = wrap_lines(every[first - 1 : last], first, classes, {})
        return MarkedCode(f"{path}:{first}", Markup("").join(lines))

    def classify(self, node: Definition, ran: set[int]) -> dict[int, str]:
        """Return the class of each line of a definition that holds a statement."""
        not_run = find_unexecuted_lines(node, ran)
        statements = find_unexecuted_lines(node, set())
        return {line: NOT_RUN if line in not_run else RAN for line in statements}


def mark_template(excerpt: CodeExcerpt) -> MarkedCode:
    """Return a template, highlighted."""
    lines = highlight_lines(excerpt.text, excerpt.language)
    return MarkedCode(excerpt.where, Markup("").join(wrap_lines(lines, 1, {}, {})))
