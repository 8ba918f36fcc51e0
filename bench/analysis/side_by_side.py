"""How does one feature read in several frameworks, next to each other?

The handlers are lined up by their shared docstring, never by comparing texts.
"""

import difflib
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from bench.analysis.handlers import ParsedSite, get_first_line
from bench.analysis.reachability import find_reachable, find_templates
from bench.core.errors import UsageError
from bench.frameworks.app_files import read_each, read_text
from bench.frameworks.features import FEATURES, FEATURES_BY_ID, Feature
from bench.frameworks.manifest import Framework

MIN_COLUMN_WIDTH = 60  # characters; in a narrower column most lines of code would wrap
NO_HANDLER = "no handler has the sentence of this feature as its docstring"


@dataclass(frozen=True)
class CodeExcerpt:
    """One piece of code, and where it stands."""

    where: str  # "flask/handlers.py:57", from the folder of the apps on
    language: str  # as Pygments calls it
    text: str


@dataclass(frozen=True)
class FrameworkColumn:
    """One framework's code for one feature."""

    framework: Framework
    pieces: list[CodeExcerpt]


@dataclass(frozen=True)
class FeatureRow:
    """One feature in every framework asked for."""

    feature: Feature
    columns: list[FrameworkColumn]


def find_features(words: str) -> list[Feature]:
    """Return the feature that an id, a sentence or a part of an id means; "all" means every one.

    Raises Misuse, with suggestions, when it is none, or more than one.
    """
    id = "-".join(words.lower().replace("'", "").strip(". ").split())
    if id == "all":
        return list(FEATURES)
    if id in FEATURES_BY_ID:
        return [FEATURES_BY_ID[id]]
    near = [one for one in FEATURES_BY_ID if id and id in one]
    if len(near) == 1:
        return [FEATURES_BY_ID[near[0]]]
    near = near or difflib.get_close_matches(id, FEATURES_BY_ID, n=3, cutoff=0.3)
    raise UsageError(f"which feature is {words!r}? One of: {', '.join(near or FEATURES_BY_ID)}")


def compare_features(
    features: list[Feature],
    frameworks: list[Framework],
    helpers: bool = False,
    templates: bool = False,
) -> list[FeatureRow]:
    """Return the features' rows, with what their handlers call and fill where that is wanted.

    An app whose code cannot be read is named on stderr, and has no column.
    """

    def columns(framework: Framework) -> list[FrameworkColumn]:
        site = ParsedSite(framework)
        return [FrameworkColumn(framework, list(pieces(site, one))) for one in features]

    def pieces(site: ParsedSite, feature: Feature) -> Iterator[CodeExcerpt]:
        yield from extract_handlers(site, feature)
        yield from extract_helpers(site, feature) if helpers else ()
        yield from extract_templates(site, feature) if templates else ()

    found, _ = read_each({one.name: one for one in frameworks}, columns)
    return [FeatureRow(one, [each[n] for each in found.values()]) for n, one in enumerate(features)]


def extract_handlers(site: ParsedSite, feature: Feature) -> Iterator[CodeExcerpt]:
    """Yield the handler of a feature, or its parts."""
    for handler in site.select_handlers(feature):
        where = f"{site.display_path(handler.file)}:{handler.first_line}"
        yield CodeExcerpt(where, "python", textwrap.dedent(handler.source_in_class))


def extract_helpers(site: ParsedSite, feature: Feature) -> Iterator[CodeExcerpt]:
    """Yield the app's own functions and classes that the handler uses, each once."""
    handlers = site.select_handlers(feature)
    used = {node: file for one in handlers for node, file in find_reachable(site, one)}
    for node, file in used.items():
        if all(node is not one.node for one in handlers):
            lines = site.texts[file].splitlines(keepends=True)
            text = "".join(lines[get_first_line(node) - 1 : node.end_lineno])
            yield CodeExcerpt(
                f"{site.display_path(file)}:{get_first_line(node)}", "python", textwrap.dedent(text)
            )


def extract_templates(site: ParsedSite, feature: Feature) -> Iterator[CodeExcerpt]:
    """Yield the templates that the handler fills."""
    for file in find_templates(site, feature):
        text = read_text(file)
        language = "html+jinja" if "{%" in text else "html"
        yield CodeExcerpt(site.display_path(file), language, text)
