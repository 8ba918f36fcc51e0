"""How do all frameworks compare at a glance: one row each, with what each column sorts by?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bench.frameworks.manifest import NEEDS
from bench.report.behaviour_section import count_missed_clauses
from bench.report.formatting import format_added_cost

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class TableCell:
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
    make_cell: Callable[
        [Facts, Facts], TableCell | None
    ]  # of a framework's facts and of all results
    placeholder: str = "none"  # what stands where there is no cell
    is_text: bool = False


def format_contract(one: Facts, found: Facts) -> TableCell:
    """Return the clauses met, and the deviations declared."""
    asked = one["contract"]
    deviations = len(asked["deviations"])
    text = f"{asked['passed']} of {asked['total']}"
    return TableCell(text + (f", {deviations} declared" if deviations else ""), asked["passed"])


def format_python_lines(one: Facts, found: Facts) -> TableCell:
    """Return the lines of Python written."""
    return format_count(one["code"]["python_lines"])


def format_template_lines(one: Facts, found: Facts) -> TableCell:
    """Return the lines of templates written."""
    return format_count(one["code"]["template_lines"])


def format_branches(one: Facts, found: Facts) -> TableCell:
    """Return the places where the way through the code parts."""
    return format_count(one["code"]["branches"])


def format_packages(one: Facts, found: Facts) -> TableCell:
    """Return the packages pulled in."""
    return TableCell(
        str(len(one["code"]["packages"])),
        len(one["code"]["packages"]),
        ", ".join(f"{package['name']} {package['version']}" for package in one["code"]["packages"]),
    )


def format_megabytes(one: Facts, found: Facts) -> TableCell:
    """Return the megabytes pulled in."""
    return TableCell(f"{one['code']['megabytes']:.1f}", one["code"]["megabytes"])


def format_provisions(one: Facts, found: Facts) -> TableCell:
    """Return how many of the site's needs the framework serves, itself or by an add-on."""
    served = [need for need, said in one["brings"].items() if said["by"] != "hand"]
    return TableCell(str(len(served)), -len(served), ", ".join(served))


def format_release_day(one: Facts, found: Facts) -> TableCell | None:
    """Return when the version came out."""
    day = one["released"]
    return TableCell(day, -int(day.replace("-", ""))) if day else None


def format_pythons(one: Facts, found: Facts) -> TableCell:
    """Return the Pythons it was run on, by its maintainers' word and ours."""
    return TableCell(one["python"], None)


def format_licence(one: Facts, found: Facts) -> TableCell | None:
    """Return its licence."""
    # SPDX's mark for a licence that is not on its list.
    name = one["licence"].removeprefix("LicenseRef-")
    return TableCell(name, None) if name else None


def format_first_reply(one: Facts, found: Facts) -> TableCell | None:
    """Return how long it takes from starting the process to the first reply."""
    start = found.get("starts", {}).get(one["name"])
    return (
        TableCell(f"{start['first_reply_seconds']:.2f}", start["first_reply_seconds"])
        if start
        else None
    )


def format_memory(one: Facts, found: Facts) -> TableCell | None:
    """Return the memory of a process that has answered."""
    start = found.get("starts", {}).get(one["name"])
    return TableCell(f"{start['rss_mib']:.0f}", start["rss_mib"]) if start else None


def format_missed_clauses(one: Facts, found: Facts) -> TableCell | None:
    """Return how many clauses that standards set the framework, as it comes, does not meet."""
    counts = count_missed_clauses(found["behaviour"]) if "behaviour" in found else {}
    return format_count(counts[one["name"]]) if one["name"] in counts else None


def format_menu_cost(one: Facts, found: Facts) -> TableCell | None:
    """Return what the menu page costs over the baseline, with half its interval."""
    cost = ((found.get("cost") or {}).get("pages", {}).get("menu") or {}).get(one["name"])
    if cost is None:
        return None
    words = format_added_cost(cost, one["name"], found["cost"]["baseline"])
    return TableCell(words, cost["added_microseconds"], cost["verdict"])


def format_count(number: int) -> TableCell:
    """Return a cell for a number of things."""
    return TableCell(str(number), number)


PROVISIONS_MEANING = f"of the site's {len(NEEDS)} needs that the framework or an add-on serves"
UNKNOWN = "unknown"
COLUMNS = (
    Column("contract", "Contract", "clauses met of all", format_contract),
    Column("python", "Python", "lines of Python written for the whole site", format_python_lines),
    Column("templates", "Templates", "lines of templates", format_template_lines),
    Column(
        "branches", "Branches", "places where the way through the Python parts", format_branches
    ),
    Column("brings", "Brings", PROVISIONS_MEANING, format_provisions),
    Column("packages", "Packages", "what the framework pulls in", format_packages),
    Column("megabytes", "MB", "what the packages take on disk", format_megabytes),
    Column(
        "released", "Released", "the day on which the version used came out", format_release_day
    ),
    Column("pythons", "Pythons", "that its app runs on", format_pythons, is_text=True),
    Column("licence", "Licence", "of the framework itself", format_licence, is_text=True),
    Column(
        "start",
        "Start, s",
        "from starting the process to the first right reply",
        format_first_reply,
        UNKNOWN,
    ),
    Column("memory", "MiB used", "by a process that has answered", format_memory, UNKNOWN),
    Column(
        "missed",
        "Missed",
        "of what standards demand, by the framework as it comes",
        format_missed_clauses,
        UNKNOWN,
    ),
    Column(
        "menu",
        "µs added",
        "by the menu page over the baseline, ± half a 99 % interval",
        format_menu_cost,
        UNKNOWN,
    ),
)


def build_table(found: Facts) -> tuple[list[Column], list[tuple[Facts, list[TableCell | None]]]]:
    """Return the columns that have anything to show, and a row for each framework."""
    rows = [
        (one, [column.make_cell(one, found) for column in COLUMNS])
        for one in found["frameworks"].values()
    ]
    shown = [n for n in range(len(COLUMNS)) if any(cells[n] for _, cells in rows)]
    return [COLUMNS[n] for n in shown], [(one, [cells[n] for n in shown]) for one, cells in rows]
