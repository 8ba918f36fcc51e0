"""Find the parts that the report lacks, each with the command that measures this part."""

from collections.abc import Iterator

from bench.results.schema import Results

PARTS = {
    "behaviour": ("Default behaviour of each framework", "cookoff behaviour"),
    "limits": ("The largest sizes that each framework accepts", "cookoff behaviour --limits"),
    "traces": ("The calls of one request for each feature", "cookoff trace all"),
    "startup": ("Start times and memory", "cookoff cost"),
    "calls_by_layer": ("Calls by layer", "cookoff cost"),
    "layer_times": ("The time by layer, templates apart", "cookoff cost"),
    "repeated_work": ("Work that warm requests repeat", "cookoff cost"),
    "instructions": ("Instructions and allocations", "cookoff cost --instructions"),
    "hardening": ("The time and the calls that hardening adds", "cookoff cost --hardening"),
    "katas": ("The cost of change requests", "cookoff kata check"),
    "plain_links": ("The cost of links by name", "cookoff cost --plain-links"),
    "scaling": ("Growth with rows, routes and uploads", "cookoff cost --scaling"),
    "closed_loop": ("Throughput", "cookoff load --closed-loop"),
    "open_loop": ("Latency at a fixed rate", "cookoff load --peak-fraction 0.5"),
    "servers": ("Other servers", "cookoff load --servers"),
}
MANY_REQUESTS = 10_000  # after fewer requests, a memory leak may stay unseen


def find_missing_parts(results: Results) -> Iterator[tuple[str, str]]:
    """Yield the name of each missing part, and the command that measures this part."""
    for part, (name, command) in PARTS.items():
        if not getattr(results, part):
            yield name, command
    startup = results.startup or {}
    names = [name for name, start in startup.items() if start.requests < MANY_REQUESTS]
    if names:
        yield f"Memory after {MANY_REQUESTS:,} requests: {', '.join(names)}", "cookoff cost --full"
