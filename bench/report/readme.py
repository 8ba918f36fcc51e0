"""Update the README's table from the results of the last run."""

import re

from bench.core.errors import CookoffError, DependencyError
from bench.core.paths import ROOT
from bench.frameworks.manifest import FrameworkRegistry
from bench.report.formatting import format_added_cost
from bench.results import store
from bench.results.schema import ComparedResults, Cost, FrameworkFacts
from bench.results.views import format_taught_clauses

README_FILE = ROOT / "README.md"
PICTURE_FILE = ROOT / "bench" / "report" / "readme.png"
ROW_PATTERN = re.compile(r"^\| \[([^\]]+)\]\(([^)]+)\)", re.MULTILINE)  # title and home
TABLE_PATTERN = re.compile(r"(<!-- table -->\n).*(<!-- end of table -->)", re.DOTALL)
TIMED_PAGE = "menu"


def require_cost(results: ComparedResults) -> None:
    """Raise DependencyError if the results lack the cost of a framework in the table."""
    cost = results.cost
    if not cost or TIMED_PAGE not in cost.pages:
        raise DependencyError(
            f"the results have no cost of {TIMED_PAGE}; run: cookoff cost --page {TIMED_PAGE}"
        )
    for name, facts in results.frameworks.items():
        taught = facts.contract.as_taught
        failed = facts.contract.failed or (taught and taught.failed) or name in cost.failed
        if name not in cost.pages[TIMED_PAGE] and not failed:
            raise DependencyError(
                f"the cost of {TIMED_PAGE} was measured without {name}; "
                f"run: cookoff cost --page {TIMED_PAGE}"
            )


def require_rows(text: str, results: ComparedResults, registry: FrameworkRegistry) -> None:
    """Raise DependencyError if the new table would lack a row of the present table.

    A row is identified by its framework's home page. The row of a framework that is no longer in
    apps/ may disappear.
    """
    table = TABLE_PATTERN.search(text)
    rows = ROW_PATTERN.findall(table[0]) if table else []
    homes = {facts.home for facts in results.frameworks.values()}
    known = {framework.home for framework in registry.frameworks.values()}
    missing = [
        title
        for title, home in rows
        if home not in homes and (home in known or registry.load_errors)
    ]
    if missing:
        raise DependencyError(
            f"README.md would lose the rows of {', '.join(missing)}, which are not in "
            f"{store.RESULTS_FILE}; run: cookoff compare"
        )


def insert_table(text: str, results: ComparedResults) -> str:
    """Return the README's text with the table of these results between its two marks.

    Raises CookoffError if the text lacks the marks.
    """
    if not TABLE_PATTERN.search(text):
        raise CookoffError(
            "README.md lacks the marks <!-- table --> and <!-- end of table -->; "
            "put both where the table belongs"
        )
    return TABLE_PATTERN.sub(lambda marks: marks[1] + format_table(results) + marks[2], text)


def format_table(results: ComparedResults) -> str:
    """Return a Markdown table with a row for each framework, and its explanation."""
    cost, machine = results.cost, results.machine
    assert cost  # require_cost() was called
    added_heading = f"µs over {cost.baseline}"
    head = ["Framework", "Contract", "As taught", "Python", "To harden", "Templates", "Packages"]
    head += ["MB", added_heading]
    lines = [head, ["---"] + ["---:"] * (len(head) - 1)]
    lines += [format_cells(facts, cost) for facts in results.frameworks.values()]
    rows = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    where = f"{machine.processor}, {machine.cores} cores, {machine.system}"
    return (
        f"{rows}\n\nContract: clauses that the hardened site meets. As taught: clauses that the "
        "site meets without its hardening.\nPython and templates: lines of code as taught. To "
        "harden: lines of hardening.py. Packages and MB: the framework and its dependencies.\n"
        "The last column: microseconds added to the "
        f"{TIMED_PAGE} page, ± half of the 99 % interval; tie means that no difference was shown; "
        f"the page's noise floor was {(cost.noise_floors[TIMED_PAGE] - 1) * 100:.1f} %.\n"
        f"{where}, {machine.python}, {results.created_at[:10]}.\n"
    )


def format_cells(facts: FrameworkFacts, cost: Cost) -> list[str]:
    """Return the cells of one framework's row."""
    name, code, contract = facts.name, facts.code, facts.contract
    return [
        f"[{facts.title}]({facts.home})",
        f"{contract.passed} of {contract.total}",
        format_taught_clauses(contract, " of ") or "unknown",
        str(code.python_lines),
        str(code.hardening_lines),
        str(code.template_lines),
        str(len(code.packages)),
        f"{code.megabytes:.1f}",
        format_added_cost(cost.pages[TIMED_PAGE].get(name), name, cost.baseline),
    ]
