"""Build a page for each feature: its code in all frameworks, side by side."""

from collections.abc import Iterator

from bench.frameworks.features import FEATURES
from bench.report.data import ReportData
from bench.report.pages.page import Page

SECTION = "features/index.html"


def build_pages(data: ReportData) -> Iterator[Page]:
    """Yield the list of the features, and a page for each feature."""
    addresses = [f"features/{feature.id}.html" for feature in FEATURES]
    lines = {
        framework.name: {entry.id: entry.lines for entry in framework.facts.code.features}
        for framework in data.frameworks
    }
    yield Page(
        SECTION,
        "features.html",
        "The features",
        "The 25 features of the site, with the lines that each framework needs for them.",
        {"features": FEATURES, "frameworks": data.frameworks, "lines": lines},
        command="cookoff code --per-feature lines",
        section=SECTION,
    )
    traced = {trace.feature.id for trace in data.traces}
    for feature, address in zip(FEATURES, addresses, strict=True):
        yield Page(
            address,
            "feature.html",
            feature.sentence,
            f"{feature.request}: the code of each framework, side by side.",
            {
                "feature": feature,
                "frameworks": data.frameworks,
                "is_traced": feature.id in traced,
            },
            command=f"cookoff side-by-side {feature.id} flask django",
            section=SECTION,
            sequence=addresses,
        )
