"""Do the README's table and picture say what the last run found?"""

import re
from collections.abc import Mapping
from typing import Any

from bench.core.errors import CookoffError, DependencyError
from bench.core.paths import ROOT
from bench.frameworks.manifest import FrameworkRegistry
from bench.report.formatting import format_added_cost
from bench.results import store

README_FILE = ROOT / "README.md"
PICTURE_FILE = ROOT / "bench" / "report" / "readme.png"
ROW_PATTERN = re.compile(r"^\| \[([^\]]+)\]\(([^)]+)\)", re.MULTILINE)  # title and home
TABLE_PATTERN = re.compile(r"(<!-- table -->\n).*(<!-- end of table -->)", re.DOTALL)
TIMED_PAGE = "menu"


def require_cost(found: Mapping[str, Any]) -> None:
    """Raise Missing where the results lack what the table says of time."""
    cost = found.get("cost") or {}
    if TIMED_PAGE not in cost.get("pages", {}):
        raise DependencyError(
            f"the results have no cost of {TIMED_PAGE}; run: cookoff cost --page {TIMED_PAGE}"
        )
    for name, one in found["frameworks"].items():
        failed = one["contract"]["failed"] or name in cost["failed"]
        if name not in cost["pages"][TIMED_PAGE] and not failed:
            raise DependencyError(
                f"the cost of {TIMED_PAGE} was measured without {name}; "
                f"run: cookoff cost --page {TIMED_PAGE}"
            )


def require_rows(text: str, found: Mapping[str, Any], shelf: FrameworkRegistry) -> None:
    """Raise Missing where the new table would lack a row of the present one.

    A row leads to its framework's home; the row of a framework that left apps/ may go.
    """
    table = TABLE_PATTERN.search(text)
    rows = ROW_PATTERN.findall(table[0]) if table else []
    homes = {one["home"] for one in found["frameworks"].values()}
    known = {one.home for one in shelf.frameworks.values()}
    lost = [
        title for title, home in rows if home not in homes and (home in known or shelf.load_errors)
    ]
    if lost:
        raise DependencyError(
            f"README.md would lose the rows of {', '.join(lost)}, which are not in "
            f"{store.RESULTS_FILE}; run: cookoff compare"
        )


def insert_table(text: str, found: dict[str, Any]) -> str:
    """Return the README's text with the table of these results between its two marks."""
    if not TABLE_PATTERN.search(text):
        raise CookoffError("README.md lacks the marks <!-- table --> and <!-- end of table -->")
    return TABLE_PATTERN.sub(lambda marks: marks[1] + format_table(found) + marks[2], text)


def format_table(found: dict[str, Any]) -> str:
    """Return a Markdown table, a row a framework, and the sentence that says where it is from."""
    cost, machine = found["cost"], found["machine"]
    over = f"µs over {cost['baseline']}"
    head = ["Framework", "Contract", "Python", "Templates", "Packages", "MB", over]
    lines = [head, ["---"] + ["---:"] * (len(head) - 1)]
    lines += [format_cells(one, cost) for one in found["frameworks"].values()]
    rows = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    where = f"{machine['processor']}, {machine['cores']} cores, {machine['system']}"
    return (
        f"{rows}\n\nContract: clauses met of all. Python and templates: lines of code. Packages "
        "and MB: what the framework pulls in.\nThe last column: microseconds added to the "
        f"{TIMED_PAGE} page, ± half of the 99 % interval; a tie is no difference shown; the page's "
        f"noise floor was {(cost['floors'][TIMED_PAGE] - 1) * 100:.1f} %.\n"
        f"{where}, {machine['python']}, "
        f"{found['made'][:10]}.\n"
    )


def format_cells(one: dict[str, Any], cost: dict[str, Any]) -> list[str]:
    """Return the cells of one framework."""
    code, contract = one["code"], one["contract"]
    return [
        f"[{one['title']}]({one['home']})",
        f"{contract['passed']} of {contract['total']}",
        str(code["python_lines"]),
        str(code["template_lines"]),
        str(len(code["packages"])),
        f"{code['megabytes']:.1f}",
        format_added_cost(
            cost["pages"][TIMED_PAGE].get(one["name"]), one["name"], cost["baseline"]
        ),
    ]
