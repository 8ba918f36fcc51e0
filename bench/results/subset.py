"""Select the results of some frameworks, as the pages of pairs show them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

from msgspec import UNSET
from msgspec.structs import replace

from bench.core.errors import DependencyError
from bench.results.schema import (
    FLOOR,
    PRERENDERED,
    Behaviour,
    ComparedResults,
    Cost,
    Hardening,
    JsonOutcome,
    Kata,
    PlainLinks,
    ProbeOutcome,
)
from bench.results.store import get_parts

PARTS_BY_NAME = ("startup",)
PARTS_BY_PAGE = ("calls", "calls_by_layer", "layer_times", "repeated_work", "scaling")
PARTS_WITH_FRAMEWORKS = ("limits", "traces")
LOAD_PARTS = ("closed_loop", "open_loop", "servers")
Value = TypeVar("Value")
Outcome = TypeVar("Outcome", ProbeOutcome, JsonOutcome)
PairedPart = TypeVar("PairedPart", Hardening, PlainLinks)


def select_results(results: ComparedResults, names: Sequence[str]) -> ComparedResults:
    """Return the results of these frameworks; raise DependencyError for a missing framework."""
    for name in names:
        if name not in results.frameworks:
            raise DependencyError(f"{name} is not in the results; run: cookoff compare")
    return replace(
        results,
        frameworks={name: results.frameworks[name] for name in names},
        skipped={},
        cost=select_costs(results.cost, names) if results.cost else results.cost,
        hardening=select_added_cost(results.hardening, names) if results.hardening else UNSET,
        plain_links=select_plain_links(results.plain_links, names)
        if results.plain_links
        else UNSET,
        katas=select_katas(results.katas, names) if results.katas else UNSET,
        behaviour=select_behaviour(results.behaviour, names) if results.behaviour else UNSET,
        **select_merged_parts(results, names),
        **dict.fromkeys(LOAD_PARTS, UNSET),
    )


def select_merged_parts(results: ComparedResults, names: Sequence[str]) -> dict[str, Any]:
    """Return the parts that measure each framework separately, for these frameworks."""
    selected: dict[str, Any] = {}
    for name, part in get_parts(results).items():
        if name in PARTS_BY_NAME:
            selected[name] = select_names(part, names)
        elif name in PARTS_BY_PAGE:
            selected[name] = {page: select_names(by_name, names) for page, by_name in part.items()}
        elif name in PARTS_WITH_FRAMEWORKS:
            selected[name] = replace(part, frameworks=select_names(part.frameworks, names))
    return selected


def drop_uncompared(results: ComparedResults) -> ComparedResults:
    """Return the results without findings about frameworks outside the comparison."""
    selected = select_results(results, list(results.frameworks))
    if selected.behaviour and results.behaviour:
        selected.behaviour.notes = results.behaviour.notes
    whole = ("skipped", "cost", *LOAD_PARTS)
    return replace(selected, **{part: getattr(results, part) for part in whole})


def select_names(by_name: Mapping[str, Value], names: Collection[str]) -> dict[str, Value]:
    """Return the entries of these names."""
    return {name: entry for name, entry in by_name.items() if name in names}


def select_costs(cost: Cost, names: Sequence[str]) -> Cost:
    """Return the costs of these frameworks, the baseline, the control and the floors."""
    entries = [*names, cost.baseline, cost.control, FLOOR, PRERENDERED]
    ties = {
        page: [[name for name in tie if name in names] for tie in groups]
        for page, groups in cost.ties.items()
    }
    return replace(
        cost,
        pages={page: select_names(costs, entries) for page, costs in cost.pages.items()},
        ties={page: [tie for tie in groups if len(tie) > 1] for page, groups in ties.items()},
        failed=select_names(cost.failed, names),
        faster_than={
            page: {
                name: [other for other in others if other in names]
                for name, others in select_names(slower, names).items()
            }
            for page, slower in cost.faster_than.items()
        },
        pairs={
            page: {
                name: select_names(others, names)
                for name, others in select_names(pairs, names).items()
            }
            for page, pairs in cost.pairs.items()
        },
    )


def select_added_cost(part: PairedPart, names: Sequence[str]) -> PairedPart:
    """Return what these frameworks' sites add to their variants."""
    pages = {page: select_names(costs, names) for page, costs in part.pages.items()}
    return replace(part, pages=pages)


def select_plain_links(part: PlainLinks, names: Sequence[str]) -> PlainLinks:
    """Return the cost of links by name of these frameworks."""
    written_out = [name for name in part.written_out if name in names]
    return replace(select_added_cost(part, names), written_out=written_out)


def select_katas(katas: Mapping[str, Kata], names: Sequence[str]) -> dict[str, Kata]:
    """Return the katas with the patches of these frameworks."""
    return {
        name: replace(kata, frameworks=select_names(kata.frameworks, names))
        for name, kata in katas.items()
    }


def select_behaviour(part: Behaviour, names: Sequence[str]) -> Behaviour:
    """Return the behaviour of these frameworks, with outcomes grouped among them."""
    probes = [
        replace(
            probe,
            outcomes=select_outcomes(probe.outcomes, names),
            evidence=select_names(probe.evidence, names),
            idioms=select_names(probe.idioms, names),
        )
        for probe in part.probes
    ]
    return replace(
        part,
        frameworks=select_names(part.frameworks, names),
        failed=select_names(part.failed, names),
        probes=probes,
        json=replace(part.json, outcomes=select_outcomes(part.json.outcomes, names)),
        notes=[],
    )


def select_outcomes(outcomes: Sequence[Outcome], names: Sequence[str]) -> list[Outcome]:
    """Return the outcomes that these frameworks have."""
    return [
        replace(outcome, frameworks=selected)
        for outcome in outcomes
        if (selected := [name for name in outcome.frameworks if name in names])
    ]
