"""Dishes: the menu, the search and the changes to a dish."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select, true, update

from shared_db import changes, searches
from shared_db.connections import Connections
from shared_db.errors import NotFound, StaleVersion
from shared_db.records import COURSES, Dish, Found, Section
from shared_db.schema import dishes
from shared_db.text import folded, id_of, like, searchable

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

_ORDERS = {
    "name": (dishes.c.name_key, dishes.c.id),
    "price": (dishes.c.price_cents, dishes.c.id),
    "-price": (dishes.c.price_cents.desc(), dishes.c.id),
}


def _matching(with_q: bool, with_course: bool) -> ColumnElement[bool]:
    contains = dishes.c.searchable.like(bindparam("pattern"), escape="!")
    of_course = dishes.c.course == bindparam("course")
    return and_(true(), *([contains] * with_q), *([of_course] * with_course))


def _page(with_q: bool, with_course: bool, sort: str) -> Select[*tuple[object, ...]]:
    wanted = select(*COLUMNS).where(_matching(with_q, with_course)).order_by(*_ORDERS[sort])
    return wanted.limit(bindparam("limit")).offset(bindparam("offset"))


_KINDS = [(with_q, with_course) for with_q in (False, True) for with_course in (False, True)]
_COUNTS = {kind: _COUNT_ALL.where(_matching(*kind)) for kind in _KINDS}
_PAGES = {(*kind, sort): _page(*kind, sort) for kind in _KINDS for sort in _ORDERS}


class Dishes:
    """What can be asked of the dishes."""

    def __init__(self, larder: Connections) -> None:
        """Keep the larder's connections."""
        self._larder = larder

    def menu(self) -> list[Section]:
        """Return every dish by course, courses in the order of a meal, dishes by id."""
        courses: dict[str, list[Dish]] = {course: [] for course, _ in COURSES}
        for dish in map(Dish._make, self._larder.rows(_MENU)):
            courses[dish.course].append(dish)
        return [Section(course, title, courses[course]) for course, title in COURSES]

    def search(self, query: Mapping[str, str], page_size: int = 12) -> Found:
        """Return one page of the dishes that a query asks for: q, course, sort, page, all optional.

        Raises BadSearch on an unknown course or sort, or a page that is no whole number from 1.
        """
        wanted = searches.read(query)
        values: dict[str, object] = {}
        if wanted.q:
            values["pattern"] = like(folded(wanted.q))
        if wanted.course:
            values["course"] = wanted.course
        kind = (bool(wanted.q), bool(wanted.course))
        row = self._larder.row(_COUNTS[kind], **values)
        total: int = row[0] if row else 0
        offset = (wanted.page - 1) * page_size
        found: list[Dish] = []
        if offset < total:
            page = _PAGES[(*kind, wanted.sort)]
            rows = self._larder.rows(page, limit=page_size, offset=offset, **values)
            found = list(map(Dish._make, rows))
        return searches.found(wanted, found, total, page_size)

    def get(self, dish_id: int | str) -> Dish:
        """Return a dish; NotFound unless dish_id is the id, or its plain decimal, of one."""
        number = id_of(dish_id)
        row = None if number is None else self._larder.row(_GET, dish_id=number)
        if row is None:
            raise NotFound("dish")
        return Dish._make(row)

    def change(self, dish_id: int | str, document: object, version: int | None) -> Dish:
        """Change a dish by a decoded JSON object, and return it; version None means any.

        Raises NotFound, StaleVersion, or Invalid; the dish is then as it was.
        """
        with self._larder.writing():
            dish = self.get_to_change(dish_id)
            if version is not None and version != dish.version:
                raise StaleVersion
            new = dish._replace(**changes.read(document), version=dish.version + 1)
            values = {f"new_{name}": getattr(new, name) for name in changes.RULES}
            self._larder.run(
                _CHANGE,
                dish_id=dish.id,
                new_version=new.version,
                new_searchable=searchable(new.name, new.description),
                new_name_key=folded(new.name),
                **values,
            )
        return new

    def get_to_change(self, dish_id: int | str) -> Dish:
        """Return a dish as get does, kept from other writers until the transaction ends."""
        number = id_of(dish_id)
        row = None if number is None else self._larder.row(_GET_TO_CHANGE, dish_id=number)
        if row is None:
            raise NotFound("dish")
        return Dish._make(row)

    def count(self) -> int:
        """Return how many dishes there are."""
        row = self._larder.row(_COUNT_ALL)
        return int(row[0]) if row else 0
