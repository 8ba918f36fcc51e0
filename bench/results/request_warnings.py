"""Warn of what a warm request does anew each time, and of layers that make far more calls.

Both come from counts by page and framework, so that they are exact, and hold for one page only.
"""

import statistics
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.frameworks.features import FEATURES_BY_ID

MIN_CALL_RATIO = 5  # the median of its peers: more calls than that in a layer are warned of
MIN_PEERS = 3  # with fewer, their median says little
MIN_EXTRA_CALLS = 100  # above the median: fewer are no matter, however small the median is
MAX_NAMES = 3  # of the names of what is used
# By kind: the column, the words for one and for several, and what to do.
USE_KINDS = {
    "compiled": (
        "compiles",
        ("code object", "code objects"),
        "keep what was compiled; a debug or reload setting may be on",
    ),
    "imported": ("imports", ("module", "modules"), "import it when the application starts"),
    "opened": (
        "opens",
        ("file", "files"),
        "keep what it holds; a debug or reload setting may be on",
    ),
    "listed": ("lists", ("folder", "folders"), "keep what it holds"),
    "connected": ("connects", ("time", "times"), "keep the connection"),
    "started": ("starts", ("process", "processes"), "keep the process, or do without"),
}
ByPage = Mapping[str, Mapping[str, Mapping[str, Any]]]  # or by feature; then by framework


@dataclass(frozen=True)
class RequestWarning:
    """One warning: of which framework, on which pages or for which features, and of what."""

    name: str
    pages: tuple[str, ...]
    text: str
    advice: str = ""

    def __str__(self) -> str:
        """Return the warning as a line."""
        line = f"{self.name}: {', '.join(self.pages)}: {self.text}"
        return f"{line}; {self.advice}" if self.advice else line


def find_warnings(warm: ByPage, layers: ByPage) -> list[RequestWarning]:
    """Return all warnings by name and page; what is said of several pages is said once.

    warm is the part "warm" of the results, and layers the part "layers".
    """
    pages: dict[tuple[str, str, str], list[str]] = {}
    for one in (*find_repeated_work(warm), *find_heavy_layers(layers)):
        pages.setdefault((one.name, one.text, one.advice), []).extend(one.pages)
    found = [
        RequestWarning(name, tuple(on), text, advice) for (name, text, advice), on in pages.items()
    ]
    order = {page: number for number, page in enumerate([*warm, *layers])}
    return sorted(found, key=lambda one: (one.name, order[one.pages[0]]))


def find_repeated_work(warm: ByPage) -> Iterator[RequestWarning]:
    """Yield a warning for each kind of thing that a warm request uses anew."""
    for page, by_name in warm.items():
        for name, uses in by_name.items():
            for kind, (verb, (singular, plural), advice) in USE_KINDS.items():
                if use := uses.get(kind):
                    what = f"{use['count']:,} {singular if use['count'] == 1 else plural}"
                    text = f"{verb} {what} on a warm request: {format_names(use)}"
                    yield RequestWarning(name, (page,), text, advice)


def format_names(use: Mapping[str, Any]) -> str:
    """Return the names of what is used, the first of them where there are many."""
    names: Sequence[str] = use["names"]
    rest = len(names) - MAX_NAMES
    return ", ".join(names[:MAX_NAMES]) + (f" and {rest} more" if rest > 0 else "")


def find_heavy_layers(layers: ByPage) -> Iterator[RequestWarning]:
    """Yield a warning for each layer that makes far more calls than those of its peers.

    The peers of a framework are all others with calls for the page. Without a framework the
    application does a framework's work by itself: there the two layers have no peers.
    """
    for page, by_name in layers.items():
        for name, calls in by_name.items():
            others = [other for peer, other in by_name.items() if peer != name]
            for layer, count in calls.items():
                peers = [one[layer] for one in others if are_peers(layer, calls, one)]
                if len(peers) < MIN_PEERS:
                    continue
                median = statistics.median(peers)
                if count > MIN_CALL_RATIO * median and count - median >= MIN_EXTRA_CALLS:
                    yield RequestWarning(
                        name, (page,), format_comparison(layer, count, median, len(peers))
                    )


def are_peers(layer: str, *both: Mapping[str, int]) -> bool:
    """Tell whether a layer of two frameworks can be compared, by their calls."""
    return layer not in ("framework", "app") or all(calls["framework"] for calls in both)


def format_comparison(layer: str, count: int, median: float, peers: int) -> str:
    """Return how many calls a layer makes, and how many times its peers' median that is."""
    times = f"{count / median:.1f} times " if median else "against "
    return f"{layer}: {count:,} calls, {times}the median of {peers} peers ({median:,.0f})"


def count_uses(uses: Mapping[str, Any]) -> dict[str, int]:
    """Return the columns of a table: how much of each of the main kinds a warm request uses."""
    main = ("opened", "imported", "compiled")
    return {USE_KINDS[kind][0]: uses.get(kind, {"count": 0})["count"] for kind in main}


def find_trace_warnings(
    part: Mapping[str, Any], only: Container[str] = FEATURES_BY_ID
) -> list[RequestWarning]:
    """Return what is warned of in the journeys of these features, or of all."""
    warm: dict[str, dict[str, Any]] = {}
    layers: dict[str, dict[str, Any]] = {}
    for name, one in part["frameworks"].items():
        for id, said in one["features"].items():
            if id in only:
                warm.setdefault(id, {})[name] = said.get("warm", {})
                calls = dict(zip(part["layers"], said["calls"], strict=True))
                layers.setdefault(id, {})[name] = calls
    return find_warnings(warm, layers)
