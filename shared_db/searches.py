"""Searches: what a guest may ask for, and the page of dishes that comes back."""

from collections.abc import Mapping
from typing import NamedTuple

from shared_db.errors import BadSearch
from shared_db.records import COURSES, SORTS, Dish, Found
from shared_db.text import field, is_clean

_MOST_CHARACTERS = 100
_HIGHEST_PAGE = 999_999_999


class Wanted(NamedTuple):
    """A search that was understood; "" means any."""

    q: str
    course: str
    sort: str
    page: int


def read(query: Mapping[str, object]) -> Wanted:
    """Return what a query asks for (q, course, sort, page; blank is absent); raises BadSearch."""
    q = field(query, "q").strip()[:_MOST_CHARACTERS].strip()
    course, sort = field(query, "course"), field(query, "sort") or "name"
    page = _page(field(query, "page") or "1")
    errors = {}
    if not is_clean(q):
        errors["q"] = "Please leave out control characters."
    if course and course not in dict(COURSES):
        errors["course"] = "There is no such course."
    if sort not in dict(SORTS):
        errors["sort"] = "Dishes can be sorted by name, price or -price."
    if page < 1:
        errors["page"] = "A page is a whole number from 1."
    if errors:
        raise BadSearch(errors)
    return Wanted(q, course, sort, page)


def _page(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        return 0
    return int(text) if len(text) <= 9 else _HIGHEST_PAGE


def found(wanted: Wanted, dishes: list[Dish], total: int, page_size: int) -> Found:
    """Return a page of dishes with the parameters of its neighbours."""
    pages = max(1, -(-total // page_size))
    page = wanted.page
    after = _parameters(wanted, page + 1) if page < pages else None
    before = _parameters(wanted, min(page - 1, pages)) if page > 1 else None
    return Found(dishes, total, page, pages, wanted.q, wanted.course, wanted.sort, after, before)


def _parameters(wanted: Wanted, page: int) -> dict[str, str]:
    parameters = {
        "q": wanted.q,
        "course": wanted.course,
        "sort": "" if wanted.sort == "name" else wanted.sort,
        "page": str(page),
    }
    return {name: value for name, value in parameters.items() if value}
