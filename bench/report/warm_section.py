"""List what warm requests do anew each time, and layers that make far more calls than others'."""

from collections.abc import Mapping
from typing import Any

from bench.results.request_warnings import RequestWarning, find_trace_warnings, find_warnings


def collect_warnings(found: Mapping[str, Any]) -> list[RequestWarning]:
    """Return the warnings of the results: by page, and by feature where journeys were taken."""
    by_page = find_warnings(found.get("warm", {}), found.get("layers", {}))
    return by_page + (find_trace_warnings(found["journey"]) if "journey" in found else [])
