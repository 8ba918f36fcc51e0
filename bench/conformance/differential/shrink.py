"""What is the shortest journey that still shows a difference?

First choices are left out, in ever smaller pieces (Zeller and Hildebrandt's ddmin), then each
argument is made as simple as it can be. hypothesis would shorten, too, but with hundreds of tries
where this takes some thirty; and a try is a whole journey of every site that is concerned.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from hypothesis import HealthCheck, Verbosity, find, settings
from hypothesis import strategies as st

from bench.conformance.differential.actions.registry import Choice
from bench.conformance.differential.sequences import ActionSequence, MismatchFound
from bench.conformance.differential.sites import Sites

QUIET = settings(
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    verbosity=Verbosity.quiet,
    derandomize=True,
)


def shrink_mismatch(
    found: MismatchFound, sites: Sites, on_progress: Callable[[str], None] = lambda line: None
) -> MismatchFound:
    """Return the find with its shortest journey; the same one where it does not come back."""
    few = select_sites(found, sites)

    def tried(choices: Sequence[Choice]) -> MismatchFound | None:
        on_progress(
            f"cutting the journey short: {len(found.choices)} actions, trying {len(choices)}"
        )
        return reproduce_mismatch(choices, few, found)

    size = max(1, len(found.choices) // 2)
    while True:
        for choices in remove_pieces(found.choices, size):
            if again := tried(choices):
                found = again
                break
        else:
            if size == 1:
                break
            size = (size + 1) // 2 if size > 1 else 1
        size = min(size, max(1, len(found.choices) // 2))
    for number in range(len(found.choices)):
        for choice in simplify_choice(found.choices[number]):
            choices = [*found.choices]
            choices[number] = choice
            found = tried(choices) or found
    return found


def select_sites(found: MismatchFound, sites: Sites) -> Sites:
    """Return the sites that differ, and enough others to outvote them."""
    odd = [site for site in sites.sites if site.name in found.key.sites]
    usual = [site for site in sites.sites if site not in odd][: len(odd) + 1]
    # In their old order, in which the first of two counts as usual.
    return Sites([site for site in sites.sites if site in (*odd, *usual)], sites.pool)


def reproduce_mismatch(
    choices: Sequence[Choice], sites: Sites, found: MismatchFound
) -> MismatchFound | None:
    """Take a journey once more; return the find when it is the same one."""
    journey = ActionSequence(sites)
    try:
        for choice in choices:
            journey.run_choice(choice, lambda action: True)
    except MismatchFound as again:
        same = [one for one in again.differences if one.key == found.key]
        if same:
            others = [one for one in again.differences if one not in same]
            return MismatchFound([*same, *others], again.choices, again.steps)
    return None


def remove_pieces(choices: Sequence[Choice], size: int) -> Iterator[list[Choice]]:
    """Yield the choices without one piece of this size each; the last choice is never left out."""
    for start in range(0, len(choices) - 1, size):
        end = min(start + size, len(choices) - 1)
        yield [*choices[:start], *choices[end:]]


def simplify_choice(choice: Choice) -> Iterator[Choice]:
    """Yield a choice with one argument each made as simple as can be."""
    for name, strategy in choice.action.arguments.items():
        value = choice.arguments[name]
        simplest = find_simplest(strategy)
        if value != simplest:
            yield Choice(choice.action, {**choice.arguments, name: simplest})


def find_simplest(strategy: st.SearchStrategy[Any]) -> Any:
    """Return the simplest value there is: what hypothesis shrinks to."""
    return find(strategy, lambda value: True, settings=QUIET)
