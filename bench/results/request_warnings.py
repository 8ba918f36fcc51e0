"""Find repeated work in warm requests, and layers with far more calls than their peers.

Both kinds of warnings are exact counts by page and framework, valid for that page only.
"""

import statistics
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

from msgspec.structs import asdict

from bench.core.words import format_count
from bench.frameworks.features import FEATURES_BY_ID
from bench.results.schema import LayerCalls, RepeatedWork, Results, Traces

MIN_CALL_RATIO = 5  # to the median of the peers; a greater ratio causes a warning
MIN_PEERS = 3  # a median of fewer peers is not meaningful
MIN_EXTRA_CALLS = 100  # above the median; fewer are irrelevant, however small the median
MAX_NAMES = 3  # names of used things in a warning
# By kind: the verb and column, the singular and plural, and the advice.
USE_KINDS = {
    "compiled": (
        "compiles",
        ("code object", "code objects"),
        "cache the compiled code; a debug or reload setting may be on",
    ),
    "imported": ("imports", ("module", "modules"), "import it when the application starts"),
    "opened": (
        "opens",
        ("file", "files"),
        "cache its contents; a debug or reload setting may be on",
    ),
    "listed": ("lists", ("folder", "folders"), "cache its contents"),
    "connected": ("connects", ("time", "times"), "reuse the connection"),
    "started": ("starts", ("process", "processes"), "reuse or remove the process"),
}
# By page or feature, then by framework.
WorkByPage = Mapping[str, Mapping[str, Mapping[str, RepeatedWork]]]
CallsByPage = Mapping[str, Mapping[str, LayerCalls]]


@dataclass(frozen=True)
class RequestWarning:
    """A warning about a framework on some pages or for some features."""

    name: str
    pages: tuple[str, ...]
    text: str
    advice: str = ""

    def __str__(self) -> str:
        """Return the warning as one line."""
        line = f"{self.name}: {', '.join(self.pages)}: {self.text}"
        return f"{line}; {self.advice}" if self.advice else line


def find_page_warnings(results: Results) -> list[RequestWarning]:
    """Return the warnings about the counted pages."""
    return find_warnings(results.repeated_work or {}, results.calls_by_layer or {})


def find_warnings(work: WorkByPage, calls: CallsByPage) -> list[RequestWarning]:
    """Return all warnings by name and page; equal warnings on several pages are one warning."""
    pages: dict[tuple[str, str, str], list[str]] = {}
    for warning in (*find_repeated_work(work), *find_heavy_layers(calls)):
        key = (warning.name, warning.text, warning.advice)
        pages.setdefault(key, []).extend(warning.pages)
    warnings = [
        RequestWarning(name, tuple(affected), text, advice)
        for (name, text, advice), affected in pages.items()
    ]
    order = {page: number for number, page in enumerate([*work, *calls])}
    return sorted(warnings, key=lambda warning: (warning.name, order[warning.pages[0]]))


def find_repeated_work(work: WorkByPage) -> Iterator[RequestWarning]:
    """Yield a warning for each kind of work that a warm request repeats."""
    for page, by_name in work.items():
        for name, uses in by_name.items():
            for kind, (verb, (singular, plural), advice) in USE_KINDS.items():
                if use := uses.get(kind):
                    what = format_count(use.count, singular, plural)
                    text = f"{verb} {what} on a warm request: {format_names(use)}"
                    yield RequestWarning(name, (page,), text, advice)


def format_names(use: RepeatedWork) -> str:
    """Return the names of used things, at most MAX_NAMES of them."""
    rest = len(use.names) - MAX_NAMES
    return ", ".join(use.names[:MAX_NAMES]) + (f" and {rest} more" if rest > 0 else "")


def find_heavy_layers(calls_by_page: CallsByPage) -> Iterator[RequestWarning]:
    """Yield a warning for each layer with far more calls than the median of its peers.

    The peers of a framework are all other frameworks with calls for the page. An app without a
    framework does a framework's work itself: its layers "framework" and "app" have no peers.
    """
    for page, by_name in calls_by_page.items():
        for name, calls in by_name.items():
            others = [other for peer, other in by_name.items() if peer != name]
            for layer, count in asdict(calls).items():
                peers = [
                    getattr(other, layer) for other in others if are_peers(layer, calls, other)
                ]
                if len(peers) < MIN_PEERS:
                    continue
                median = statistics.median(peers)
                if count > MIN_CALL_RATIO * median and count - median >= MIN_EXTRA_CALLS:
                    yield RequestWarning(
                        name, (page,), format_comparison(layer, count, median, len(peers))
                    )


def are_peers(layer: str, *both: LayerCalls) -> bool:
    """Return whether the calls of two frameworks in a layer can be compared."""
    return layer not in ("framework", "app") or all(calls.framework for calls in both)


def format_comparison(layer: str, count: int, median: float, peers: int) -> str:
    """Return the calls of a layer and their ratio to the median of its peers, as text."""
    times = f"{count / median:.1f} times " if median else "against "
    calls = format_count(count, "call")
    return f"{layer}: {calls}, {times}the median of {peers} peers ({median:,.0f})"


def count_uses(uses: Mapping[str, RepeatedWork]) -> dict[str, int]:
    """Return the table columns of a warm request: the counts of the main kinds of use."""
    main = ("opened", "imported", "compiled")
    return {USE_KINDS[kind][0]: uses[kind].count if kind in uses else 0 for kind in main}


def find_trace_warnings(
    traces: Traces, only: Container[str] = FEATURES_BY_ID
) -> list[RequestWarning]:
    """Return the warnings in the traces of these features, or of all."""
    work: dict[str, dict[str, dict[str, RepeatedWork]]] = {}
    calls: dict[str, dict[str, LayerCalls]] = {}
    for name, framework in traces.frameworks.items():
        for id, trace in framework.features.items():
            if id in only:
                work.setdefault(id, {})[name] = trace.repeated_work
                calls.setdefault(id, {})[name] = trace.calls
    return find_warnings(work, calls)
