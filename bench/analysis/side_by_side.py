"""Compare the code of a feature in several frameworks.

The handlers are aligned by the sentence in their docstrings, not by comparing texts.
"""

import difflib
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from bench.analysis.handlers import ParsedSite, get_first_line, is_hardening
from bench.analysis.reachability import find_reachable, find_templates
from bench.core.errors import UsageError
from bench.frameworks.app_files import read_each, read_text
from bench.frameworks.features import FEATURES, FEATURES_BY_ID, Feature
from bench.frameworks.manifest import Framework

MIN_COLUMN_WIDTH = 60  # characters; most lines of code wrap in a narrower column
HARDENING_ROW = Feature("Hardening of the site as taught.", "hardening.py")
NO_HANDLER = "no handler has the sentence of this feature as its docstring"
NO_HARDENING = "no hardening.py"


@dataclass(frozen=True)
class CodeExcerpt:
    """A piece of code and its location."""

    where: str  # "flask/handlers.py:57", relative to the folder of apps
    language: str  # its name in Pygments
    text: str


@dataclass(frozen=True)
class FrameworkColumn:
    """The code of one framework for one feature."""

    framework: Framework
    pieces: list[CodeExcerpt]


@dataclass(frozen=True)
class FeatureRow:
    """One feature in the selected frameworks."""

    feature: Feature
    columns: list[FrameworkColumn]

    @property
    def empty_text(self) -> str:
        """The text in place of a column without code."""
        return NO_HARDENING if self.feature is HARDENING_ROW else NO_HANDLER


def find_features(words: str) -> list[Feature]:
    """Return the feature of an id, a sentence or a part of an id; all features for "all".

    Raise UsageError, with suggestions, when no feature or more than one matches.
    """
    id = "-".join(words.lower().replace("'", "").strip(". ").split())
    if id == "all":
        return list(FEATURES)
    if id in FEATURES_BY_ID:
        return [FEATURES_BY_ID[id]]
    matches = [known for known in FEATURES_BY_ID if id and id in known]
    if len(matches) == 1:
        return [FEATURES_BY_ID[matches[0]]]
    matches = matches or difflib.get_close_matches(id, FEATURES_BY_ID, n=3, cutoff=0.3)
    raise UsageError(
        f"no feature is called {words!r}; use one of: {', '.join(matches or FEATURES_BY_ID)}"
    )


def compare_features(
    features: list[Feature],
    frameworks: list[Framework],
    helpers: bool = False,
    templates: bool = False,
) -> list[FeatureRow]:
    """Return a row for each feature, optionally with the helpers and templates of its handlers.

    An app whose code cannot be read is reported on stderr and has no column.
    """

    def build_columns(framework: Framework) -> list[FrameworkColumn]:
        site = ParsedSite(framework)
        return [FrameworkColumn(framework, list(extract(site, feature))) for feature in features]

    def extract(site: ParsedSite, feature: Feature) -> Iterator[CodeExcerpt]:
        yield from extract_handlers(site, feature)
        yield from extract_helpers(site, feature) if helpers else ()
        yield from extract_templates(site, feature) if templates else ()

    by_name, _ = read_each({framework.name: framework for framework in frameworks}, build_columns)
    return [
        FeatureRow(feature, [columns[number] for columns in by_name.values()])
        for number, feature in enumerate(features)
    ]


def compare_hardening(frameworks: list[Framework]) -> FeatureRow:
    """Return a row with the hardening of each framework, as if the hardening were a feature.

    An app whose code cannot be read is reported on stderr and has no column.
    """

    def build_column(framework: Framework) -> FrameworkColumn:
        return FrameworkColumn(framework, list(extract_hardening(ParsedSite(framework))))

    by_name, _ = read_each({framework.name: framework for framework in frameworks}, build_column)
    return FeatureRow(HARDENING_ROW, list(by_name.values()))


def extract_hardening(site: ParsedSite) -> Iterator[CodeExcerpt]:
    """Yield each file of a site's hardening."""
    for file, text in site.texts.items():
        if is_hardening(site.framework, file):
            yield CodeExcerpt(site.display_path(file), "python", text)


def extract_handlers(site: ParsedSite, feature: Feature) -> Iterator[CodeExcerpt]:
    """Yield the handler of a feature, or its parts."""
    for handler in site.select_handlers(feature):
        where = f"{site.display_path(handler.file)}:{handler.first_line}"
        yield CodeExcerpt(where, "python", textwrap.dedent(handler.source_in_class))


def extract_helpers(site: ParsedSite, feature: Feature) -> Iterator[CodeExcerpt]:
    """Yield each function and class of the app that the handler uses, once."""
    handlers = site.select_handlers(feature)
    used = {node: file for handler in handlers for node, file in find_reachable(site, handler)}
    for node, file in used.items():
        if all(node is not handler.node for handler in handlers):
            lines = site.texts[file].splitlines(keepends=True)
            text = "".join(lines[get_first_line(node) - 1 : node.end_lineno])
            yield CodeExcerpt(
                f"{site.display_path(file)}:{get_first_line(node)}", "python", textwrap.dedent(text)
            )


def extract_templates(site: ParsedSite, feature: Feature) -> Iterator[CodeExcerpt]:
    """Yield the templates that the handler uses."""
    for file in find_templates(site, feature):
        text = read_text(file)
        language = "html+jinja" if "{%" in text else "html"
        yield CodeExcerpt(site.display_path(file), language, text)
