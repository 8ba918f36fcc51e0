"""Build the traces of each feature: the calls of one request in each framework."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from markupsafe import Markup
from msgspec.structs import asdict

from bench.core.words import get_module_name
from bench.frameworks.features import FEATURES, Feature
from bench.report.annotated_source import build_source_address
from bench.report.plots.icicle import IcicleBlock, draw_icicle
from bench.report.plots.stacked_bars import draw_stacked_bars
from bench.results.schema import LAYERS, CallBlock, FeatureTrace, Frame, FrameworkTraces, Traces

APPS = "apps/"
NO_PICTURE = Markup("")


@dataclass(frozen=True)
class StackFrame:
    """One function on the call path to the handler."""

    layer: str
    location: str  # "werkzeug/routing/map.py:245"
    function: str
    address: str  # of its line on the page of its file, "" for code outside the apps


@dataclass(frozen=True)
class FrameworkTrace:
    """The trace of one framework for one feature."""

    name: str
    calls: dict[str, int]
    shares: dict[str, float]
    facts: FeatureTrace
    call_path: list[StackFrame]
    blocks: list[IcicleBlock]
    icicle: Markup = NO_PICTURE


@dataclass(frozen=True)
class TracedFeature:
    """The traces of all frameworks for one feature."""

    feature: Feature
    traces: list[FrameworkTrace]
    plot: Markup
    failed: dict[str, str]

    @property
    def totals(self) -> dict[str, int]:
        """The number of calls of each framework."""
        return {trace.name: sum(trace.calls.values()) for trace in self.traces}

    @property
    def finding(self) -> str:
        """The title of the page: the sentence, with the fewest and the most calls."""
        fewest, most = min(self.totals.values()), max(self.totals.values())
        if fewest == most:
            return f"{self.feature.sentence} {most:,} calls in each framework"
        return f"{self.feature.sentence} From {fewest:,} to {most:,} calls"


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
            longest = max(sum(trace.calls.values()) for trace in traces)
            traces = [replace(trace, icicle=draw_calls(trace, longest)) for trace in traces]
            title = f"{feature.sentence} Calls by layer"
            bars = {trace.name: dict(trace.calls) for trace in traces}
            yield TracedFeature(
                feature, traces, draw_stacked_bars(bars, title, "calls", list(LAYERS)), failed
            )


def build_framework_trace(name: str, framework: FrameworkTraces, feature: str) -> FrameworkTrace:
    """Return the trace of one framework for a feature."""
    trace = framework.features[feature]
    frames = [build_stack_frame(framework.frames[number]) for number in trace.handler_path]
    blocks = [build_block(block, framework.frames[block.frame]) for block in trace.blocks]
    return FrameworkTrace(
        name, asdict(trace.calls), asdict(trace.time_shares), trace, frames, blocks
    )


def build_block(block: CallBlock, frame: Frame) -> IcicleBlock:
    """Return a block of the icicle chart, named by its module and function."""
    name = f"{get_module_name(frame.file.removeprefix(APPS))}:{frame.function}"
    return IcicleBlock(block.row, block.first, block.calls, frame.layer, name)


def draw_calls(trace: FrameworkTrace, longest: int) -> Markup:
    """Return the icicle chart of a framework, "" for results without blocks."""
    if not trace.blocks:
        return NO_PICTURE
    return draw_icicle(trace.blocks, longest, f"The calls of one request in {trace.name}")


def build_stack_frame(frame: Frame) -> StackFrame:
    """Return a stack frame; a frame of an app links to its line or file."""
    address = ""
    if frame.file.startswith(APPS):
        line = frame.line if frame.layer == "app" else None
        address = build_source_address(frame.file.removeprefix(APPS), line)
    return StackFrame(frame.layer, f"{frame.file}:{frame.line}", frame.function, address)
