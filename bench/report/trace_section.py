"""Build the section of traces: the calls of one request for each feature and framework."""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup
from msgspec.structs import asdict

from bench.frameworks.features import FEATURES, Feature
from bench.report.annotated_source import build_line_id
from bench.report.plots.stacked_bars import draw_stacked_bars
from bench.results.schema import FeatureTrace, Frame, FrameworkTraces, Traces

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
    facts: FeatureTrace
    call_path: list[StackFrame]


@dataclass(frozen=True)
class TracedFeature:
    """The traces of all frameworks for one feature."""

    feature: Feature
    traces: list[FrameworkTrace]
    plot: Markup
    failed: dict[str, str]


def build_feature_traces(part: Traces) -> Iterator[TracedFeature]:
    """Yield the traces of each traced feature, in the order of the features."""
    for feature in FEATURES:
        traces = [
            build_framework_trace(name, framework, feature.id)
            for name, framework in part.frameworks.items()
            if feature.id in framework.features
        ]
        failed = {
            name: framework.failed[feature.id]
            for name, framework in part.frameworks.items()
            if feature.id in framework.failed
        }
        if traces:
            title = f"{feature.sentence} Calls by layer"
            bars = {trace.name: dict(trace.calls) for trace in traces}
            yield TracedFeature(feature, traces, draw_stacked_bars(bars, title, "calls"), failed)


def build_framework_trace(name: str, framework: FrameworkTraces, feature: str) -> FrameworkTrace:
    """Return the trace of one framework for a feature."""
    trace = framework.features[feature]
    frames = [build_stack_frame(framework.frames[number]) for number in trace.handler_path]
    return FrameworkTrace(name, asdict(trace.calls), asdict(trace.time_shares), trace, frames)


def build_stack_frame(frame: Frame) -> StackFrame:
    """Return a stack frame; a frame of an app links to its line or file in the listing."""
    link = ""
    if frame.file.startswith(APPS):
        source = frame.file.removeprefix(APPS)
        link = build_line_id(source, frame.line) if frame.layer == "app" else f"file-{source}"
    return StackFrame(frame.layer, f"{frame.file}:{frame.line}", frame.function, link)
