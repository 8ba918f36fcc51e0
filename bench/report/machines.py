"""Describe the machines of a measurement that several machines shared (--cluster)."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

Results = Mapping[str, Any]
# The measurement, how the machines shared the work, and a line for each machine.
MachineGroup = tuple[str, str, list[str]]


def find_machine_groups(results: Results) -> Iterator[MachineGroup]:
    """Yield the machines of each measurement that several machines shared."""
    cost, load = results.get("cost") or {}, results.get("load_open") or {}
    if "machines" in cost:
        yield "cost", describe_sharing(cost), list(describe_shares(cost))
    if cluster := load.get("cluster"):
        workers = f"{cluster['workers']} worker{'s' * (cluster['workers'] != 1)}"
        sharing = f"{workers} sent the load to {cluster['host']}, each its share of the rate"
        machines = [describe_machine(machine) for machine in cluster["machines"]]
        yield "load at a fixed rate", sharing, machines


def describe_sharing(cost: Results) -> str:
    """Return how the machines shared the cost measurement."""
    return (
        f"{len(cost['cells'])} cells, each one launch of one page; ratios use all cells, "
        f"microseconds are from one machine; databases: {', '.join(cost['larder'])}"
    )


def describe_shares(cost: Results) -> Iterator[str]:
    """Yield each machine with its number of cells and the pages whose microseconds it measured."""
    cells = Counter(cell["machine"] for cell in cost["cells"])
    for number, machine in enumerate(cost["machines"]):
        pages = [page for page, source in cost["told_by"].items() if source == number]
        microseconds = f", microseconds of {', '.join(pages)}" if pages else ""
        yield f"{describe_machine(machine)}: {cells[number]} cells{microseconds}"


def describe_machine(machine: Results) -> str:
    """Return a machine's processor, cores, system and Python as text."""
    processor = f"{machine['processor']}, {machine['cores']} cores"
    return " · ".join([processor, machine["system"], machine["python"]])
