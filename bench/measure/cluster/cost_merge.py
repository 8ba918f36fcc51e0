"""Merge the results of tasks on several machines into the part "cost" of results.json.

Ratios are paired within a task, so that launches on several machines count like launches on one
machine. Absolute times come from one machine alone: the machine with most launches of the page.
These keys are added to the part:

    machines    bench.core.machine.collect_facts() of each machine, as it was in one of its tasks
    absolute_time_machines  page: the index in machines of the machine with the absolute times
    tasks       [{"page", "launch", "machine": index in machines}, ...], one for each task
    databases   the names and versions of the databases
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec import convert
from msgspec.structs import replace

from bench.core.machine import Machine
from bench.measure.cluster.tasks import Task, TaskResult, collect_machines
from bench.measure.cost.interleaved_timing import Measurement
from bench.measure.cost.noise import noise_warnings
from bench.measure.cost.summary import median_time, summarize_measurement
from bench.measure.workload.entries import Testbed
from bench.measure.workload.scenarios import Page
from bench.results.schema import Cost, CostTask, Noise, PageCost
from bench.stats.pairwise import LaunchTimes, mean_ratio


@dataclass
class CostMerge:
    """The results of a measurement's tasks, by page."""

    testbed: Testbed
    pages: Sequence[Page]
    seed: int
    results_by_page: dict[str, list[TaskResult]]

    @classmethod
    def from_results(
        cls, testbed: Testbed, pages: Sequence[Page], seed: int,
        tasks: Sequence[Task], results: Mapping[str, TaskResult],
    ) -> "CostMerge":  # fmt: skip
        """Group the existing results by page, without pages that have fewer than two launches."""
        by_page: dict[str, list[TaskResult]] = {page.name: [] for page in pages}
        for task in tasks:
            if task.key in results:
                result = {"launch": task.inputs["launch"], **results[task.key]}
                by_page[task.inputs["page"]].append(result)
        enough = [page for page in pages if len(by_page[page.name]) > 1]
        return cls(testbed, enough, seed, {page.name: by_page[page.name] for page in enough})

    def build_part(self) -> Cost | None:
        """Return the part of results.json, None when no page has two launches."""
        if not self.pages:
            return None
        measurement, facts_by_machine = self.build_measurement(), self.collect_machines()
        part = summarize_measurement(measurement, self.summarize_noise())
        for page, results in self.results_by_page.items():
            main = self.find_main_machine(page)
            launches = [n for n, result in enumerate(results) if result["machine"]["id"] == main]
            set_absolute_times(part.pages[page], measurement.times[page], launches, part.baseline)
        machines = list(facts_by_machine)
        return replace(
            part,
            machine=facts_by_machine[machines[0]],
            machines=list(facts_by_machine.values()),
            absolute_time_machines={
                page: machines.index(self.find_main_machine(page)) for page in self.results_by_page
            },
            tasks=[
                CostTask(page, result["launch"], machines.index(result["machine"]["id"]))
                for page, results in self.results_by_page.items()
                for result in results
            ],
            databases=self.list_databases(),
        )

    def build_measurement(self) -> Measurement:
        """Return all launches as one measurement, without the entries that failed anywhere."""
        measurement = Measurement(self.testbed, self.pages, self.seed)
        measurement.launches = min(len(results) for results in self.results_by_page.values())
        for page in self.pages:
            times = measurement.times[page.name]
            for result in self.results_by_page[page.name]:
                for name, launches in result["found"]["times"].items():
                    times.setdefault(name, []).extend(launches)
            # The floor is timed only by the workers whose database is SQLite.
            for name, launches in list(times.items()):
                if len(launches) < len(self.results_by_page[page.name]):
                    del times[name]
        for page in self.pages:
            for result in self.results_by_page[page.name]:
                for name, reason in result["found"]["failed"].items():
                    measurement.exclude_entry((name, page.module), reason)
        return measurement

    def list_results(self) -> list[TaskResult]:
        """Return the results of all pages."""
        return [result for results in self.results_by_page.values() for result in results]

    def collect_machines(self) -> dict[str, Machine]:
        """Return the facts of each machine by the machine's id."""
        return collect_machines(self.list_results())

    def find_main_machine(self, page: str) -> str:
        """Return the id of the machine with most launches of a page."""
        counts = Counter(str(result["machine"]["id"]) for result in self.results_by_page[page])
        return counts.most_common(1)[0][0]

    def summarize_noise(self) -> Noise:
        """Return the worst noise of any task, and the warnings."""
        noises = [convert(result["found"]["noise"], Noise) for result in self.list_results()]
        databases = self.list_databases()
        steal = max(noise.steal_share for noise in noises)
        others = max(noise.other_processes_share for noise in noises)
        mixed = [f"the databases differ: {', '.join(databases)}"] if len(databases) > 1 else []
        return Noise(
            warnings=[*noise_warnings(steal, others), *mixed],
            steal_share=steal,
            other_processes_share=others,
            load_averages=max(noise.load_averages for noise in noises),
        )

    def list_databases(self) -> list[str]:
        """Return the names and versions of all databases."""
        return sorted({result["found"]["database"] for result in self.list_results()})


def set_absolute_times(
    costs: Mapping[str, PageCost],
    times: Mapping[str, LaunchTimes],
    launches: Sequence[int],
    baseline: str,
) -> None:
    """Set a page's absolute times to those of one machine's launches, given by their numbers."""
    selected = {name: [of_name[number] for number in launches] for name, of_name in times.items()}
    median = median_time(selected[baseline])
    for name, cost in costs.items():
        added = median * (mean_ratio(selected[name], selected[baseline]) - 1)
        cost.microseconds = round(median_time(selected[name]) / 1000, 2)
        cost.added_microseconds = round(added / 1000, 2)
