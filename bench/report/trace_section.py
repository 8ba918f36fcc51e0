"""Build the section of traces: the calls of one request for each feature and framework."""

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
    """One function on the call path to the handler."""

    layer: str
    location: str  # "werkzeug/routing/map.py:245"
    function: str
    link: str  # the id of its line in the listing of the sources, "" for code outside the apps


@dataclass(frozen=True)
class FrameworkTrace:
    """The trace of one framework for one feature."""

    name: str
    calls: dict[str, int]
    shares: dict[str, float]
    facts: Mapping[str, Any]  # before, depth, deepest, modules, steady
    call_path: list[StackFrame]


@dataclass(frozen=True)
class FeatureTrace:
    """The traces of all frameworks for one feature."""

    feature: Feature
    traces: list[FrameworkTrace]
    plot: Markup
    failed: dict[str, str]


def build_feature_traces(part: Mapping[str, Any]) -> Iterator[FeatureTrace]:
    """Yield the traces of each traced feature, in the order of the features."""
    for feature in FEATURES:
        traces = [
            build_framework_trace(name, facts, feature.id, part["layers"])
            for name, facts in part["frameworks"].items()
            if feature.id in facts["features"]
        ]
        failed = {
            name: facts["failed"][feature.id]
            for name, facts in part["frameworks"].items()
            if feature.id in facts["failed"]
        }
        if traces:
            title = f"{feature.sentence} Calls by layer"
            bars = {trace.name: dict(trace.calls) for trace in traces}
            yield FeatureTrace(feature, traces, draw_stacked_bars(bars, title, "calls"), failed)


def build_framework_trace(
    name: str, facts: Mapping[str, Any], feature: str, layers: list[str]
) -> FrameworkTrace:
    """Return the trace of one framework for a feature."""
    trace = facts["features"][feature]
    return FrameworkTrace(
        name,
        dict(zip(layers, trace["calls"], strict=True)),
        dict(zip(layers, trace["share"], strict=True)),
        trace,
        [build_frame(*facts["frames"][number]) for number in trace["spine"]],
    )


def build_frame(layer: str, file: str, function: str, line: int) -> StackFrame:
    """Return a stack frame; a frame of an app links to its line or file in the listing."""
    link = ""
    if file.startswith(APPS):
        source = file.removeprefix(APPS)
        link = build_line_id(source, line) if layer == "app" else f"file-{source}"
    return StackFrame(layer, f"{file}:{line}", function, link)
