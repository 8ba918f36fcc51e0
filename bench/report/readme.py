"""Do the README's table and picture say what the last run found?"""

import re
from collections.abc import Mapping
from typing import Any

from bench.core.errors import Missing, Trouble
from bench.core.paths import ROOT
from bench.frameworks.manifest import Shelf
from bench.report.formatting import added
from bench.results import store

README = ROOT / "README.md"
PICTURE = ROOT / "bench" / "report" / "readme.png"
ROW = re.compile(r"^\| \[([^\]]+)\]\(([^)]+)\)", re.MULTILINE)  # title and home
TABLE = re.compile(r"(<!-- table -->\n).*(<!-- end of table -->)", re.DOTALL)
PAGE = "menu"


def require_cost(found: Mapping[str, Any]) -> None:
    """Raise Missing where the results lack what the table says of time."""
    cost = found.get("cost") or {}
    if PAGE not in cost.get("pages", {}):
        raise Missing(f"the results have no cost of {PAGE}; run: cookoff cost --page {PAGE}")
    for name, one in found["frameworks"].items():
        failed = one["contract"]["failed"] or name in cost["failed"]
        if name not in cost["pages"][PAGE] and not failed:
            raise Missing(
                f"the cost of {PAGE} was measured without {name}; run: cookoff cost --page {PAGE}"
            )


def require_rows(text: str, found: Mapping[str, Any], shelf: Shelf) -> None:
    """Raise Missing where the new table would lack a row of the present one.

    A row leads to its framework's home; the row of a framework that left apps/ may go.
    """
    table = TABLE.search(text)
    rows = ROW.findall(table[0]) if table else []
    homes = {one["home"] for one in found["frameworks"].values()}
    known = {one.home for one in shelf.frameworks.values()}
    lost = [title for title, home in rows if home not in homes and (home in known or shelf.broken)]
    if lost:
        raise Missing(
            f"README.md would lose the rows of {', '.join(lost)}, which are not in "
            f"{store.FILE}; run: cookoff compare"
        )


def with_table(text: str, found: dict[str, Any]) -> str:
    """Return the README's text with the table of these results between its two marks."""
    if not TABLE.search(text):
        raise Trouble("README.md lacks the marks <!-- table --> and <!-- end of table -->")
    return TABLE.sub(lambda marks: marks[1] + table(found) + marks[2], text)


def table(found: dict[str, Any]) -> str:
    """Return a Markdown table, a row a framework, and the sentence that says where it is from."""
    cost, machine = found["cost"], found["machine"]
    over = f"µs over {cost['baseline']}"
    head = ["Framework", "Contract", "Python", "Templates", "Packages", "MB", over]
    lines = [head, ["---"] + ["---:"] * (len(head) - 1)]
    lines += [cells(one, cost) for one in found["frameworks"].values()]
    rows = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    where = f"{machine['processor']}, {machine['cores']} cores, {machine['system']}"
    return (
        f"{rows}\n\nContract: clauses met of all. Python and templates: lines of code. Packages "
        "and MB: what the framework pulls in.\nThe last column: microseconds added to the "
        f"{PAGE} page, ± half of the 99 % interval; a tie is no difference shown; the page's "
        f"noise floor was {(cost['floors'][PAGE] - 1) * 100:.1f} %.\n{where}, {machine['python']}, "
        f"{found['made'][:10]}.\n"
    )


def cells(one: dict[str, Any], cost: dict[str, Any]) -> list[str]:
    """Return the cells of one framework."""
    code, contract = one["code"], one["contract"]
    return [
        f"[{one['title']}]({one['home']})",
        f"{contract['passed']} of {contract['total']}",
        str(code["python_lines"]),
        str(code["template_lines"]),
        str(len(code["packages"])),
        f"{code['megabytes']:.1f}",
        added(cost["pages"][PAGE].get(one["name"]), one["name"], cost["baseline"]),
    ]
