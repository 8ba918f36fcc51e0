"""The 25 features of the site, in the order in which a user meets them.

A feature's sentence is the first line of its handler's docstring in every app. The sentence aligns
the code of the apps.
"""

import re
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Feature:
    """One feature: its sentence, and the request that uses the feature."""

    sentence: str
    request: str

    @property
    def id(self) -> str:
        """Return the sentence as a slug for options and URLs: "show-the-menu"."""
        return "-".join(re.findall(r"\w+", self.sentence.lower().replace("'", "")))

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        """Return the pattern of the feature's requests, "GET /dishes/7"; None for any request."""
        method, _, address = self.request.partition(" ")
        path = re.escape(address.partition("?")[0]).replace(re.escape("..."), ".*")
        path = re.sub(r"\\\{\w+\\\}", "[^/]+", path)
        return re.compile(f"{method} {path}", re.DOTALL) if address else None


FEATURES = (
    Feature("Show the menu.", "GET /"),
    Feature("Search the dishes.", "GET /dishes?q=&course=&sort=&page="),
    Feature("Show one dish.", "GET /dishes/{id}"),
    Feature("Write a review.", "POST /dishes/{id}/reviews"),
    Feature("Put a dish in the cart.", "POST /cart"),
    Feature("Show the cart.", "GET /cart"),
    Feature("Place the order.", "POST /orders"),
    Feature("Show one order.", "GET /orders/{code}"),
    Feature("Show the sign-in form.", "GET /login"),
    Feature("Sign in.", "POST /login"),
    Feature("Sign out.", "POST /logout"),
    Feature("Show the kitchen.", "GET /kitchen"),
    Feature("Move an order along.", "POST /kitchen/orders/{code}"),
    Feature("Change a dish's photo.", "POST /kitchen/dishes/{id}/photo"),
    Feature("Serve a photo.", "GET /photos/{name}"),
    Feature("Export the orders.", "GET /kitchen/orders.csv"),
    Feature("List the dishes for programs.", "GET /api/dishes"),
    Feature("Show one dish to a program.", "GET /api/dishes/{id}"),
    Feature("Place an order by program.", "POST /api/orders"),
    Feature("Change a dish by program.", "PATCH /api/dishes/{id}"),
    Feature("Describe the programs' side.", "GET /api/openapi.json"),
    Feature("Tell how a request travels.", "GET /about"),
    Feature("Report health.", "GET /health"),
    Feature("Serve a static file.", "GET /static/..."),
    Feature("Show what went wrong.", "any"),
)
FEATURES_BY_ID = {feature.id: feature for feature in FEATURES}


def find_feature_id(method: str, path: str) -> str:
    """Return the id of the feature that a request uses; "show-what-went-wrong" for no feature."""
    request_line = f"{'GET' if method == 'HEAD' else method} {path}"
    matches = (
        feature
        for feature in FEATURES
        if feature.pattern and feature.pattern.fullmatch(request_line)
    )
    return next(matches, FEATURES[-1]).id
