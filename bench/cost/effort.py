"""How much is measured, and when is it enough?"""

from dataclasses import dataclass

LEAST_LAUNCHES = 3  # fewer make intervals too wide to say anything
TWINS_APART = 1.02  # the twins' ratio beyond which the machine was too noisy


@dataclass(frozen=True)
class Effort:
    """Launches and cycles, and the seconds that may be spent on more where it was noisy."""

    launches: int = 5
    cycles: int = 20
    budget_seconds: float = 0.0

    def goes_on(self, done: int, noisy: bool, spent_seconds: float) -> bool:
        """Tell whether one more launch is worth it, after `done` of them in so many seconds.

        The least launches are always made. Within the budget the wanted number is, and beyond it
        more as long as the machine is noisy. Without a budget it is the wanted number exactly.
        """
        if done < min(LEAST_LAUNCHES, self.launches):
            return True
        if not self.budget_seconds:
            return done < self.launches
        fits = spent_seconds * (done + 1) / max(done, 1) <= self.budget_seconds
        return fits and (noisy or done < self.launches)


QUICK = Effort(launches=6, cycles=20, budget_seconds=70)
FULL = Effort(launches=8, cycles=80, budget_seconds=18 * 60)
