"""Collect what a panel shows about one request."""

from collections.abc import Iterable, Mapping
from typing import Any

from bench.results.schema import LAYERS
from bench.workbench.exchanges import Exchange
from bench.workbench.outcomes import Outcome
from bench.workbench.panels import code, faults, journey, replies, rows
from bench.workbench.view import View
from bench.workbench.workbench import Workbench


def build_panel(workbench: Workbench, view: View, exchange: Exchange) -> dict[str, Any]:
    """Return the values of the panel that the view shows. Reads files."""
    outcomes = workbench.exchanges.read_outcomes(exchange.number)
    entry = workbench.journal.read(exchange.number - 1)
    sites = workbench.sites
    picked = [name for name in view.picked if name in outcomes]
    if view.panel == "faults":
        groups, problem = faults.build_groups(workbench)
        return {"groups": groups, "problem": problem}
    if view.panel == "rows":
        names = picked or [name for name in (exchange.stage,) if name in outcomes]
        shown = [(sites[name], outcomes[name]) for name in names]
        return {"shown": shown, "names": names, "describe_changes": rows.describe_changes}
    names = picked or choose_two(exchange, outcomes, sites)
    if view.panel == "code":
        lives = [(name, sites[name].live) for name in names]
        codes = [
            code.show_code(live.environment, exchange.feature, outcomes[name])
            for name, live in lives
            if live
        ]
        return {"shown": codes, "names": names}
    if view.panel == "journey":
        shown_calls = [(sites[name].environment.title, outcomes[name]) for name in names]
        charts = journey.build_charts(shown_calls)
        return {"charts": charts, "names": names, "layers": LAYERS}
    return {
        "rows": replies.build_rows(sites, exchange, outcomes),
        "pair": replies.compare_pair(entry, outcomes, tuple(picked)),
        "picked": picked,
    }


def choose_two(
    exchange: Exchange, outcomes: Mapping[str, Outcome], names: Iterable[str]
) -> list[str]:
    """Return the site on stage and another one that answered, one that differs if any does."""
    differing = [name for each in exchange.differences for name in each.sites]
    others = [name for name in (*differing, *names) if name != exchange.stage]
    return [name for name in (exchange.stage, *others) if name in outcomes][:2]
