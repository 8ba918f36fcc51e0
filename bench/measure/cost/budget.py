"""How much is measured, and when is it enough?"""

from dataclasses import dataclass

# Intervals are made of launches: with 3 of them Student's t is 9.9, with 4 it is 5.8, with 6
# it is 4.0. Where time is short, cycles go first.
MIN_LAUNCHES = 4
MAX_CYCLE_FACTOR = 5  # times the wanted number, where starting takes longer than measuring
BUDGET_SLACK = 1.1  # of the budget, so that the last of the wanted launches is not lost to a second
MAX_AA_DIFFERENCE = 1.02  # the twins' ratio beyond which the machine was too noisy


@dataclass(frozen=True)
class SamplingBudget:
    """Launches and cycles, and the seconds that may be spent on more where it was noisy."""

    launches: int = 5
    cycles: int = 20
    budget_seconds: float = 0.0
    more_if_noisy: bool = True

    def should_continue(self, done: int, noisy: bool, spent_seconds: float) -> bool:
        """Tell whether one more launch is worth it, after `done` of them in so many seconds.

        The least launches are always made. Within the budget the wanted number is, and beyond it
        more as long as the machine is noisy. Without a budget it is the wanted number exactly.
        """
        if done < min(MIN_LAUNCHES, self.launches):
            return True
        if not self.budget_seconds:
            return done < self.launches
        needed = spent_seconds * (done + 1) / max(done, 1)
        if done < self.launches:
            return needed <= self.budget_seconds * BUDGET_SLACK
        return noisy and self.more_if_noisy and needed <= self.budget_seconds

    def next_cycles(self, done: int, spent_seconds: float, last: "LaunchTiming") -> int:
        """Return the cycles of a launch after `done` of them, the last of which took so long.

        Measuring may take as long as starting, and is cut to half of the wanted cycles, no further,
        where the launches that are still wanted would not fit within the budget.
        """
        if not self.budget_seconds or not last.measurement_seconds:
            return self.cycles
        as_starting = round(last.startup_seconds / last.cycle_seconds)
        share = (self.budget_seconds - spent_seconds) / max(1, self.launches - done)
        fitting = (share - last.startup_seconds) / last.cycle_seconds
        wanted = min(max(self.cycles, as_starting), MAX_CYCLE_FACTOR * self.cycles)
        return max(self.cycles // 2, int(min(wanted, fitting)))


@dataclass(frozen=True)
class LaunchTiming:
    """What a launch took."""

    startup_seconds: float = 0.0
    measurement_seconds: float = 0.0
    cycles: int = 0

    @property
    def cycle_seconds(self) -> float:
        """Return what one cycle took."""
        return self.measurement_seconds / self.cycles


QUICK_BUDGET = SamplingBudget(launches=6, cycles=20, budget_seconds=90)
FULL_BUDGET = SamplingBudget(launches=8, cycles=80, budget_seconds=16 * 60)
