"""List what warm requests do anew each time, and layers that make far more calls than others'."""

from collections.abc import Mapping
from typing import Any

from bench.results.request_warnings import Warning, warnings, warnings_of


def warned(found: Mapping[str, Any]) -> list[Warning]:
    """Return the warnings of the results: by page, and by feature where journeys were taken."""
    by_page = warnings(found.get("warm", {}), found.get("layers", {}))
    return by_page + (warnings_of(found["journey"]) if "journey" in found else [])
