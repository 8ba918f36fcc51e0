"""What is not in the report, and which command would put it there?"""

from collections.abc import Iterator, Mapping
from typing import Any

PARTS = {
    "behaviour": ("What each framework does when nobody told it what to do", "cookoff behaviour"),
    "limits": ("The largest each takes", "cookoff behaviour --limits"),
    "journey": ("The way of a request, call by call", "cookoff journey all"),
    "starts": ("Start and memory", "cookoff cost"),
    "layers": ("Calls by layer", "cookoff cost"),
    "warm": ("What a warm request does anew", "cookoff cost"),
    "instructions": ("Instructions and allocations", "cookoff cost --instructions"),
    "growth": ("What grows with rows, routes and uploads", "cookoff cost --growth"),
    "load_closed": ("Throughput", "cookoff load --closed"),
    "load_open": ("What a guest waits at a fixed rate", "cookoff load --share 0.5"),
    "servers": ("Other servers", "cookoff load --servers"),
}
MANY_REQUESTS = 10_000  # requests, after which memory is worth looking at again


def find_missing_parts(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what was not found yet, and the command that finds it."""
    for part, (name, command) in PARTS.items():
        if not found.get(part):
            yield name, command
    few = [name for name, one in found.get("starts", {}).items() if one["requests"] < MANY_REQUESTS]
    if few:
        yield f"Memory after {MANY_REQUESTS:,} requests: {', '.join(few)}", "cookoff cost --full"
