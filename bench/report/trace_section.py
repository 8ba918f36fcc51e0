"""How does one request travel in each framework, feature by feature, on the same axis?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from bench.frameworks.features import FEATURES, Feature
from bench.report.annotated_source import build_line_id
from bench.report.plots.stacked_bars import draw_stacked_bars

APPS = "apps/"


@dataclass(frozen=True)
class StackFrame:
    """A function on the way to the handler."""

    layer: str
    location: str  # "werkzeug/routing/map.py:245"
    function: str
    link: str  # the id of its place in the listing of the sources, "" for what is not ours


@dataclass(frozen=True)
class FrameworkTrace:
    """One framework's way."""

    name: str
    calls: dict[str, int]
    shares: dict[str, float]
    facts: Mapping[str, Any]  # before, depth, deepest, modules, steady
    call_path: list[StackFrame]


@dataclass(frozen=True)
class FeatureTrace:
    """One feature's ways."""

    feature: Feature
    traces: list[FrameworkTrace]
    plot: Markup
    failed: dict[str, str]


def build_feature_traces(part: Mapping[str, Any]) -> Iterator[FeatureTrace]:
    """Yield the features that were travelled, in the order in which a guest meets them."""
    for feature in FEATURES:
        trips = [
            build_framework_trace(name, one, feature.id, part["layers"])
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
            plot = draw_stacked_bars({one.name: dict(one.calls) for one in trips}, title, "calls")
            yield FeatureTrace(feature, trips, plot, failed)


def build_framework_trace(
    name: str, one: Mapping[str, Any], feature: str, names: list[str]
) -> FrameworkTrace:
    """Return one framework's way for a feature."""
    facts = one["features"][feature]
    return FrameworkTrace(
        name,
        dict(zip(names, facts["calls"], strict=True)),
        dict(zip(names, facts["share"], strict=True)),
        facts,
        [build_frame(*one["frames"][number]) for number in facts["spine"]],
    )


def build_frame(layer: str, file: str, function: str, line: int) -> StackFrame:
    """Return a frame; one of an app's own leads to its file in the listing."""
    link = ""
    if file.startswith(APPS):
        shown = file.removeprefix(APPS)
        link = build_line_id(shown, line) if layer == "app" else f"file-{shown}"
    return StackFrame(layer, f"{file}:{line}", function, link)
