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
from bench.conformance.differential.sequences import Found, Journey
from bench.conformance.differential.sites import Sites

QUIET = settings(
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    verbosity=Verbosity.quiet,
    derandomize=True,
)


def shortest(found: Found, sites: Sites, told: Callable[[str], None] = lambda line: None) -> Found:
    """Return the find with its shortest journey; the same one where it does not come back."""
    few = concerned(found, sites)

    def tried(choices: Sequence[Choice]) -> Found | None:
        told(f"cutting the journey short: {len(found.choices)} actions, trying {len(choices)}")
        return retaken(choices, few, found)

    size = max(1, len(found.choices) // 2)
    while True:
        for choices in without_pieces(found.choices, size):
            if again := tried(choices):
                found = again
                break
        else:
            if size == 1:
                break
            size = (size + 1) // 2 if size > 1 else 1
        size = min(size, max(1, len(found.choices) // 2))
    for number in range(len(found.choices)):
        for choice in simpler(found.choices[number]):
            choices = [*found.choices]
            choices[number] = choice
            found = tried(choices) or found
    return found


def concerned(found: Found, sites: Sites) -> Sites:
    """Return the sites that differ, and enough others to outvote them."""
    odd = [site for site in sites.sites if site.name in found.mark.sites]
    usual = [site for site in sites.sites if site not in odd][: len(odd) + 1]
    # In their old order, in which the first of two counts as usual.
    return Sites([site for site in sites.sites if site in (*odd, *usual)], sites.pool)


def retaken(choices: Sequence[Choice], sites: Sites, found: Found) -> Found | None:
    """Take a journey once more; return the find when it is the same one."""
    journey = Journey(sites)
    try:
        for choice in choices:
            journey.take(choice, lambda action: True)
    except Found as again:
        same = [one for one in again.differences if one.mark == found.mark]
        if same:
            others = [one for one in again.differences if one not in same]
            return Found([*same, *others], again.choices, again.journey)
    return None


def without_pieces(choices: Sequence[Choice], size: int) -> Iterator[list[Choice]]:
    """Yield the choices without one piece of this size each; the last choice is never left out."""
    for start in range(0, len(choices) - 1, size):
        end = min(start + size, len(choices) - 1)
        yield [*choices[:start], *choices[end:]]


def simpler(choice: Choice) -> Iterator[Choice]:
    """Yield a choice with one argument each made as simple as can be."""
    for name, strategy in choice.action.arguments.items():
        value = choice.arguments[name]
        simplest = simplest_of(strategy)
        if value != simplest:
            yield Choice(choice.action, {**choice.arguments, name: simplest})


def simplest_of(strategy: st.SearchStrategy[Any]) -> Any:
    """Return the simplest value there is: what hypothesis shrinks to."""
    return find(strategy, lambda value: True, settings=QUIET)
