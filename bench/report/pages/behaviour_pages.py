"""Build the pages of default behaviour: a grid for each group, and a page for each probe."""

from collections.abc import Iterator, Sequence

from bench.report.behaviour_section import GRID_SIGNS, ProbeGroup, ProbeRow, count_missed_by_group
from bench.report.data import ReportData
from bench.report.pages.page import Page, slugify

SECTION = "behaviour/index.html"


def build_probe_address(id: str) -> str:
    """Return the address of the page of a probe."""
    return f"probes/{slugify(id)}.html"


def build_group_address(group: ProbeGroup) -> str:
    """Return the address of the page of a group."""
    return f"behaviour/{slugify(group.id)}.html"


def build_pages(data: ReportData) -> Iterator[Page]:
    """Yield the first page of the section, a page for each group, and a page for each probe."""
    part = data.results.behaviour
    groups = [(group, build_group_address(group)) for group in data.probe_groups]
    addresses = [address for _, address in groups]
    missed = count_missed_by_group(part) if part else {}
    yield Page(
        SECTION,
        "behaviour.html",
        "What each framework does by default",
        "Probes of default behaviour: where frameworks differ, and where they miss a standard.",
        {
            "groups": groups,
            "missed": missed,
            "names": data.names,
            "probes": find_probe_titles(data),
        },
        command="cookoff behaviour",
        section=SECTION,
    )
    for group, address in groups:
        yield build_group_page(data, group, address, addresses)
        probes = [build_probe_address(row.id) for row in group.rows]
        for row, probe in zip(group.rows, probes, strict=True):
            yield build_probe_page(row, group, address, probe, probes)


def find_probe_titles(data: ReportData) -> dict[str, str]:
    """Return the address of the page of each probe by the probe's id."""
    return {
        row.id: build_probe_address(row.id) for group in data.probe_groups for row in group.rows
    }


def build_group_page(
    data: ReportData, group: ProbeGroup, address: str, addresses: Sequence[str]
) -> Page:
    """Return the page of a group: a grid of probes by frameworks."""
    return Page(
        address,
        "probe_group.html",
        group.title,
        f"{len(group.differing_rows)} of {len(group.rows)} probes differ between the frameworks.",
        {
            "group": group,
            "names": [
                name for name in data.names if any(row.find_cell(name) for row in group.rows)
            ],
            "signs": GRID_SIGNS,
            "find_address": build_probe_address,
        },
        command="cookoff behaviour",
        section=SECTION,
        sequence=addresses,
    )


def build_probe_page(
    row: ProbeRow, group: ProbeGroup, group_address: str, address: str, addresses: Sequence[str]
) -> Page:
    """Return the page of a probe: the outcomes, the request and the replies."""
    return Page(
        address,
        "probe.html",
        row.sentence,
        f"A probe of the group {group.title}: the request, and each framework's reply.",
        {"row": row, "group": group, "group_address": group_address},
        command=row.command,
        section=SECTION,
        sequence=addresses,
    )
