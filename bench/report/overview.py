"""Build the overview table: one row for each framework, with the sort value of each cell."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.frameworks.manifest import NEEDS
from bench.report.behaviour_section import count_missed_clauses
from bench.report.formatting import format_added_cost
from bench.results.schema import ComparedResults, FrameworkFacts


@dataclass(frozen=True)
class TableCell:
    """A cell's text, and the number that its column sorts by; cells with None sort by text."""

    text: str
    value: float | None
    note: str = ""  # shown when the reader points at the cell


@dataclass(frozen=True)
class Column:
    """A column: its heading, its meaning, and the function that makes its cells."""

    id: str
    heading: str
    meaning: str
    # Takes the facts of one framework, and all results.
    make_cell: Callable[[FrameworkFacts, ComparedResults], TableCell | None]
    placeholder: str = "none"  # the text without a cell
    is_text: bool = False


def format_contract(facts: FrameworkFacts, results: ComparedResults) -> TableCell:
    """Return the number of clauses met, and of declared deviations."""
    contract = facts.contract
    deviations = len(contract.deviations)
    text = f"{contract.passed} of {contract.total}"
    return TableCell(text + (f", {deviations} declared" if deviations else ""), contract.passed)


def format_python_lines(facts: FrameworkFacts, results: ComparedResults) -> TableCell:
    """Return the lines of Python in the app."""
    return format_count(facts.code.python_lines)


def format_template_lines(facts: FrameworkFacts, results: ComparedResults) -> TableCell:
    """Return the lines of templates in the app."""
    return format_count(facts.code.template_lines)


def format_branches(facts: FrameworkFacts, results: ComparedResults) -> TableCell:
    """Return the number of branches in the app's Python code."""
    return format_count(facts.code.branches)


def format_packages(facts: FrameworkFacts, results: ComparedResults) -> TableCell:
    """Return the number of installed packages, with their names and versions."""
    packages = facts.code.packages
    names = ", ".join(f"{package.name} {package.version}" for package in packages)
    return TableCell(str(len(packages)), len(packages), names)


def format_megabytes(facts: FrameworkFacts, results: ComparedResults) -> TableCell:
    """Return the size of the installed packages in megabytes."""
    return TableCell(f"{facts.code.megabytes:.1f}", facts.code.megabytes)


def format_provisions(facts: FrameworkFacts, results: ComparedResults) -> TableCell:
    """Return how many needs of the site the framework or an add-on provides."""
    provisions = facts.provisions.items()
    needs = [need for need, provision in provisions if provision.provider != "hand"]
    return TableCell(str(len(needs)), -len(needs), ", ".join(needs))


def format_release_day(facts: FrameworkFacts, results: ComparedResults) -> TableCell | None:
    """Return the release day of the version."""
    day = facts.release_date
    return TableCell(day, -int(day.replace("-", ""))) if day else None


def format_pythons(facts: FrameworkFacts, results: ComparedResults) -> TableCell:
    """Return the versions of Python on which the app runs."""
    return TableCell(facts.python, None)


def format_licence(facts: FrameworkFacts, results: ComparedResults) -> TableCell | None:
    """Return the licence of the framework."""
    # SPDX's mark for a licence that is not on its list.
    name = facts.licence.removeprefix("LicenseRef-")
    return TableCell(name, None) if name else None


def format_first_reply(facts: FrameworkFacts, results: ComparedResults) -> TableCell | None:
    """Return the seconds from the start of the process to the first reply."""
    startup = (results.startup or {}).get(facts.name)
    if not startup:
        return None
    return TableCell(f"{startup.first_reply_seconds:.2f}", startup.first_reply_seconds)


def format_memory(facts: FrameworkFacts, results: ComparedResults) -> TableCell | None:
    """Return the memory, in MiB, of a process that has answered one request."""
    startup = (results.startup or {}).get(facts.name)
    return TableCell(f"{startup.rss_mib:.0f}", startup.rss_mib) if startup else None


def format_missed_clauses(facts: FrameworkFacts, results: ComparedResults) -> TableCell | None:
    """Return how many required clauses of standards the framework misses by default."""
    counts = count_missed_clauses(results.behaviour) if results.behaviour else {}
    return format_count(counts[facts.name]) if facts.name in counts else None


def format_menu_cost(facts: FrameworkFacts, results: ComparedResults) -> TableCell | None:
    """Return the cost of the menu page over the baseline, with half of its interval."""
    if not results.cost:
        return None
    cost = results.cost.pages.get("menu", {}).get(facts.name)
    if cost is None:
        return None
    words = format_added_cost(cost, facts.name, results.cost.baseline)
    return TableCell(words, cost.added_microseconds, cost.verdict)


def format_count(number: int) -> TableCell:
    """Return a cell for a count."""
    return TableCell(str(number), number)


PROVISIONS_MEANING = (
    f"how many of the site's {len(NEEDS)} needs the framework or an add-on provides"
)
UNKNOWN = "unknown"
COLUMNS = (
    Column("contract", "Contract", "clauses of the contract that the app meets", format_contract),
    Column("python", "Python", "lines of Python code in the app", format_python_lines),
    Column("templates", "Templates", "lines of templates in the app", format_template_lines),
    Column("branches", "Branches", "branches in the app's Python code", format_branches),
    Column("provisions", "Provides", PROVISIONS_MEANING, format_provisions),
    Column("packages", "Packages", "packages that the framework installs", format_packages),
    Column("megabytes", "MB", "size of these packages on disk", format_megabytes),
    Column("released", "Released", "release day of the version in use", format_release_day),
    Column(
        "pythons",
        "Pythons",
        "versions of Python on which the app runs",
        format_pythons,
        is_text=True,
    ),
    Column("licence", "Licence", "licence of the framework", format_licence, is_text=True),
    Column(
        "start",
        "Start, s",
        "seconds from the start of the process to the first correct reply",
        format_first_reply,
        UNKNOWN,
    ),
    Column(
        "memory", "MiB used", "memory of a process after the first reply", format_memory, UNKNOWN
    ),
    Column(
        "missed",
        "Missed",
        "required clauses of standards that the framework misses by default",
        format_missed_clauses,
        UNKNOWN,
    ),
    Column(
        "menu",
        "µs added",
        "time of the menu page above the baseline, ± half of a 99 % interval",
        format_menu_cost,
        UNKNOWN,
    ),
)


def build_table(
    results: ComparedResults,
) -> tuple[list[Column], list[tuple[FrameworkFacts, list[TableCell | None]]]]:
    """Return the columns that have at least one cell, and a row for each framework."""
    rows = [
        (facts, [column.make_cell(facts, results) for column in COLUMNS])
        for facts in results.frameworks.values()
    ]
    shown = [n for n in range(len(COLUMNS)) if any(cells[n] for _, cells in rows)]
    columns = [COLUMNS[n] for n in shown]
    return columns, [(facts, [cells[n] for n in shown]) for facts, cells in rows]
