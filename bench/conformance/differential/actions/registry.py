"""Register the actions of a sequence: functions of the model that generate steps.

The steps of an action are generated one after the other: an action generates the second step only
after all sites have replied to the first.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

from hypothesis import strategies as st

from bench.conformance.differential.expected import Step
from bench.conformance.differential.http_client import Request
from bench.conformance.levels import CORE, HARDENING

Steps = Iterator[Step]
USERS = ("guest", "cook")
ANY_USER = st.sampled_from(USERS)
MOSTLY_STAFF = st.sampled_from(("cook", "cook", "cook", "guest"))  # mostly the user who signs in
DISH_IDS = (1, 2, 7, 5, 12)  # the last two have one portion and none
ANY_DISH_ID = st.sampled_from(DISH_IDS)
INVALID_DISH_IDS = ("999", "0", "01", "one", "1.0")
ORDER_NUMBER = st.one_of(st.just(1), st.integers(1, 3))
MARKUP = """"'></title><script>alert(1)</script>&amp;{{7*7}}[[7*7]]${7*7}"""
UNICODE_TEXT = "שלום \u202eabc\u202c ‮مرحبا 👩‍🍳🍲"
BLANK_TEXTS = ("", " \t ")
# Arguments that only hardening clauses ask for: other spellings of numbers (identifiers), control
# characters in a query (charsets), a missing type (media-types), a weak tag (conditions), and JSON
# that is deep or a NUL (json).
NUMBER_SPELLINGS = ("01", "1.0", "one", "05", "99999999999")
HARDENING_VALUES = {*NUMBER_SPELLINGS, "\x07", "no type", "weak", "\x00", "[" * 10_000}


def sample_mostly(usual: str, *others: str) -> st.SearchStrategy[str]:
    """Return a strategy that draws the usual text half of the time."""
    return st.one_of(st.just(usual), st.sampled_from(others))


DISH_ID_OR_INVALID = st.one_of(
    ANY_DISH_ID.map(str),
    ANY_DISH_ID.map(str),
    ANY_DISH_ID.map(str),
    st.sampled_from(INVALID_DISH_IDS),
)


def find_level(*values: str) -> str:
    """Return the level of a step with these arguments."""
    return HARDENING if HARDENING_VALUES.intersection(values) else CORE


class Action(NamedTuple):
    """A function that generates steps, and the strategies of its arguments."""

    name: str
    generate_steps: Callable[..., Steps]
    arguments: dict[str, st.SearchStrategy[Any]]


class Choice(NamedTuple):
    """An action with the arguments that were drawn for it."""

    action: Action
    arguments: dict[str, Any]

    def __repr__(self) -> str:
        """Return the name only, because hypothesis formats everything that it draws."""
        return self.action.name


REGISTERED_ACTIONS: list[Action] = []


def action(
    weight: int = 1, **arguments: st.SearchStrategy[Any]
) -> Callable[[Callable[..., Steps]], Any]:
    """Return a decorator that registers an action; weight 2 doubles its probability."""

    def register(function: Callable[..., Steps]) -> Callable[..., Steps]:
        REGISTERED_ACTIONS.extend([Action(function.__name__, function, arguments)] * weight)
        return function

    return register


def build_get_request(
    user: str, path: str, query: dict[str, str] | None = None, **headers: str
) -> Request:
    """Return a request for a page; an underscore in a header's name stands for a hyphen."""
    target = f"{path}?{urlencode(query)}" if query else path
    named = tuple((name.replace("_", "-"), text) for name, text in headers.items())
    return Request(user, "GET", target, named)


def build_form_request(
    user: str, path: str, fields: dict[str, str], with_csrf: bool = True
) -> Request:
    """Return a request that sends a form."""
    return Request(user, "POST", path, fields=fields, with_csrf=with_csrf)
