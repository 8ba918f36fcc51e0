"""Do the README's table and picture say what the last run found?"""

import re
from collections.abc import Mapping
from typing import Any

import click

from bench import results
from bench.places import ROOT, Places
from bench.troubles import Trouble

README = ROOT / "README.md"
PICTURE = ROOT / "bench" / "site.png"
TABLE = re.compile(r"(<!-- table -->\n).*(<!-- end of table -->)", re.DOTALL)
PAGE = "menu"
TIE = "no difference shown"


@click.command()
def command() -> None:
    """Write the README's table and picture anew, from the results on disk."""
    from bench import picture

    found = results.read()
    text = README.read_text(encoding="utf-8")
    README.write_text(with_table(text, found), encoding="utf-8")
    click.echo(f"written: {README}")
    try:
        picture.take(found, Places.from_environ(), PICTURE)
    except Trouble:
        click.echo(f"left as it is: {PICTURE}", err=True)
        raise
    click.echo(f"written: {PICTURE}")


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


def added(cost: Mapping[str, Any] | None, name: str, baseline: str) -> str:
    """Return what a page costs over the baseline, or that no difference was shown."""
    if cost is None:
        return "not timed"
    if name == baseline:
        return "baseline"
    if cost["verdict"] == TIE:
        return "tie"
    floor = cost["microseconds"] / cost["ratio"]
    return f"{cost['added_microseconds']:+.0f} ± {floor * (cost['high'] - cost['low']) / 2:.0f}"
