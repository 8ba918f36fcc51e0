"""Shrink a sequence to the shortest one that shows the same difference.

First choices are removed, in smaller and smaller pieces (Zeller and Hildebrandt's ddmin), then each
argument is replaced by its simplest value. hypothesis shrinks as well, but needs hundreds of tries
instead of about thirty, and a try sends a whole sequence to every site that differs.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from hypothesis import HealthCheck, Verbosity, find, settings
from hypothesis import strategies as st

from bench.conformance.differential.actions.registry import Choice
from bench.conformance.differential.sequences import ActionSequence, MismatchFound
from bench.conformance.differential.sites import Sites
from bench.core.words import format_count

QUIET = settings(
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    verbosity=Verbosity.quiet,
    derandomize=True,
)


def shrink_mismatch(
    mismatch: MismatchFound, sites: Sites, on_progress: Callable[[str], None] = lambda line: None
) -> MismatchFound:
    """Return the mismatch with its shortest sequence; unchanged if it cannot be reproduced."""
    few_sites = select_sites(mismatch, sites)

    def reproduce(choices: Sequence[Choice]) -> MismatchFound | None:
        on_progress(
            f"shrinking the sequence of {format_count(len(mismatch.choices), 'action')}, "
            f"trying {len(choices)}"
        )
        return reproduce_mismatch(choices, few_sites, mismatch)

    size = max(1, len(mismatch.choices) // 2)
    while True:
        for choices in remove_pieces(mismatch.choices, size):
            if shorter := reproduce(choices):
                mismatch = shorter
                break
        else:
            if size == 1:
                break
            size = (size + 1) // 2 if size > 1 else 1
        size = min(size, max(1, len(mismatch.choices) // 2))
    for number in range(len(mismatch.choices)):
        for choice in simplify_choice(mismatch.choices[number]):
            choices = [*mismatch.choices]
            choices[number] = choice
            mismatch = reproduce(choices) or mismatch
    return mismatch


def select_sites(mismatch: MismatchFound, sites: Sites) -> Sites:
    """Return the sites that differ, and enough others for a majority."""
    odd = [site for site in sites.sites if site.name in mismatch.key.sites]
    usual = [site for site in sites.sites if site not in odd][: len(odd) + 1]
    # In the same order as before: the first of two values counts as usual.
    return sites.select([site for site in sites.sites if site in (*odd, *usual)])


def reproduce_mismatch(
    choices: Sequence[Choice], sites: Sites, mismatch: MismatchFound
) -> MismatchFound | None:
    """Run a sequence again; return its mismatch if that has the same key, else None."""
    sequence = ActionSequence(sites)
    try:
        for choice in choices:
            sequence.run_choice(choice, lambda action: True)
    except MismatchFound as again:
        same = [item for item in again.differences if item.key == mismatch.key]
        if same:
            others = [item for item in again.differences if item not in same]
            return MismatchFound([*same, *others], again.choices, again.steps)
    return None


def remove_pieces(choices: Sequence[Choice], size: int) -> Iterator[list[Choice]]:
    """Yield the choices without a piece of this size, for each piece; the last choice stays."""
    for start in range(0, len(choices) - 1, size):
        end = min(start + size, len(choices) - 1)
        yield [*choices[:start], *choices[end:]]


def simplify_choice(choice: Choice) -> Iterator[Choice]:
    """Yield the choice with the simplest value of an argument, for each argument."""
    for name, strategy in choice.action.arguments.items():
        value = choice.arguments[name]
        simplest = find_simplest(strategy)
        if value != simplest:
            yield Choice(choice.action, {**choice.arguments, name: simplest})


def find_simplest(strategy: st.SearchStrategy[Any]) -> Any:
    """Return the simplest value of a strategy: the value to which hypothesis shrinks."""
    return find(strategy, lambda value: True, settings=QUIET)
