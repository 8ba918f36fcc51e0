"""Measure the time and the calls that links by name add to the menu.

Frameworks whose tutorials build links by name enter twice in one interleaved run: the site under
the framework's name, and a copy of it whose templates have the paths written out. plain_links.toml
in the app's folder lists the links of the menu's templates:

    call = "url_for("               the text that no template may have after the replacement
    [[links]]
    file = "templates/layout.html"
    link = "{{ url_for('site.show_menu') }}"
    path = "/"
    count = 2                       how often the link occurs in the file; default: 1

The part "plain_links" has the settings of the run and

    written_out     names of the frameworks whose links are written out: they have no such file
    pages           {"menu": {name: {
        "plain_microseconds"        median time of a request, with the paths written out
        "added_microseconds"        by links by name, with "added_low" and "added_high", the bounds
                                    of the 99 % confidence interval
        "ratio", "low", "high"      of the site to the copy
        "verdict"                   "slower", "faster" or "not decided"
        "plain_calls"               calls of functions in the application, of the copy
        "added_calls"}}}            by links by name; both null when the calls were not counted
"""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
from msgspec.structs import asdict

from bench.core.errors import CookoffError, UsageError
from bench.core.progress import Progress
from bench.core.toml_files import Text, TomlFile
from bench.core.words import format_count
from bench.frameworks.app_files import read_text
from bench.frameworks.environments import Environment
from bench.frameworks.manifest import PLAIN_LINKS_FILE, Framework
from bench.measure.cost.budget import SamplingBudget
from bench.measure.cost.call_counts import prepared_worker, sort_by_name
from bench.measure.cost.interleaved_timing import Measurement
from bench.measure.cost.site_variants import (
    CallsByPage,
    Comparison,
    compare_variants,
    describe_run,
    measure_variants,
)
from bench.measure.workload.entries import Entry, Testbed
from bench.measure.workload.scenarios import Page
from bench.results.schema import PLAIN_SUFFIX, LinkCost, Noise, PlainLinks, Results

PAGE_NAME = "menu"  # plain_links.toml lists the links of its templates


class LinkTableError(CookoffError):
    """A plain_links.toml that cannot be used; the message names the file and the cause."""


class Link(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A link by name in a template, and the path that it stands for."""

    file: Text
    link: Text
    path: str
    count: int = 1


class LinkTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys of a plain_links.toml."""

    call: Text
    links: tuple[Link, ...]


def has_links_by_name(framework: Framework) -> bool:
    """Return whether the app's templates build links by name."""
    return (framework.folder / PLAIN_LINKS_FILE).exists()


def measure_plain_links(
    testbed: Testbed, progress: Progress, pages: Sequence[Page], budget: SamplingBudget, seed: int
) -> Results:
    """Return the part "plain_links" for every framework whose templates build links by name.

    Raises UsageError without such a framework, LinkTableError for a table that does not fit the
    templates, and CookoffError when the menu of a copy differs in a byte. An interrupted run writes
    the finished launches to results.json, without calls.
    """
    names = [environment.framework.name for environment in testbed.environments]
    by_name = [each for each in testbed.environments if has_links_by_name(each.framework)]
    if not by_name:
        raise UsageError(f"no links by name in {', '.join(names)}: nothing to measure")
    plain = {each.framework.name: build_plain_entry(testbed, each) for each in by_name}
    for environment in by_name:
        check_bytes(testbed, environment, plain[environment.framework.name], pages)
    measured = [
        each
        for each in testbed.environments
        if each.framework.name in plain or each.framework.name == testbed.baseline
    ]
    written_out = [name for name in names if name not in plain]
    return measure_variants(
        replace(testbed, environments=measured, variants=plain),
        progress,
        pages,
        budget,
        seed,
        lambda measurement, noise, calls: Results(
            plain_links=summarize_plain_links(measurement, noise, calls, written_out)
        ),
    )


def build_plain_entry(testbed: Testbed, environment: Environment) -> Entry:
    """Return the entry of a copy of a framework's site with the paths written out."""
    framework = environment.framework
    folder = testbed.photos_folder.parent / "plain_links" / framework.name
    write_plain_copy(framework, folder)
    copied = replace(environment, framework=replace(framework, folder=folder))
    return testbed.build_entry(copied, framework.name + PLAIN_SUFFIX)


def write_plain_copy(framework: Framework, folder: Path) -> None:
    """Copy an app, and write out the paths in the copy's templates.

    Raises LinkTableError for a link that does not occur as often as the table says, and for a file
    that still builds a link by name.
    """
    file = TomlFile.read(framework.folder / PLAIN_LINKS_FILE, LinkTableError)
    table = file.convert(file.content, LinkTable)
    shutil.copytree(framework.folder, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for number, link in enumerate(table.links):
        template = folder / link.file
        text = read_text(template)
        if (count := text.count(link.link)) != link.count:
            times = format_count(count, "time")
            reason = f"{link.link!r} occurs {times} in {link.file}, not {link.count}"
            raise file.build_error(f"links[{number}].link", f"{reason}; correct the table")
        template.write_text(text.replace(link.link, link.path), encoding="utf-8")
    for name in sorted({link.file for link in table.links}):
        if table.call in read_text(folder / name):
            reason = f"{name} has more links with {table.call!r}; add them to the table"
            raise file.build_error("call", reason)


def check_bytes(
    testbed: Testbed, environment: Environment, plain: Entry, pages: Sequence[Page]
) -> None:
    """Raise CookoffError unless the copy sends the same bytes as the site."""
    site = testbed.build_entry(environment, environment.framework.name)
    bodies = []
    for entry in (site, plain):
        with prepared_worker(testbed, entry, pages) as worker:
            bodies.append([worker.call_once(page.build_request(worker)).body for page in pages])
    for page, body, plain_body in zip(pages, *bodies, strict=True):
        if body != plain_body:
            raise CookoffError(
                f"{plain.name}: the {page.name} differs from the site's; correct {PLAIN_LINKS_FILE}"
            )


def summarize_plain_links(
    measurement: Measurement, noise: Noise, calls: CallsByPage, written_out: Sequence[str]
) -> PlainLinks:
    """Return the part "plain_links" for a measurement of two or more launches."""
    compared = compare_variants(measurement, PLAIN_SUFFIX, calls)
    pages = {
        page: {name: build_cost(each) for name, each in by_name.items()}
        for page, by_name in compared.items()
    }
    return PlainLinks(
        **asdict(describe_run(measurement, noise)),
        written_out=list(written_out),
        pages=sort_by_name(pages),
    )


def build_cost(compared: Comparison) -> LinkCost:
    """Return the cost of links by name, from the comparison with the copy."""
    return LinkCost(
        **asdict(compared.added),
        plain_microseconds=compared.variant_microseconds,
        plain_calls=compared.variant_calls,
    )
