"""Draw random sequences of actions and run them at all sites until a mismatch or the last step.

hypothesis draws the sequences, and bench.conformance.differential.shrink shortens one that shows a
difference. random.Random could not replace hypothesis without more code: the arguments of actions
are strategies (one_of, dictionaries, unique lists, map), of which hypothesis also gives the
simplest value, which shrinking needs. The price is that another version of hypothesis may draw
other sequences for the same seed.
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
from bench.conformance.differential.actions.registry import REGISTERED_ACTIONS, Action, Choice
from bench.conformance.differential.differences import Difference, DifferenceKey, find_differences
from bench.conformance.differential.expected import Step
from bench.conformance.differential.model import SiteModel
from bench.conformance.differential.sites import Sites

# A sequence depends on the order of the actions, which must not depend on that of the imports.
MODULES = (browsing, authentication, ordering, api, api_changes, reviews, staff, invalid_requests)
MODULE_NAMES = [module.__name__ for module in MODULES]
ACTIONS_PER_SEQUENCE = 25  # each action sends one to four requests
ACTIONS: list[Action] = sorted(
    REGISTERED_ACTIONS, key=lambda action: MODULE_NAMES.index(action.generate_steps.__module__)
)
ANY_CHOICE = st.one_of(
    [st.fixed_dictionaries(action.arguments).map(partial(Choice, action)) for action in ACTIONS]
)


class MismatchFound(Exception):
    """Differences between sites, with the choices and the steps of the sequence that shows them."""

    def __init__(
        self, differences: Sequence[Difference], choices: Sequence[Choice], steps: Sequence[Step]
    ) -> None:
        super().__init__("; ".join(difference.format_line() for difference in differences))
        self.differences, self.choices, self.steps = differences, list(choices), list(steps)

    @property
    def key(self) -> DifferenceKey:
        """Return the key of the first difference, which identifies the mismatch."""
        return self.differences[0].key


class ActionSequence:
    """One sequence at all sites and in the model, which starts with a new database."""

    def __init__(self, sites: Sites, known_keys: frozenset[DifferenceKey] = frozenset()) -> None:
        sites.reset()
        self.sites, self.known_keys = sites, known_keys
        self.model = SiteModel.from_seed(sites.seed)
        self.choices: list[Choice] = []
        self.steps: list[Step] = []

    def run_choice(self, choice: Choice, should_continue: Callable[[str], bool]) -> None:
        """Run the steps of a choice while `should_continue` allows; raise MismatchFound."""
        self.choices.append(choice)
        for step in choice.action.generate_steps(self.model, **choice.arguments):
            if not self.sites.profile.includes(step):
                continue
            if not should_continue(step.action):
                return
            self.steps.append(step)
            outcomes = self.sites.send_request(step.request)
            differences = list(find_differences(step, outcomes, self.sites.profile))
            if new := [item for item in differences if item.key not in self.known_keys]:
                known = [item for item in differences if item.key in self.known_keys]
                raise MismatchFound([*new, *known], self.choices, self.steps)


class SequenceFinished(BaseException):
    """The sequence is finished.

    This is no Exception, which hypothesis would report as a failed test.
    """


class SequenceRun:
    """The state of a run: its maximum and present number of steps, and its mismatch."""

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
        self.mismatch: MismatchFound | None = None

    @property
    def finished(self) -> bool:
        """Return whether there is a mismatch or the number of steps is reached."""
        return self.mismatch is not None or self.step_count >= self.max_steps

    def count_step(self, action: str) -> bool:
        """Count a step unless the run is finished; return whether the step may run."""
        if self.finished:
            return False
        self.step_count += 1
        self.on_progress(f"step {self.step_count} of {self.max_steps}: {action}")
        return True

    def run_sequence(self, choices: Sequence[Choice]) -> None:
        """Run a sequence of these choices, then raise SequenceFinished."""
        sequence = ActionSequence(self.sites, self.known_keys)
        try:
            for choice in choices:
                sequence.run_choice(choice, self.count_step)
        except MismatchFound as mismatch:
            self.mismatch = mismatch
        raise SequenceFinished


def find_mismatch(run: SequenceRun, number: int) -> MismatchFound | None:
    """Run the sequences of a seed; return the mismatch that ended the run, if there is one."""
    sequence_count = 0
    while not run.finished:
        with suppress(SequenceFinished):
            draw_sequence(f"{number} {sequence_count}", run.run_sequence)
        sequence_count += 1
    return run.mismatch


def draw_sequence(random: str, run_sequence: Callable[[Sequence[Choice]], None]) -> None:
    """Draw the sequence of a seed with hypothesis, and run it.

    The first draw of hypothesis is always the simplest one, and later draws are often mutations of
    earlier ones; therefore each sequence is the second draw of a run of its own.
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
            run_sequence(choices)

    draw()
