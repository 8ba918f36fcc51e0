"""Validate search queries, and build the page of results."""

from collections.abc import Mapping
from typing import NamedTuple

from shared_db.errors import InvalidSearchError
from shared_db.records import COURSES, SORTS, Dish, DishPage
from shared_db.text import get_field, is_clean

_MAX_CHARACTERS = 100
_HIGHEST_PAGE = 999_999_999


class SearchQuery(NamedTuple):
    """A valid search; "" means any text or any course."""

    q: str
    course: str
    sort: str
    page: int


def read_query(query: Mapping[str, object]) -> SearchQuery:
    """Return the search of a query (q, course, sort, page). Raise InvalidSearchError.

    An empty parameter counts as absent.
    """
    q = get_field(query, "q").strip()[:_MAX_CHARACTERS].strip()
    course, sort = get_field(query, "course"), get_field(query, "sort") or "name"
    page = _read_page_number(get_field(query, "page") or "1")
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
        raise InvalidSearchError(errors)
    return SearchQuery(q, course, sort, page)


def _read_page_number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        return 0
    return int(text) if len(text) <= 9 else _HIGHEST_PAGE


def build_page(query: SearchQuery, dishes: list[Dish], total: int, page_size: int) -> DishPage:
    """Return a page of dishes with the query parameters of the next and the previous page."""
    pages = max(1, -(-total // page_size))
    page = query.page
    after = _build_parameters(query, page + 1) if page < pages else None
    before = _build_parameters(query, min(page - 1, pages)) if page > 1 else None
    return DishPage(dishes, total, page, pages, query.q, query.course, query.sort, after, before)


def _build_parameters(query: SearchQuery, page: int) -> dict[str, str]:
    parameters = {
        "q": query.q,
        "course": query.course,
        "sort": "" if query.sort == "name" else query.sort,
        "page": str(page),
    }
    return {name: value for name, value in parameters.items() if value}
