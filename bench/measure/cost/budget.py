"""Decide how many launches and cycles a measurement has, and when it has enough of them."""

from dataclasses import dataclass

# The launches are the sample of an interval: Student's t is 9.9 for 3 launches, 5.8 for 4 and 4.0
# for 6. When time is short, the cycles are cut before the launches.
MIN_LAUNCHES = 4
MAX_CYCLE_FACTOR = 5  # of the wanted cycles, when starting takes longer than measuring
BUDGET_SLACK = 1.1  # of the budget, so that one second too many does not cost the last launch
MAX_AA_DIFFERENCE = 1.02  # ratio of baseline and control above which the machine was too noisy


@dataclass(frozen=True)
class SamplingBudget:
    """The wanted launches and cycles, and the seconds for more launches on a noisy machine."""

    launches: int = 5
    cycles: int = 20
    budget_seconds: float = 0.0
    more_if_noisy: bool = True

    def should_continue(self, done: int, noisy: bool, spent_seconds: float) -> bool:
        """Return whether to run another launch after `done` launches in `spent_seconds`.

        The first MIN_LAUNCHES always run. With a budget, the wanted launches run while they fit in
        it, and further launches while the machine is noisy. Without a budget, exactly the wanted
        launches run.
        """
        if done < min(MIN_LAUNCHES, self.launches):
            return True
        if not self.budget_seconds:
            return done < self.launches
        needed_seconds = spent_seconds * (done + 1) / max(done, 1)
        if done < self.launches:
            return needed_seconds <= self.budget_seconds * BUDGET_SLACK
        return noisy and self.more_if_noisy and needed_seconds <= self.budget_seconds

    def next_cycles(self, done: int, spent_seconds: float, last: "LaunchTiming") -> int:
        """Return the cycles of the next launch, after `done` launches and the timing of the last.

        Measuring may take as long as starting. The cycles are cut, to half of the wanted number at
        most, when the remaining launches would otherwise not fit in the budget.
        """
        if not self.budget_seconds or not last.measurement_seconds:
            return self.cycles
        startup_cycles = round(last.startup_seconds / last.cycle_seconds)
        launch_seconds = (self.budget_seconds - spent_seconds) / max(1, self.launches - done)
        fitting_cycles = (launch_seconds - last.startup_seconds) / last.cycle_seconds
        wanted_cycles = min(max(self.cycles, startup_cycles), MAX_CYCLE_FACTOR * self.cycles)
        return max(self.cycles // 2, int(min(wanted_cycles, fitting_cycles)))


@dataclass(frozen=True)
class LaunchTiming:
    """The seconds that a launch took, and the number of its cycles."""

    startup_seconds: float = 0.0
    measurement_seconds: float = 0.0
    cycles: int = 0

    @property
    def cycle_seconds(self) -> float:
        """Return the seconds that a cycle took on average."""
        return self.measurement_seconds / self.cycles


QUICK_BUDGET = SamplingBudget(launches=6, cycles=20, budget_seconds=90)
FULL_BUDGET = SamplingBudget(launches=8, cycles=80, budget_seconds=16 * 60)
