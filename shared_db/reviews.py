"""Reviews: what guests wrote about a dish."""

from collections.abc import Mapping
from time import time

from sqlalchemy import bindparam, insert, literal_column, select

from shared_db.connections import Connections
from shared_db.dishes import Dishes
from shared_db.errors import Invalid
from shared_db.records import Review
from shared_db.schema import reviews
from shared_db.text import BadText, body, field, line, whole_number

_FIELDS = Review._fields[1:]

_OF = (
    select(*(reviews.c[name] for name in Review._fields))
    .where(reviews.c.dish_id == bindparam("dish_id"))
    .order_by(reviews.c.written_at.desc(), reviews.c.id.desc())
    .limit(literal_column("50"))
    .offset(literal_column("0"))  # else SQLAlchemy adds one for SQLite, as a parameter
)
_WRITE = insert(reviews).values({name: bindparam(name) for name in _FIELDS}).returning(reviews.c.id)


class Reviews:
    """What can be asked of the reviews."""

    def __init__(self, larder: Connections, dishes: Dishes) -> None:
        """Keep the larder's connections and the dishes."""
        self._larder = larder
        self._dishes = dishes

    def of(self, dish_id: int) -> list[Review]:
        """Return a dish's reviews, the newest first, at most 50."""
        return list(map(Review._make, self._larder.rows(_OF, dish_id=dish_id)))

    def write(self, dish_id: int | str, form: Mapping[str, str]) -> Review:
        """Keep a review of a dish, and return it.

        The form has author (1 to 80 characters), rating ("1" to "5") and body (1 to 10,000).
        Raises NotFound (the dish) or Invalid; nothing is kept then.
        """
        dish = self._dishes.get(dish_id)
        author, rating, text = _read(form)
        values = (dish.id, author, rating, text, int(time()))
        with self._larder.writing():
            row = self._larder.row(_WRITE, **dict(zip(_FIELDS, values, strict=True)))
        return Review._make((*(row or ()), *values))


def _read(form: Mapping[str, str]) -> tuple[str, int, str]:
    errors, author, text = {}, "", ""
    try:
        author = line(field(form, "author"), 80)
    except BadText as error:
        errors["author"] = str(error)
    rating = whole_number(field(form, "rating"), 1, 5)
    if rating is None:
        errors["rating"] = "Please choose a rating from 1 to 5."
    try:
        text = body(field(form, "body"), 10_000)
    except BadText as error:
        errors["body"] = str(error)
    if errors or rating is None:
        raise Invalid(errors)
    return author, rating, text
