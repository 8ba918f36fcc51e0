"""How does one feature read in several frameworks, next to each other?

The handlers are lined up by their shared docstring, never by comparing texts.
"""

import difflib
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from bench.analysis.handlers import Site, first_line
from bench.analysis.reachability import reached_from, templates_of
from bench.core.errors import Misuse
from bench.frameworks.app_files import read_each, read_text
from bench.frameworks.features import FEATURE_OF_ID, FEATURES, Feature
from bench.frameworks.manifest import Framework

LEAST_COLUMN = 60  # characters; in a narrower column most lines of code would wrap
NOTHING = "no handler has the sentence of this feature as its docstring"


@dataclass(frozen=True)
class Piece:
    """One piece of code, and where it stands."""

    where: str  # "flask/handlers.py:57", from the folder of the apps on
    language: str  # as Pygments calls it
    text: str


@dataclass(frozen=True)
class Column:
    """One framework's code for one feature."""

    framework: Framework
    pieces: list[Piece]


@dataclass(frozen=True)
class Row:
    """One feature in every framework asked for."""

    feature: Feature
    columns: list[Column]


def features_called(words: str) -> list[Feature]:
    """Return the feature that an id, a sentence or a part of an id means; "all" means every one.

    Raises Misuse, with suggestions, when it is none, or more than one.
    """
    id = "-".join(words.lower().replace("'", "").strip(". ").split())
    if id == "all":
        return list(FEATURES)
    if id in FEATURE_OF_ID:
        return [FEATURE_OF_ID[id]]
    near = [one for one in FEATURE_OF_ID if id and id in one]
    if len(near) == 1:
        return [FEATURE_OF_ID[near[0]]]
    near = near or difflib.get_close_matches(id, FEATURE_OF_ID, n=3, cutoff=0.3)
    raise Misuse(f"which feature is {words!r}? One of: {', '.join(near or FEATURE_OF_ID)}")


def compare(
    features: list[Feature],
    frameworks: list[Framework],
    helpers: bool = False,
    templates: bool = False,
) -> list[Row]:
    """Return the features' rows, with what their handlers call and fill where that is wanted.

    An app whose code cannot be read is named on stderr, and has no column.
    """

    def columns(framework: Framework) -> list[Column]:
        site = Site(framework)
        return [Column(framework, list(pieces(site, one))) for one in features]

    def pieces(site: Site, feature: Feature) -> Iterator[Piece]:
        yield from handlers_of(site, feature)
        yield from helpers_of(site, feature) if helpers else ()
        yield from templates_for(site, feature) if templates else ()

    found, _ = read_each({one.name: one for one in frameworks}, columns)
    return [Row(one, [each[n] for each in found.values()]) for n, one in enumerate(features)]


def handlers_of(site: Site, feature: Feature) -> Iterator[Piece]:
    """Yield the handler of a feature, or its parts."""
    for handler in site.of(feature):
        where = f"{site.shown(handler.file)}:{handler.first_line}"
        yield Piece(where, "python", textwrap.dedent(handler.source_in_class))


def helpers_of(site: Site, feature: Feature) -> Iterator[Piece]:
    """Yield the app's own functions and classes that the handler uses, each once."""
    handlers = site.of(feature)
    used = {node: file for one in handlers for node, file in reached_from(site, one)}
    for node, file in used.items():
        if all(node is not one.node for one in handlers):
            lines = site.texts[file].splitlines(keepends=True)
            text = "".join(lines[first_line(node) - 1 : node.end_lineno])
            yield Piece(f"{site.shown(file)}:{first_line(node)}", "python", textwrap.dedent(text))


def templates_for(site: Site, feature: Feature) -> Iterator[Piece]:
    """Yield the templates that the handler fills."""
    for file in templates_of(site, feature):
        text = read_text(file)
        language = "html+jinja" if "{%" in text else "html"
        yield Piece(site.shown(file), language, text)
