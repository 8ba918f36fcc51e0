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
from bench.conformance.differential.actions.registry import ENTERED, Choice
from bench.conformance.differential.differences import Difference, Mark, differences
from bench.conformance.differential.expected import Step
from bench.conformance.differential.model import Restaurant
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
ACTIONS = 25  # of a journey; each is one request to four
CHOICE = st.one_of(
    [st.fixed_dictionaries(one.arguments).map(partial(Choice, one)) for one in ENTERED]
)


class Found(Exception):
    """The sites differ: how, and the journey that shows it, as it was chosen and as it was sent."""

    def __init__(
        self, found: Sequence[Difference], choices: Sequence[Choice], journey: Sequence[Step]
    ) -> None:
        super().__init__("; ".join(one.line() for one in found))
        self.differences, self.choices, self.journey = found, list(choices), list(journey)

    @property
    def mark(self) -> Mark:
        """Return what tells this find from others."""
        return self.differences[0].mark


class Journey:
    """One journey of all sites beside the model, from a new larder on."""

    def __init__(self, sites: Sites, known: frozenset[Mark] = frozenset()) -> None:
        sites.reset()
        self.sites, self.known = sites, known
        self.house = Restaurant.opened(sites.seed)
        self.choices: list[Choice] = []
        self.steps: list[Step] = []

    def take(self, choice: Choice, told: Callable[[str], bool]) -> None:
        """Take the steps of one choice while told says to go on; raise Found."""
        self.choices.append(choice)
        for step in choice.action.steps(self.house, **choice.arguments):
            if not told(step.action):
                return
            self.steps.append(step)
            found = list(differences(step, self.sites.take(step.request)))
            if new := [one for one in found if one.mark not in self.known]:
                old = [one for one in found if one.mark in self.known]
                raise Found([*new, *old], self.choices, self.steps)


class Enough(BaseException):
    """The walk is over. No Exception: hypothesis would take that for a failing test."""


class Walk:
    """One walk: how far it goes, how far it is, and what it has found."""

    def __init__(
        self,
        sites: Sites,
        steps: int,
        told: Callable[[str], None] = lambda line: None,
        known: frozenset[Mark] = frozenset(),
    ) -> None:
        self.sites, self.wanted, self.told, self.known = sites, steps, told, known
        self.taken = 0
        self.found: Found | None = None

    @property
    def over(self) -> bool:
        """Return whether there is nothing more to do."""
        return self.found is not None or self.taken >= self.wanted

    def one_more(self, action: str) -> bool:
        """Count a step, and return whether it is to be taken."""
        if self.over:
            return False
        self.taken += 1
        self.told(f"step {self.taken} of {self.wanted}: {action}")
        return True

    def take(self, choices: Sequence[Choice]) -> None:
        """Take a journey of these choices; raise Enough afterwards."""
        journey = Journey(self.sites, self.known)
        try:
            for choice in choices:
                journey.take(choice, self.one_more)
        except Found as found:
            self.found = found
        raise Enough


def walked(walk: Walk, number: int) -> Found | None:
    """Take the walk of a seed; return the journey on which the sites differ, if there is one."""
    journeys = 0
    while not walk.over:
        with suppress(Enough):
            drawn(f"{number} {journeys}", walk.take)
        journeys += 1
    return walk.found


def drawn(random: str, take: Callable[[Sequence[Choice]], None]) -> None:
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
    @given(choices=st.lists(CHOICE, min_size=ACTIONS, max_size=ACTIONS))
    def draw(choices: list[Choice]) -> None:
        nonlocal draws
        draws += 1
        if draws > 1:
            take(choices)

    draw()
