"""What do the cells of several machines say together? The part "cost", as of one machine, and more.

Ratios are paired within a cell, so that launches of several machines count like those of one.
Absolute times are told from one machine alone, that with most of a page's launches. Added to the
part:

    machines    bench.core.machine.facts() of each machine, as it was in one of its cells
    told_by     page: the place in machines of the one that absolute times are from
    cells       [{"page", "launch", "machine": its place in machines}, ...]
    larder      the names and versions of the databases
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.measure.cluster.tasks import Task, TaskResult
from bench.measure.cost.interleaved_timing import Measurement
from bench.measure.cost.noise import noise_warnings
from bench.measure.cost.summary import median_time, summarize_measurement
from bench.measure.workload.entries import Testbed
from bench.measure.workload.scenarios import Page
from bench.stats.pairwise import LaunchTimes, mean_ratio


@dataclass
class CostMerge:
    """The cells of a measurement that have results, by page."""

    testbed: Testbed
    pages: Sequence[Page]
    seed: int
    results_by_page: dict[str, list[TaskResult]]

    @classmethod
    def from_results(
        cls, ground: Testbed, pages: Sequence[Page], seed: int,
        cells: Sequence[Task], results: Mapping[str, TaskResult],
    ) -> "CostMerge":  # fmt: skip
        """Return what is there of some cells; a page needs two launches to say anything."""
        found: dict[str, list[TaskResult]] = {page.name: [] for page in pages}
        for cell in cells:
            if cell.key in results:
                told = {"launch": cell.inputs["launch"], **results[cell.key]}
                found[cell.inputs["page"]].append(told)
        enough = [page for page in pages if len(found[page.name]) > 1]
        return cls(ground, enough, seed, {page.name: found[page.name] for page in enough})

    def build_part(self) -> dict[str, Any] | None:
        """Return the part of results.json, None where no page has two launches."""
        if not self.pages:
            return None
        measured, facts_by_machine = self.build_measurement(), self.collect_machines()
        told = summarize_measurement(measured, self.summarize_noise())
        for page, results in self.results_by_page.items():
            here = self.find_main_machine(page)
            alone = [place for place, one in enumerate(results) if one["machine"]["id"] == here]
            set_absolute_times(told["pages"][page], measured.times[page], alone, told["baseline"])
        places = list(facts_by_machine)
        return told | {
            "machine": facts_by_machine[places[0]],
            "machines": list(facts_by_machine.values()),
            "told_by": {
                page: places.index(self.find_main_machine(page)) for page in self.results_by_page
            },
            "cells": [
                {"page": page, "launch": one["launch"],
                 "machine": places.index(one["machine"]["id"])}
                for page, results in self.results_by_page.items() for one in results
            ],
            "larder": self.list_databases(),
        }  # fmt: skip

    def build_measurement(self) -> Measurement:
        """Return all launches as if one machine had made them, without those who ever failed."""
        measured = Measurement(self.testbed, self.pages, self.seed)
        measured.launches = min(len(results) for results in self.results_by_page.values())
        for page in self.pages:
            for one in self.results_by_page[page.name]:
                for name, launches in one["found"]["times"].items():
                    measured.times[page.name].setdefault(name, []).extend(launches)
            # The floor is timed where the larder is SQLite's.
            for name, launches in list(measured.times[page.name].items()):
                if len(launches) < len(self.results_by_page[page.name]):
                    del measured.times[page.name][name]
        for page in self.pages:
            for one in self.results_by_page[page.name]:
                for name, reason in one["found"]["failed"].items():
                    measured.exclude_entry((name, page.module), reason)
        return measured

    def list_results(self) -> list[TaskResult]:
        """Return every result."""
        return [one for results in self.results_by_page.values() for one in results]

    def collect_machines(self) -> dict[str, Any]:
        """Return the facts of each machine by its identity."""
        return {one["machine"]["id"]: one["machine"]["facts"] for one in self.list_results()}

    def find_main_machine(self, page: str) -> str:
        """Return the identity of the machine with most launches of a page."""
        seen = Counter(str(one["machine"]["id"]) for one in self.results_by_page[page])
        return seen.most_common(1)[0][0]

    def summarize_noise(self) -> dict[str, Any]:
        """Return the worst that any cell saw, and all that was complained of."""
        seen, databases = (
            [one["found"]["noise"] for one in self.list_results()],
            self.list_databases(),
        )
        worst = {what: max(one[what] for one in seen) for what in ("steal", "others", "load")}
        mixed = [f"the larders differed: {', '.join(databases)}"] if len(databases) > 1 else []
        return worst | {"noisy": [*noise_warnings(worst["steal"], worst["others"]), *mixed]}

    def list_databases(self) -> list[str]:
        """Return the names and versions of all databases."""
        return sorted({one["found"]["larder"] for one in self.list_results()})


def set_absolute_times(
    costs: Mapping[str, Any], times: Mapping[str, LaunchTimes], alone: Sequence[int], baseline: str
) -> None:
    """Put the absolute times of one machine's launches into a page's costs."""
    mine = {name: [launches[place] for place in alone] for name, launches in times.items()}
    middle = median_time(mine[baseline])
    for name, cost in costs.items():
        added = middle * (mean_ratio(mine[name], mine[baseline]) - 1)
        cost["microseconds"] = round(median_time(mine[name]) / 1000, 2)
        cost["added_microseconds"] = round(added / 1000, 2)
