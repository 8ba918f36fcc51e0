"""How do all frameworks compare at a glance: one row each, with what each column sorts by?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bench.frameworks.manifest import NEEDS
from bench.report.behaviour_section import missed_by
from bench.report.formatting import added

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Cell:
    """What a cell shows, and the number its column sorts by; None is always last."""

    text: str
    value: float | None
    note: str = ""  # what a reader who points at it is told


@dataclass(frozen=True)
class Column:
    """A column: its heading, what it means, and where its cells come from."""

    id: str
    heading: str
    meaning: str
    cell: Callable[[Facts, Facts], Cell | None]  # of a framework's facts and of all results
    absent: str = "none"  # what stands where there is no cell
    words: bool = False


def contract(one: Facts, found: Facts) -> Cell:
    """Return the clauses met, and the deviations declared."""
    asked = one["contract"]
    deviations = len(asked["deviations"])
    text = f"{asked['passed']} of {asked['total']}"
    return Cell(text + (f", {deviations} declared" if deviations else ""), asked["passed"])


def python_lines(one: Facts, found: Facts) -> Cell:
    """Return the lines of Python written."""
    return count(one["code"]["python_lines"])


def template_lines(one: Facts, found: Facts) -> Cell:
    """Return the lines of templates written."""
    return count(one["code"]["template_lines"])


def branches(one: Facts, found: Facts) -> Cell:
    """Return the places where the way through the code parts."""
    return count(one["code"]["branches"])


def packages(one: Facts, found: Facts) -> Cell:
    """Return the packages pulled in."""
    return Cell(
        str(len(one["code"]["packages"])),
        len(one["code"]["packages"]),
        ", ".join(f"{package['name']} {package['version']}" for package in one["code"]["packages"]),
    )


def megabytes(one: Facts, found: Facts) -> Cell:
    """Return the megabytes pulled in."""
    return Cell(f"{one['code']['megabytes']:.1f}", one["code"]["megabytes"])


def brought(one: Facts, found: Facts) -> Cell:
    """Return how many of the site's needs the framework serves, itself or by an add-on."""
    served = [need for need, said in one["brings"].items() if said["by"] != "hand"]
    return Cell(str(len(served)), -len(served), ", ".join(served))


def released(one: Facts, found: Facts) -> Cell | None:
    """Return when the version came out."""
    day = one["released"]
    return Cell(day, -int(day.replace("-", ""))) if day else None


def pythons(one: Facts, found: Facts) -> Cell:
    """Return the Pythons it was run on, by its maintainers' word and ours."""
    return Cell(one["python"], None)


def licence(one: Facts, found: Facts) -> Cell | None:
    """Return its licence."""
    # SPDX's mark for a licence that is not on its list.
    name = one["licence"].removeprefix("LicenseRef-")
    return Cell(name, None) if name else None


def first_reply(one: Facts, found: Facts) -> Cell | None:
    """Return how long it takes from starting the process to the first reply."""
    start = found.get("starts", {}).get(one["name"])
    return (
        Cell(f"{start['first_reply_seconds']:.2f}", start["first_reply_seconds"]) if start else None
    )


def memory(one: Facts, found: Facts) -> Cell | None:
    """Return the memory of a process that has answered."""
    start = found.get("starts", {}).get(one["name"])
    return Cell(f"{start['rss_mib']:.0f}", start["rss_mib"]) if start else None


def missed(one: Facts, found: Facts) -> Cell | None:
    """Return how many clauses that standards set the framework, as it comes, does not meet."""
    counts = missed_by(found["behaviour"]) if "behaviour" in found else {}
    return count(counts[one["name"]]) if one["name"] in counts else None


def menu(one: Facts, found: Facts) -> Cell | None:
    """Return what the menu page costs over the baseline, with half its interval."""
    cost = ((found.get("cost") or {}).get("pages", {}).get("menu") or {}).get(one["name"])
    if cost is None:
        return None
    words = added(cost, one["name"], found["cost"]["baseline"])
    return Cell(words, cost["added_microseconds"], cost["verdict"])


def count(number: int) -> Cell:
    """Return a cell for a number of things."""
    return Cell(str(number), number)


NEEDS_COUNTED = f"of the site's {len(NEEDS)} needs that the framework or an add-on serves"
UNKNOWN = "unknown"
COLUMNS = (
    Column("contract", "Contract", "clauses met of all", contract),
    Column("python", "Python", "lines of Python written for the whole site", python_lines),
    Column("templates", "Templates", "lines of templates", template_lines),
    Column("branches", "Branches", "places where the way through the Python parts", branches),
    Column("brings", "Brings", NEEDS_COUNTED, brought),
    Column("packages", "Packages", "what the framework pulls in", packages),
    Column("megabytes", "MB", "what the packages take on disk", megabytes),
    Column("released", "Released", "the day on which the version used came out", released),
    Column("pythons", "Pythons", "that its app runs on", pythons, words=True),
    Column("licence", "Licence", "of the framework itself", licence, words=True),
    Column(
        "start",
        "Start, s",
        "from starting the process to the first right reply",
        first_reply,
        UNKNOWN,
    ),
    Column("memory", "MiB used", "by a process that has answered", memory, UNKNOWN),
    Column(
        "missed",
        "Missed",
        "of what standards demand, by the framework as it comes",
        missed,
        UNKNOWN,
    ),
    Column(
        "menu",
        "µs added",
        "by the menu page over the baseline, ± half a 99 % interval",
        menu,
        UNKNOWN,
    ),
)


def table(found: Facts) -> tuple[list[Column], list[tuple[Facts, list[Cell | None]]]]:
    """Return the columns that have anything to show, and a row for each framework."""
    rows = [
        (one, [column.cell(one, found) for column in COLUMNS])
        for one in found["frameworks"].values()
    ]
    shown = [n for n in range(len(COLUMNS)) if any(cells[n] for _, cells in rows)]
    return [COLUMNS[n] for n in shown], [(one, [cells[n] for n in shown]) for one, cells in rows]
