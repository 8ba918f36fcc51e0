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

from bench.measure.cluster.tasks import Cell, Result
from bench.measure.cost.interleaved_timing import Measurement
from bench.measure.cost.noise import complaints
from bench.measure.cost.summary import middle_of, summary
from bench.measure.workload.entries import Ground
from bench.measure.workload.scenarios import Page
from bench.stats.pairwise import Launches, ratio


@dataclass
class Gathered:
    """The cells of a measurement that have results, by page."""

    ground: Ground
    pages: Sequence[Page]
    seed: int
    found: dict[str, list[Result]]

    @classmethod
    def of(
        cls, ground: Ground, pages: Sequence[Page], seed: int,
        cells: Sequence[Cell], results: Mapping[str, Result],
    ) -> "Gathered":  # fmt: skip
        """Return what is there of some cells; a page needs two launches to say anything."""
        found: dict[str, list[Result]] = {page.name: [] for page in pages}
        for cell in cells:
            if cell.key in results:
                told = {"launch": cell.inputs["launch"], **results[cell.key]}
                found[cell.inputs["page"]].append(told)
        enough = [page for page in pages if len(found[page.name]) > 1]
        return cls(ground, enough, seed, {page.name: found[page.name] for page in enough})

    def summary(self) -> dict[str, Any] | None:
        """Return the part of results.json, None where no page has two launches."""
        if not self.pages:
            return None
        measured, machines = self.measurement(), self.machines()
        told = summary(measured, self.noise())
        for page, results in self.found.items():
            here = self.told_by(page)
            alone = [place for place, one in enumerate(results) if one["machine"]["id"] == here]
            tell_of_one_machine(told["pages"][page], measured.times[page], alone, told["baseline"])
        places = list(machines)
        return told | {
            "machine": machines[places[0]],
            "machines": list(machines.values()),
            "told_by": {page: places.index(self.told_by(page)) for page in self.found},
            "cells": [
                {"page": page, "launch": one["launch"],
                 "machine": places.index(one["machine"]["id"])}
                for page, results in self.found.items() for one in results
            ],
            "larder": self.larders(),
        }  # fmt: skip

    def measurement(self) -> Measurement:
        """Return all launches as if one machine had made them, without those who ever failed."""
        measured = Measurement(self.ground, self.pages, self.seed)
        measured.launches = min(len(results) for results in self.found.values())
        for page in self.pages:
            for one in self.found[page.name]:
                for name, launches in one["found"]["times"].items():
                    measured.times[page.name].setdefault(name, []).extend(launches)
            # The floor is timed where the larder is SQLite's.
            for name, launches in list(measured.times[page.name].items()):
                if len(launches) < len(self.found[page.name]):
                    del measured.times[page.name][name]
        for page in self.pages:
            for one in self.found[page.name]:
                for name, reason in one["found"]["failed"].items():
                    measured.leave_out((name, page.module), reason)
        return measured

    def all(self) -> list[Result]:
        """Return every result."""
        return [one for results in self.found.values() for one in results]

    def machines(self) -> dict[str, Any]:
        """Return the facts of each machine by its identity."""
        return {one["machine"]["id"]: one["machine"]["facts"] for one in self.all()}

    def told_by(self, page: str) -> str:
        """Return the identity of the machine with most launches of a page."""
        seen = Counter(str(one["machine"]["id"]) for one in self.found[page])
        return seen.most_common(1)[0][0]

    def noise(self) -> dict[str, Any]:
        """Return the worst that any cell saw, and all that was complained of."""
        seen, larders = [one["found"]["noise"] for one in self.all()], self.larders()
        worst = {what: max(one[what] for one in seen) for what in ("steal", "others", "load")}
        mixed = [f"the larders differed: {', '.join(larders)}"] if len(larders) > 1 else []
        return worst | {"noisy": [*complaints(worst["steal"], worst["others"]), *mixed]}

    def larders(self) -> list[str]:
        """Return the names and versions of all databases."""
        return sorted({one["found"]["larder"] for one in self.all()})


def tell_of_one_machine(
    costs: Mapping[str, Any], times: Mapping[str, Launches], alone: Sequence[int], baseline: str
) -> None:
    """Put the absolute times of one machine's launches into a page's costs."""
    mine = {name: [launches[place] for place in alone] for name, launches in times.items()}
    middle = middle_of(mine[baseline])
    for name, cost in costs.items():
        added = middle * (ratio(mine[name], mine[baseline]) - 1)
        cost["microseconds"] = round(middle_of(mine[name]) / 1000, 2)
        cost["added_microseconds"] = round(added / 1000, 2)
