"""Which machines measured, where there were several? For what --cluster adds to a part."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

Found = Mapping[str, Any]
Crew = tuple[str, str, list[str]]  # of what, how the work was shared, a line for each machine


def crews(found: Found) -> Iterator[Crew]:
    """Yield who shared a measurement, for each that was shared."""
    cost, load = found.get("cost") or {}, found.get("load_open") or {}
    if "machines" in cost:
        yield "cost", of_cells(cost), list(with_cells(cost))
    if sent := load.get("cluster"):
        workers = f"{sent['workers']} worker{'s' * (sent['workers'] != 1)}"
        shared = f"{workers} sent the load to {sent['host']}, each its share of the rate"
        yield "load at a fixed rate", shared, [named(one) for one in sent["machines"]]


def of_cells(cost: Found) -> str:
    """Return how the cost was shared."""
    return (
        f"{len(cost['cells'])} cells of one launch of one page; ratios count all of them, "
        f"microseconds are those of one machine; the larders: {', '.join(cost['larder'])}"
    )


def with_cells(cost: Found) -> Iterator[str]:
    """Yield each machine, its number of cells, and the pages whose microseconds are its own."""
    cells = Counter(one["machine"] for one in cost["cells"])
    for place, machine in enumerate(cost["machines"]):
        pages = [page for page, teller in cost["told_by"].items() if teller == place]
        telling = f", microseconds of {', '.join(pages)}" if pages else ""
        yield f"{named(machine)}: {cells[place]} cells{telling}"


def named(machine: Found) -> str:
    """Return a machine in words."""
    processor = f"{machine['processor']}, {machine['cores']} cores"
    return " · ".join([processor, machine["system"], machine["python"]])
