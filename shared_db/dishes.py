"""The dishes: the menu, the search, and the changes to a dish."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select, true, update

from shared_db import changes, searches
from shared_db.connections import Connections
from shared_db.errors import NotFoundError, StaleVersionError
from shared_db.records import COURSES, Dish, DishPage, Section
from shared_db.schema import dishes
from shared_db.text import build_like_pattern, fold_case, join_search_text, parse_id

COLUMNS = tuple(dishes.c[name] for name in Dish._fields)

_MENU = select(*COLUMNS).order_by(dishes.c.id)
_GET = select(*COLUMNS).where(dishes.c.id == bindparam("dish_id"))
_GET_TO_CHANGE = _GET.with_for_update(key_share=True)
_COUNT_ALL = select(func.count()).select_from(dishes)
_CHANGE = (
    update(dishes)
    .where(dishes.c.id == bindparam("dish_id"))
    .values(
        **{name: bindparam(f"new_{name}") for name in changes.RULES},
        searchable=bindparam("new_searchable"),
        name_key=bindparam("new_name_key"),
        version=bindparam("new_version"),
    )
)

_SORT_COLUMNS = {
    "name": (dishes.c.name_key, dishes.c.id),
    "price": (dishes.c.price_cents, dishes.c.id),
    "-price": (dishes.c.price_cents.desc(), dishes.c.id),
}


def _matching(with_q: bool, with_course: bool) -> ColumnElement[bool]:
    contains = dishes.c.searchable.like(bindparam("pattern"), escape="!")
    of_course = dishes.c.course == bindparam("course")
    return and_(true(), *([contains] * with_q), *([of_course] * with_course))


def _page(with_q: bool, with_course: bool, sort: str) -> Select[*tuple[object, ...]]:
    matches = select(*COLUMNS).where(_matching(with_q, with_course)).order_by(*_SORT_COLUMNS[sort])
    return matches.limit(bindparam("limit")).offset(bindparam("offset"))


_KINDS = [(with_q, with_course) for with_q in (False, True) for with_course in (False, True)]
_COUNTS = {kind: _COUNT_ALL.where(_matching(*kind)) for kind in _KINDS}
_PAGES = {(*kind, sort): _page(*kind, sort) for kind in _KINDS for sort in _SORT_COLUMNS}


class Dishes:
    """Read and change the dishes."""

    def __init__(self, connections: Connections) -> None:
        """Store the connections."""
        self._connections = connections

    def menu(self) -> list[Section]:
        """Return all dishes by course, courses in the order of a meal, dishes sorted by id."""
        courses: dict[str, list[Dish]] = {course: [] for course, _ in COURSES}
        for dish in map(Dish._make, self._connections.fetch_all(_MENU)):
            courses[dish.course].append(dish)
        return [Section(course, title, courses[course]) for course, title in COURSES]

    def search(self, query: Mapping[str, str], page_size: int = 12) -> DishPage:
        """Return one page of the dishes that match a query.

        The query has q, course, sort and page, all optional. Raise InvalidSearchError for an
        unknown course or sort order, for control characters in q, and for a page that is not a
        number from 1.
        """
        search = searches.read_query(query)
        values: dict[str, object] = {}
        if search.q:
            values["pattern"] = build_like_pattern(fold_case(search.q))
        if search.course:
            values["course"] = search.course
        kind = (bool(search.q), bool(search.course))
        row = self._connections.fetch_first(_COUNTS[kind], **values)
        total: int = row[0] if row else 0
        offset = (search.page - 1) * page_size
        matches: list[Dish] = []
        if offset < total:
            page = _PAGES[(*kind, search.sort)]
            rows = self._connections.fetch_all(page, limit=page_size, offset=offset, **values)
            matches = list(map(Dish._make, rows))
        return searches.build_page(search, matches, total, page_size)

    def get(self, dish_id: int | str) -> Dish:
        """Return the dish of an id, an int or its plain decimal text. Raise NotFoundError."""
        number = parse_id(dish_id)
        row = None if number is None else self._connections.fetch_first(_GET, dish_id=number)
        if row is None:
            raise NotFoundError("dish")
        return Dish._make(row)

    def change(self, dish_id: int | str, document: object, version: int | None) -> Dish:
        """Change a dish by a decoded JSON object, and return the changed dish.

        If version is given, the dish must have this version. Raise NotFoundError, StaleVersionError
        or InvalidInputError; the dish is then unchanged.
        """
        with self._connections.transaction():
            dish = self.get_to_change(dish_id)
            if version is not None and version != dish.version:
                raise StaleVersionError
            new = dish._replace(**changes.read_changes(document), version=dish.version + 1)
            values = {f"new_{name}": getattr(new, name) for name in changes.RULES}
            self._connections.execute(
                _CHANGE,
                dish_id=dish.id,
                new_version=new.version,
                new_searchable=join_search_text(new.name, new.description),
                new_name_key=fold_case(new.name),
                **values,
            )
        return new

    def get_to_change(self, dish_id: int | str) -> Dish:
        """Return a dish, as `get` does, and lock its row until the transaction ends."""
        number = parse_id(dish_id)
        row = (
            None
            if number is None
            else self._connections.fetch_first(_GET_TO_CHANGE, dish_id=number)
        )
        if row is None:
            raise NotFoundError("dish")
        return Dish._make(row)

    def count(self) -> int:
        """Return the number of dishes."""
        row = self._connections.fetch_first(_COUNT_ALL)
        return int(row[0]) if row else 0
