"""Find the parts that the report lacks, each with the command that measures this part."""

from collections.abc import Iterator, Mapping
from typing import Any

PARTS = {
    "behaviour": ("Default behaviour of each framework", "cookoff behaviour"),
    "limits": ("The largest sizes that each framework accepts", "cookoff behaviour --limits"),
    "journey": ("The calls of one request for each feature", "cookoff trace all"),
    "starts": ("Start times and memory", "cookoff cost"),
    "layers": ("Calls by layer", "cookoff cost"),
    "warm": ("Work that warm requests repeat", "cookoff cost"),
    "instructions": ("Instructions and allocations", "cookoff cost --instructions"),
    "growth": ("Growth with rows, routes and uploads", "cookoff cost --scaling"),
    "load_closed": ("Throughput", "cookoff load --closed-loop"),
    "load_open": ("Latency at a fixed rate", "cookoff load --peak-fraction 0.5"),
    "servers": ("Other servers", "cookoff load --servers"),
}
MANY_REQUESTS = 10_000  # after fewer requests, a memory leak may stay unseen


def find_missing_parts(results: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the name of each missing part, and the command that measures this part."""
    for part, (name, command) in PARTS.items():
        if not results.get(part):
            yield name, command
    starts = results.get("starts", {})
    names = [name for name, start in starts.items() if start["requests"] < MANY_REQUESTS]
    if names:
        yield f"Memory after {MANY_REQUESTS:,} requests: {', '.join(names)}", "cookoff cost --full"
