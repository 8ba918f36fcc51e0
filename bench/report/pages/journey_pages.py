"""Build a page for the trace of each feature."""

from collections.abc import Iterator

from bench.agent.call_blocks import MIN_SHARE
from bench.report.data import ReportData
from bench.report.pages.page import Page
from bench.results.schema import LAYERS

SECTION = "journey/index.html"


def build_pages(data: ReportData) -> Iterator[Page]:
    """Yield the list of the traces, and a page for each traced feature."""
    addresses = [f"journey/{trace.feature.id}.html" for trace in data.traces]
    yield Page(
        SECTION,
        "journeys.html",
        "The journey of a request",
        "The calls of one request, from the server to the handler and the database.",
        {"traces": data.traces, "names": data.names},
        command="cookoff trace all",
        section=SECTION,
    )
    for trace, address in zip(data.traces, addresses, strict=True):
        yield Page(
            address,
            "journey.html",
            trace.finding,
            f"{trace.feature.sentence} The calls of one request in each framework.",
            {"trace": trace, "layers": LAYERS, "min_share": MIN_SHARE},
            command=f"cookoff trace {trace.feature.id}",
            section=SECTION,
            sequence=addresses,
        )
