"""Which actions is a journey made of? Each is a function of the restaurant that gives its steps.

An action's steps are made one after the other: the second is not made before the first was taken.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

from hypothesis import strategies as st

from bench.conformance.differential.expected import Step
from bench.conformance.differential.http_client import Request

Steps = Iterator[Step]
USERS = ("guest", "cook")
ANY_USER = st.sampled_from(USERS)
MOSTLY_STAFF = st.sampled_from(("cook", "cook", "cook", "guest"))  # mostly the one who signs in
DISH_IDS = (1, 2, 7, 5, 12)  # of the last two there are one portion and none
ANY_DISH_ID = st.sampled_from(DISH_IDS)
INVALID_DISH_IDS = ("999", "0", "01", "one", "1.0")
ORDER_NUMBER = st.one_of(st.just(1), st.integers(1, 3))
MARKUP = """"'></title><script>alert(1)</script>&amp;{{7*7}}[[7*7]]${7*7}"""
UNICODE_TEXT = "שלום \u202eabc\u202c ‮مرحبا 👩‍🍳🍲"
BLANK_TEXTS = ("", " \t ")


def sample_mostly(usual: str, *others: str) -> st.SearchStrategy[str]:
    """Return a strategy that gives the usual text every other time."""
    return st.one_of(st.just(usual), st.sampled_from(others))


DISH_ID_OR_INVALID = st.one_of(
    ANY_DISH_ID.map(str),
    ANY_DISH_ID.map(str),
    ANY_DISH_ID.map(str),
    st.sampled_from(INVALID_DISH_IDS),
)


class Action(NamedTuple):
    """A function that gives steps, and where its arguments come from."""

    name: str
    generate_steps: Callable[..., Steps]
    arguments: dict[str, st.SearchStrategy[Any]]


class Choice(NamedTuple):
    """An action, and the arguments that were drawn for it."""

    action: Action
    arguments: dict[str, Any]

    def __repr__(self) -> str:
        """Return its name only: hypothesis writes down all it has drawn."""
        return self.action.name


REGISTERED_ACTIONS: list[Action] = []


def action(
    weight: int = 1, **arguments: st.SearchStrategy[Any]
) -> Callable[[Callable[..., Steps]], Any]:
    """Return a decorator that enters an action; one of weight 2 is chosen twice as often."""

    def register(function: Callable[..., Steps]) -> Callable[..., Steps]:
        REGISTERED_ACTIONS.extend([Action(function.__name__, function, arguments)] * weight)
        return function

    return register


def build_get_request(
    user: str, path: str, query: dict[str, str] | None = None, **headers: str
) -> Request:
    """Return a request for a page."""
    target = f"{path}?{urlencode(query)}" if query else path
    named = tuple((name.replace("_", "-"), text) for name, text in headers.items())
    return Request(user, "GET", target, named)


def build_form_request(
    user: str, path: str, fields: dict[str, str], with_csrf: bool = True
) -> Request:
    """Return a form as it is sent."""
    return Request(user, "POST", path, fields=fields, with_csrf=with_csrf)
