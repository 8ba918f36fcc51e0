"""Describe the machines of a measurement that several machines shared (--cluster)."""

from collections import Counter
from collections.abc import Iterator

from bench.core.machine import Machine
from bench.results.schema import Cost, Results

# The measurement, how the machines shared the work, and a line for each machine.
MachineGroup = tuple[str, str, list[str]]


def find_machine_groups(results: Results) -> Iterator[MachineGroup]:
    """Yield the machines of each measurement that several machines shared."""
    if results.cost and results.cost.machines:
        cost = results.cost
        yield "cost", describe_sharing(cost), list(describe_shares(cost))
    if results.open_loop and (cluster := results.open_loop.cluster):
        workers = f"{cluster.workers} worker{'s' * (cluster.workers != 1)}"
        sharing = f"{workers} sent the load to {cluster.host}, each its share of the rate"
        machines = [describe_machine(machine) for machine in cluster.machines]
        yield "load at a fixed rate", sharing, machines


def describe_sharing(cost: Cost) -> str:
    """Return how the machines shared the cost measurement."""
    return (
        f"{len(cost.tasks)} tasks, each one launch of one page; ratios use all tasks, "
        f"microseconds are from one machine; databases: {', '.join(cost.databases)}"
    )


def describe_shares(cost: Cost) -> Iterator[str]:
    """Yield each machine with its number of tasks and the pages whose microseconds it measured."""
    tasks = Counter(task.machine for task in cost.tasks)
    for number, machine in enumerate(cost.machines):
        pages = [page for page, source in cost.absolute_time_machines.items() if source == number]
        microseconds = f", microseconds of {', '.join(pages)}" if pages else ""
        yield f"{describe_machine(machine)}: {tasks[number]} tasks{microseconds}"


def describe_machine(machine: Machine) -> str:
    """Return a machine's processor, cores, system and Python as text."""
    processor = f"{machine.processor}, {machine.cores} cores"
    return " · ".join([processor, machine.system, machine.python])
