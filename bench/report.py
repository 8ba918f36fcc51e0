"""What does the reader see? report/index.html, made from report/results.json alone."""

from pathlib import Path
from typing import Any

import click
from jinja2 import Environment, PackageLoader

from bench import results
from bench.forest import forest

FILE = results.FILE.with_name("index.html")


@click.command()
def command() -> None:
    """Write the report again from the results on disk."""
    click.echo(f"report: {write()}")


def write(file: Path = FILE) -> Path:
    """Write the page and return its path; raise Missing or Damaged without usable results."""
    page = render(results.read())
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(page, encoding="utf-8")
    return file


def render(found: dict[str, Any]) -> str:
    """Return the page for these results: the same bytes for the same results."""
    pages = Environment(loader=PackageLoader("bench"), autoescape=True, trim_blocks=True)
    return pages.get_template("report.html").render(
        found,
        rows=[row(one, found["cost"]) for one in found["frameworks"].values()],
        pages=cost_pages(found["cost"]),
        failing={
            one["title"]: one["contract"]["failed"]
            for one in found["frameworks"].values()
            if one["contract"]["failed"]
        },
    )


def row(one: dict[str, Any], cost: dict[str, Any] | None) -> dict[str, Any]:
    """Return one framework's row at a glance."""
    menu = cost["pages"]["menu"].get(one["name"]) if cost else None
    code, contract = one["code"], one["contract"]
    return {
        "title": one["title"],
        "met": f"{contract['passed']} of {contract['total']}",
        "deviations": len(one["deviations"]),
        "python_lines": code["python_lines"],
        "template_lines": code["template_lines"],
        "branches": code["branches"],
        "packages": len(code["packages"]),
        "megabytes": f"{code['megabytes']:.1f}",
        "added": f"{menu['added_microseconds']:+.0f}" if menu else "not timed",
    }


def cost_pages(cost: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return each page's costs, the quickest framework first, and its plot."""
    pages = []
    for name, costs in (cost["pages"] if cost else {}).items():
        ordered = dict(sorted(costs.items(), key=lambda item: item[1]["ratio"]))
        plot = forest(ordered, f"Cost of {name}, as ratios with 99 % intervals")
        pages.append({"name": name, "costs": list(ordered.items()), "plot": plot})
    return pages
