"""Which machines measured, where there were several? For what --cluster adds to a part."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

Results = Mapping[str, Any]
MachineGroup = tuple[
    str, str, list[str]
]  # of what, how the work was shared, a line for each machine


def find_machine_groups(found: Results) -> Iterator[MachineGroup]:
    """Yield who shared a measurement, for each that was shared."""
    cost, load = found.get("cost") or {}, found.get("load_open") or {}
    if "machines" in cost:
        yield "cost", describe_sharing(cost), list(describe_shares(cost))
    if sent := load.get("cluster"):
        workers = f"{sent['workers']} worker{'s' * (sent['workers'] != 1)}"
        shared = f"{workers} sent the load to {sent['host']}, each its share of the rate"
        yield "load at a fixed rate", shared, [describe_machine(one) for one in sent["machines"]]


def describe_sharing(cost: Results) -> str:
    """Return how the cost was shared."""
    return (
        f"{len(cost['cells'])} cells of one launch of one page; ratios count all of them, "
        f"microseconds are those of one machine; the larders: {', '.join(cost['larder'])}"
    )


def describe_shares(cost: Results) -> Iterator[str]:
    """Yield each machine, its number of cells, and the pages whose microseconds are its own."""
    cells = Counter(one["machine"] for one in cost["cells"])
    for place, machine in enumerate(cost["machines"]):
        pages = [page for page, teller in cost["told_by"].items() if teller == place]
        telling = f", microseconds of {', '.join(pages)}" if pages else ""
        yield f"{describe_machine(machine)}: {cells[place]} cells{telling}"


def describe_machine(machine: Results) -> str:
    """Return a machine in words."""
    processor = f"{machine['processor']}, {machine['cores']} cores"
    return " · ".join([processor, machine["system"], machine["python"]])
