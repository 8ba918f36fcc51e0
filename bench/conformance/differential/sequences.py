"""How are random journeys made and taken by all sites, until they differ or it is far enough?

hypothesis draws the journeys; one that shows a difference is cut short by
bench.conformance.differential.shrink.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st

from bench.conformance.differential.actions import (
    api,
    api_changes,
    authentication,
    browsing,
    invalid_requests,
    ordering,
    reviews,
    staff,
)
from bench.conformance.differential.actions.registry import REGISTERED_ACTIONS, Choice
from bench.conformance.differential.differences import Difference, DifferenceKey, find_differences
from bench.conformance.differential.expected import Step
from bench.conformance.differential.model import SiteModel
from bench.conformance.differential.sites import Sites

MODULES = (
    browsing,
    api_changes,
    ordering,
    api,
    reviews,
    authentication,
    staff,
    invalid_requests,
)  # they enter the actions
ACTIONS_PER_SEQUENCE = 25  # of a journey; each is one request to four
ANY_CHOICE = st.one_of(
    [st.fixed_dictionaries(one.arguments).map(partial(Choice, one)) for one in REGISTERED_ACTIONS]
)


class MismatchFound(Exception):
    """The sites differ: how, and the journey that shows it, as it was chosen and as it was sent."""

    def __init__(
        self, differences: Sequence[Difference], choices: Sequence[Choice], steps: Sequence[Step]
    ) -> None:
        super().__init__("; ".join(one.format_line() for one in differences))
        self.differences, self.choices, self.steps = differences, list(choices), list(steps)

    @property
    def key(self) -> DifferenceKey:
        """Return what tells this find from others."""
        return self.differences[0].key


class ActionSequence:
    """One journey of all sites beside the model, from a new larder on."""

    def __init__(self, sites: Sites, known_keys: frozenset[DifferenceKey] = frozenset()) -> None:
        sites.reset()
        self.sites, self.known_keys = sites, known_keys
        self.model = SiteModel.from_seed(sites.seed)
        self.choices: list[Choice] = []
        self.steps: list[Step] = []

    def run_choice(self, choice: Choice, should_continue: Callable[[str], bool]) -> None:
        """Take the steps of one choice while told says to go on; raise Found."""
        self.choices.append(choice)
        for step in choice.action.generate_steps(self.model, **choice.arguments):
            if not should_continue(step.action):
                return
            self.steps.append(step)
            found = list(find_differences(step, self.sites.send_request(step.request)))
            if new := [one for one in found if one.key not in self.known_keys]:
                old = [one for one in found if one.key in self.known_keys]
                raise MismatchFound([*new, *old], self.choices, self.steps)


class StepBudgetReached(BaseException):
    """The walk is over. No Exception: hypothesis would take that for a failing test."""


class Walk:
    """One walk: how far it goes, how far it is, and what it has found."""

    def __init__(
        self,
        sites: Sites,
        max_steps: int,
        on_progress: Callable[[str], None] = lambda line: None,
        known_keys: frozenset[DifferenceKey] = frozenset(),
    ) -> None:
        self.sites, self.max_steps, self.on_progress, self.known_keys = (
            sites,
            max_steps,
            on_progress,
            known_keys,
        )
        self.step_count = 0
        self.found: MismatchFound | None = None

    @property
    def finished(self) -> bool:
        """Return whether there is nothing more to do."""
        return self.found is not None or self.step_count >= self.max_steps

    def count_step(self, action: str) -> bool:
        """Count a step, and return whether it is to be taken."""
        if self.finished:
            return False
        self.step_count += 1
        self.on_progress(f"step {self.step_count} of {self.max_steps}: {action}")
        return True

    def run_sequence(self, choices: Sequence[Choice]) -> None:
        """Take a journey of these choices; raise Enough afterwards."""
        journey = ActionSequence(self.sites, self.known_keys)
        try:
            for choice in choices:
                journey.run_choice(choice, self.count_step)
        except MismatchFound as found:
            self.found = found
        raise StepBudgetReached


def find_mismatch(walk: Walk, number: int) -> MismatchFound | None:
    """Take the walk of a seed; return the journey on which the sites differ, if there is one."""
    journeys = 0
    while not walk.finished:
        with suppress(StepBudgetReached):
            draw_sequence(f"{number} {journeys}", walk.run_sequence)
        journeys += 1
    return walk.found


def draw_sequence(random: str, take: Callable[[Sequence[Choice]], None]) -> None:
    """Have hypothesis draw a journey, and take it.

    Its first draw is always the simplest there is, and later ones are often mutations of those
    before; so each journey is the second draw of a run of its own.
    """
    draws = 0

    @seed(random)
    @settings(
        max_examples=2,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(
        choices=st.lists(ANY_CHOICE, min_size=ACTIONS_PER_SEQUENCE, max_size=ACTIONS_PER_SEQUENCE)
    )
    def draw(choices: list[Choice]) -> None:
        nonlocal draws
        draws += 1
        if draws > 1:
            take(choices)

    draw()
