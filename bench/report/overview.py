"""Build the overview table: ten criteria for each framework, with the value of each cell."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.frameworks.manifest import NEEDS
from bench.report.behaviour_section import count_missed_clauses
from bench.report.formatting import format_added_cost
from bench.report.template_time import split_cost
from bench.results.schema import ComparedResults, FrameworkFacts
from bench.results.views import count_taught_clauses

MENU = "menu"


@dataclass(frozen=True)
class TableCell:
    """A cell's text, and the number that its column compares; lower numbers are better."""

    text: str
    value: float
    note: str = ""  # shown when the reader points at the cell


@dataclass(frozen=True)
class Column:
    """A criterion: its heading, its meaning, the question it answers, and its cells."""

    id: str
    heading: str
    question: str
    meaning: str
    # Takes the facts of one framework, and all results.
    make_cell: Callable[[FrameworkFacts, ComparedResults], TableCell | None]


@dataclass(frozen=True)
class OverviewRow:
    """One framework with its cell in each column; None where the figure is unknown."""

    facts: FrameworkFacts
    cells: dict[str, TableCell | None]


def make_taught_cell(facts: FrameworkFacts, results: ComparedResults) -> TableCell | None:
    """Return the number of clauses that the site as taught meets."""
    count = count_taught_clauses(facts.contract)
    if count is None:
        return None
    return TableCell(f"{count.passed:,}", -count.passed, f"{count.passed} of {count.clauses}")


def make_lines_cell(facts: FrameworkFacts, results: ComparedResults) -> TableCell:
    """Return the lines of Python as taught, and those that harden the site."""
    taught, hardening = facts.code.python_lines, facts.code.hardening_lines
    return TableCell(
        f"{taught} + {hardening}", taught + hardening, f"{taught} as taught, {hardening} to harden"
    )


def make_provisions_cell(facts: FrameworkFacts, results: ComparedResults) -> TableCell:
    """Return how many needs of the site the framework or an add-on provides."""
    provisions = facts.provisions.items()
    needs = [need for need, provision in provisions if provision.provider != "hand"]
    return TableCell(f"{len(needs)} of {len(NEEDS)}", -len(needs), ", ".join(needs))


def make_packages_cell(facts: FrameworkFacts, results: ComparedResults) -> TableCell:
    """Return the number of installed packages, with their names and versions as the note."""
    packages = facts.code.packages
    names = ", ".join(f"{package.name} {package.version}" for package in packages)
    return TableCell(str(len(packages)), len(packages), names)


def make_size_cell(facts: FrameworkFacts, results: ComparedResults) -> TableCell:
    """Return the size of the installed packages in megabytes."""
    return TableCell(f"{facts.code.megabytes:.1f}", facts.code.megabytes)


def make_release_cell(facts: FrameworkFacts, results: ComparedResults) -> TableCell | None:
    """Return the release day of the version."""
    day = facts.release_date
    return TableCell(day, -float(day.replace("-", ""))) if day else None


def make_missed_cell(facts: FrameworkFacts, results: ComparedResults) -> TableCell | None:
    """Return how many required clauses of standards the framework misses by default."""
    counts = count_missed_clauses(results.behaviour) if results.behaviour else {}
    count = counts.get(facts.name)
    return None if count is None else TableCell(str(count), count)


def make_memory_cell(facts: FrameworkFacts, results: ComparedResults) -> TableCell | None:
    """Return the memory, in MiB, of a process that has answered one request."""
    startup = (results.startup or {}).get(facts.name)
    if not startup:
        return None
    seconds = f"first reply after {startup.first_reply_seconds:.2f} s"
    return TableCell(f"{startup.rss_mib:.0f}", startup.rss_mib, seconds)


def make_cost_cell(facts: FrameworkFacts, results: ComparedResults) -> TableCell | None:
    """Return the cost of the menu page over the baseline, with half of its interval."""
    if not results.cost:
        return None
    cost = results.cost.pages.get(MENU, {}).get(facts.name)
    if cost is None:
        return None
    words = format_added_cost(cost, facts.name, results.cost.baseline)
    return TableCell(words, cost.added_microseconds, cost.verdict)


def make_template_cell(facts: FrameworkFacts, results: ComparedResults) -> TableCell | None:
    """Return the estimated time of the menu page in templates, in microseconds."""
    parts = split_cost(results, MENU, facts.name)
    if parts is None:
        return None
    return TableCell(
        f"{parts.template:.0f}", parts.template, "measured by samples of the call stack"
    )


COLUMNS = (
    Column("lines", "Lines", "less code to write and read",
           "lines of Python: the site as taught + its hardening", make_lines_cell),
    Column("taught", "As taught", "more of the contract without extra code",
           "clauses that the site meets without its hardening", make_taught_cell),
    Column("provisions", "Provides", "more needs provided by the framework",
           f"how many of the site's {len(NEEDS)} needs the framework or an add-on provides",
           make_provisions_cell),
    Column("missed", "Missed", "safe defaults: fewer missed clauses of standards",
           "required clauses of standards that the framework misses by default", make_missed_cell),
    Column("packages", "Packages", "fewer packages to trust and update",
           "packages that the framework installs", make_packages_cell),
    Column("megabytes", "MB", "a smaller installation", "size of these packages on disk",
           make_size_cell),
    Column("released", "Released", "upkeep: a newer release",
           "release day of the version in use", make_release_cell),
    Column("memory", "MiB", "less memory", "memory of a process after the first reply",
           make_memory_cell),
    Column("menu", "µs added", "less time added to a page",
           "time of the menu page over the baseline, templates included, ± half of a 99 % interval",
           make_cost_cell),
    Column("template", "µs in templates", "less time in templates",
           "time of the menu page in templates, measured by samples of the call stack",
           make_template_cell),
)  # fmt: skip


def build_rows(results: ComparedResults) -> list[OverviewRow]:
    """Return a row for each framework."""
    return [
        OverviewRow(facts, {column.id: column.make_cell(facts, results) for column in COLUMNS})
        for facts in results.frameworks.values()
    ]


def find_columns(rows: list[OverviewRow]) -> list[Column]:
    """Return the columns that have at least one known cell."""
    return [column for column in COLUMNS if any(row.cells[column.id] for row in rows)]
