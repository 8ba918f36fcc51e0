"""Build a page for each pair of frameworks: only what differs between the two."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from bench.frameworks.features import FEATURES, Feature
from bench.report.baselines import get_pair_interval
from bench.report.data import ReportData
from bench.report.hardening_section import find_groups
from bench.report.pages.behaviour_pages import build_probe_address
from bench.report.pages.page import Page, slugify
from bench.report.ranking import Criterion
from bench.results.schema import LevelCount, Provision, Ratio

SECTION = "compare/index.html"


@dataclass(frozen=True)
class Difference:
    """One thing that differs, with its text for each of the two, and a link to the evidence."""

    subject: str
    texts: Sequence[str]
    verdict: str = ""
    address: str = ""


def build_pages(data: ReportData) -> Iterator[Page]:
    """Yield the matrix of the pairs, and a page for each pair."""
    pairs = list(combinations(data.names, 2))
    addresses = [build_address(data, *pair) for pair in pairs]
    yield Page(
        SECTION,
        "pairs.html",
        "Two frameworks, side by side",
        "A page for each pair of frameworks: what differs in code, behaviour, cost and size.",
        {"names": data.names},
        section=SECTION,
    )
    for (first, second), address in zip(pairs, addresses, strict=True):
        yield build_page(data, first, second, address, addresses)


def build_address(data: ReportData, first: str, second: str) -> str:
    """Return the address of the page of a pair, whose order is that of the results."""
    ordered = sorted((first, second), key=data.names.index)
    return f"compare/{'-'.join(ordered)}.html"


def build_page(
    data: ReportData, first: str, second: str, address: str, addresses: list[str]
) -> Page:
    """Return the page of one pair."""
    titles = data.titles[first], data.titles[second]
    return Page(
        address,
        "pair.html",
        " and ".join(titles),
        f"What differs between {titles[0]} and {titles[1]}: code, behaviour, cost, size.",
        {
            "first": first,
            "second": second,
            "differences": {
                "In short": list(compare_criteria(data.criteria, data, first, second)),
                "Who provides what": list(compare_provisions(data, first, second)),
                "Hardening: clauses met as taught": list(compare_groups(data, first, second)),
                "Cost": list(compare_costs(data, first, second)),
                "Lines of each feature": list(compare_features(data, first, second)),
                "Default behaviour": list(compare_probes(data, first, second)),
            },
        },
        command=f"cookoff side-by-side {first} {second} --html pair.html",
        section=SECTION,
        sequence=addresses,
    )


def compare_criteria(
    criteria: list[Criterion], data: ReportData, first: str, second: str
) -> Iterator[Difference]:
    """Yield the criteria of the overview table with different cells."""
    cells = {row.facts.name: row.cells for row in data.overview}
    for criterion in criteria:
        column, ranks = criterion.column, criterion.ranks
        pair = cells[first][column.id], cells[second][column.id]
        texts = [cell.text if cell else "unknown" for cell in pair]
        if texts[0] != texts[1]:
            verdict = ""
            if first in ranks and second in ranks:
                verdict = "no difference shown"
                if ranks[first] != ranks[second]:
                    better = first if ranks[first] < ranks[second] else second
                    verdict = f"better: {data.titles[better]}"
            yield Difference(f"{column.heading}: {column.meaning}", texts, verdict, "index.html")


def compare_provisions(data: ReportData, first: str, second: str) -> Iterator[Difference]:
    """Yield the needs with different providers."""
    provisions = [data.results.frameworks[name].provisions for name in (first, second)]
    for need in dict.fromkeys([*provisions[0], *provisions[1]]):
        texts = [format_provision(each.get(need)) for each in provisions]
        if texts[0] != texts[1]:
            yield Difference(need, texts)


def format_provision(provision: Provision | None) -> str:
    """Return the provider of a need, and the lines of the app for this need, as text."""
    if provision is None:
        return "not declared"
    provider = "by hand" if provision.provider == "hand" else provision.provider
    lines = f", {provision.lines} line{'s' * (provision.lines != 1)}" if provision.lines else ""
    return provider + lines


def compare_groups(data: ReportData, first: str, second: str) -> Iterator[Difference]:
    """Yield the groups of clauses of which the sites as taught meet different numbers."""
    contracts = [data.results.frameworks[name].contract.as_taught for name in (first, second)]
    for group, title in find_groups(data.results).items():
        counts = [contract.levels.get(group) if contract else None for contract in contracts]
        texts = [format_count(count) for count in counts]
        if texts[0] != texts[1]:
            yield Difference(f"{group}: {title}", texts, address="hardening.html")


def format_count(count: LevelCount | None) -> str:
    """Return the clauses met of all clauses of a group, as text."""
    return f"{count.passed} of {count.clauses}" if count else "not asked"


def compare_costs(data: ReportData, first: str, second: str) -> Iterator[Difference]:
    """Yield the pages of which the measurement shows different times, with the ratio."""
    cost = data.results.cost
    for page, costs in cost.pages.items() if cost else ():
        pairs = cost.pairs.get(page, {}) if cost else {}
        faster = cost.faster_than.get(page, {}) if cost else {}
        if first in costs and second in costs and first in pairs and second in pairs:
            verdict = find_verdict(data, faster, first, second)
            if verdict:
                interval = get_pair_interval(pairs, second, first)
                texts = [f"{costs[name].microseconds:.0f} µs" for name in (first, second)]
                address = f"cost/{slugify(page)}.html"
                yield Difference(page, texts, f"{verdict}: {format_ratio(interval)}", address)


def find_verdict(data: ReportData, faster: dict[str, list[str]], first: str, second: str) -> str:
    """Return which of two frameworks is shown to be faster, "" if no difference is shown."""
    for name, other in ((first, second), (second, first)):
        if other in faster.get(name, ()):
            return f"{data.titles[name]} is faster"
    return ""


def format_ratio(interval: Ratio) -> str:
    """Return the second framework's time as a multiple of the first one's, with its interval."""
    bounds = f"99 %: {interval.low:.2f} to {interval.high:.2f}"
    return f"{interval.ratio:.2f} times as long in the second ({bounds})"


def compare_features(data: ReportData, first: str, second: str) -> Iterator[Difference]:
    """Yield the features with different numbers of lines."""
    frameworks = [data.results.frameworks[name] for name in (first, second)]
    lines = [{entry.id: entry.lines for entry in facts.code.features} for facts in frameworks]
    for feature in FEATURES:
        counts = [each.get(feature.id) for each in lines]
        if counts[0] != counts[1]:
            yield Difference(
                feature.sentence,
                [str(count) for count in counts],
                address=build_feature_address(feature, first, second),
            )


def build_feature_address(feature: Feature, first: str, second: str) -> str:
    """Return the address of a feature's page that shows these two frameworks."""
    return f"features/{feature.id}.html?show={first}+{second}"


def compare_probes(data: ReportData, first: str, second: str) -> Iterator[Difference]:
    """Yield the probes with different outcomes."""
    for group in data.probe_groups:
        for row in group.rows:
            outcomes = [row.find_cell(name) for name in (first, second)]
            if outcomes[0] and outcomes[1] and outcomes[0] != outcomes[1]:
                texts = [outcome.text for outcome in outcomes if outcome]
                yield Difference(row.sentence, texts, address=build_probe_address(row.id))
