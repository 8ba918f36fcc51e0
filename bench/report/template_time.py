"""Split the time of a page between the framework and its templates.

The time of the page is measured. The share of the template engine comes from the trace of the
page's feature. Tracing adds the same time to each call, so the split is an estimate.
"""

from dataclasses import dataclass

from bench.results.schema import LAYERS, ComparedResults

# The feature that a page of the cost measurement requests.
FEATURES_BY_PAGE = {
    "menu": "show-the-menu",
    "search": "search-the-dishes",
    "dish": "show-one-dish",
    "cart": "show-the-cart",
    "order by form": "place-the-order",
    "order by program": "place-an-order-by-program",
    "photo upload": "change-a-dishs-photo",
    "static file": "serve-a-static-file",
    "not found": "show-what-went-wrong",
}


@dataclass(frozen=True)
class TimeSplit:
    """The time of a page by layer, in microseconds; the sum is the measured time of the page."""

    layers: dict[str, float]

    @property
    def template(self) -> float:
        """The time in templates."""
        return self.layers["template"]

    @property
    def total(self) -> float:
        """The measured time of the page."""
        return sum(self.layers.values())


def split_cost(results: ComparedResults, page: str, name: str) -> TimeSplit | None:
    """Return the time of a page in each layer, or None without its cost or its trace.

    The server's layer does not count: the cost measurement calls the application without a server.
    """
    cost = results.cost.pages.get(page, {}).get(name) if results.cost else None
    framework = results.traces.frameworks.get(name) if results.traces else None
    trace = framework.features.get(FEATURES_BY_PAGE.get(page, "")) if framework else None
    if cost is None or trace is None:
        return None
    shares = {layer: getattr(trace.time_shares, layer) for layer in LAYERS if layer != "server"}
    whole = sum(shares.values()) or 1.0
    return TimeSplit({layer: cost.microseconds * share / whole for layer, share in shares.items()})
