"""How does one request travel in each framework, feature by feature, on the same axis?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from bench.frameworks.features import FEATURES, Feature
from bench.report.annotated_source import anchor
from bench.report.plots.stacked_bars import layers

APPS = "apps/"


@dataclass(frozen=True)
class Frame:
    """A function on the way to the handler."""

    layer: str
    where: str  # "werkzeug/routing/map.py:245"
    function: str
    link: str  # the id of its place in the listing of the sources, "" for what is not ours


@dataclass(frozen=True)
class Trip:
    """One framework's way."""

    name: str
    calls: dict[str, int]
    shares: dict[str, float]
    facts: Mapping[str, Any]  # before, depth, deepest, modules, steady
    spine: list[Frame]


@dataclass(frozen=True)
class Journey:
    """One feature's ways."""

    feature: Feature
    trips: list[Trip]
    plot: Markup
    failed: dict[str, str]


def journeys(part: Mapping[str, Any]) -> Iterator[Journey]:
    """Yield the features that were travelled, in the order in which a guest meets them."""
    for feature in FEATURES:
        trips = [
            trip(name, one, feature.id, part["layers"])
            for name, one in part["frameworks"].items()
            if feature.id in one["features"]
        ]
        failed = {
            name: one["failed"][feature.id]
            for name, one in part["frameworks"].items()
            if feature.id in one["failed"]
        }
        if trips:
            title = f"{feature.sentence} Calls by layer"
            plot = layers({one.name: dict(one.calls) for one in trips}, title, "calls")
            yield Journey(feature, trips, plot, failed)


def trip(name: str, one: Mapping[str, Any], feature: str, names: list[str]) -> Trip:
    """Return one framework's way for a feature."""
    facts = one["features"][feature]
    return Trip(
        name,
        dict(zip(names, facts["calls"], strict=True)),
        dict(zip(names, facts["share"], strict=True)),
        facts,
        [frame(*one["frames"][number]) for number in facts["spine"]],
    )


def frame(layer: str, file: str, function: str, line: int) -> Frame:
    """Return a frame; one of an app's own leads to its file in the listing."""
    link = ""
    if file.startswith(APPS):
        shown = file.removeprefix(APPS)
        link = anchor(shown, line) if layer == "app" else f"file-{shown}"
    return Frame(layer, f"{file}:{line}", function, link)
