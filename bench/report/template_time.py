"""Split the time of a page between the framework, the app, its templates and the database.

The time of the page is measured without a server. The shares of the layers come from samples of
the call stack during the same request, without the samples in the server.
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
    """Return the time of a page in each layer, or None without its cost or its samples."""
    cost = results.cost.pages.get(page, {}).get(name) if results.cost else None
    times = (results.layer_times or {}).get(page, {}).get(name)
    if cost is None or times is None:
        return None
    shares = {layer: getattr(times, layer) for layer in LAYERS if layer != "server"}
    whole = sum(shares.values()) or 1.0
    return TimeSplit({layer: cost.microseconds * share / whole for layer, share in shares.items()})
