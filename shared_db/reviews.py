"""The reviews that guests write about a dish."""

from collections.abc import Mapping
from time import time

from sqlalchemy import bindparam, insert, literal_column, select

from shared_db.connections import Connections
from shared_db.dishes import Dishes
from shared_db.errors import InvalidInputError
from shared_db.records import Review
from shared_db.schema import reviews
from shared_db.text import TextError, get_field, parse_whole_number, read_body, read_line

_FIELDS = Review._fields[1:]

_OF = (
    select(*(reviews.c[name] for name in Review._fields))
    .where(reviews.c.dish_id == bindparam("dish_id"))
    .order_by(reviews.c.written_at.desc(), reviews.c.id.desc())
    .limit(literal_column("50"))
    .offset(literal_column("0"))  # without it, SQLAlchemy adds a parameter for SQLite
)
_WRITE = insert(reviews).values({name: bindparam(name) for name in _FIELDS}).returning(reviews.c.id)


class Reviews:
    """Read and write reviews."""

    def __init__(self, connections: Connections, dishes: Dishes) -> None:
        """Store the connections and the dishes."""
        self._connections = connections
        self._dishes = dishes

    def of(self, dish_id: int) -> list[Review]:
        """Return the 50 newest reviews of a dish, the newest first."""
        return list(map(Review._make, self._connections.fetch_all(_OF, dish_id=dish_id)))

    def check(self, form: Mapping[str, str]) -> None:
        """Raise InvalidInputError if `write` would reject a form. Nothing is stored."""
        _read_form(form)

    def write(self, dish_id: int | str, form: Mapping[str, str]) -> Review:
        """Store a review of a dish, and return the review.

        The form has author (1 to 80 characters), rating ("1" to "5") and body (1 to 10,000
        characters). Raise NotFoundError (the dish) or InvalidInputError; then nothing is stored.
        """
        dish = self._dishes.get(dish_id)
        author, rating, text = _read_form(form)
        values = (dish.id, author, rating, text, int(time()))
        with self._connections.transaction():
            row = self._connections.fetch_first(_WRITE, **dict(zip(_FIELDS, values, strict=True)))
        return Review._make((*(row or ()), *values))


def _read_form(form: Mapping[str, str]) -> tuple[str, int, str]:
    """Return the author, rating and body in the form of a review. Raise InvalidInputError."""
    errors, author, text = {}, "", ""
    try:
        author = read_line(get_field(form, "author"), 80)
    except TextError as error:
        errors["author"] = str(error)
    rating = parse_whole_number(get_field(form, "rating"), 1, 5)
    if rating is None:
        errors["rating"] = "Please choose a rating from 1 to 5."
    try:
        text = read_body(get_field(form, "body"), 10_000)
    except TextError as error:
        errors["body"] = str(error)
    if errors or rating is None:
        raise InvalidInputError(errors)
    return author, rating, text
