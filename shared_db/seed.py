"""Seed: makes the larder's tables and stocks them, the same every time."""

import random
from collections.abc import Iterator
from typing import Any

from sqlalchemy.schema import CreateIndex, CreateTable, DropTable

from shared_db.backends import database_at
from shared_db.connections import Connections
from shared_db.database import Database
from shared_db.errors import NotStocked
from shared_db.guest_book import FIRST_WRITTEN_AT, REVIEWS, SECONDS_BETWEEN
from shared_db.menu_card import COURSES, SeedDish
from shared_db.schema import VERSION, metadata
from shared_db.seed_constants import FORTUNES, STAFF, TOKENS
from shared_db.text import folded, searchable
from shared_db.worlds import HIGHEST

DISH = (
    "name",
    "course",
    "description",
    "price_cents",
    "portions",
    "allergens",
    "drawing",
    "version",
    "searchable",
    "name_key",
)
_REVIEW = ("dish_id", "author", "rating", "body", "written_at")


def create(database_url: str) -> bool:
    """Make and stock the larder of a database; tell whether that was needed.

    A larder that is there already is left alone. Raises SchemaMismatch when another version made
    it, and LarderDown; nothing is made then.
    """
    database = database_at(database_url)
    larder = Connections(database)
    try:
        larder.connect()
    except NotStocked:
        _stock(database, afresh=False)
        return True
    finally:
        larder.close()
    return False


def reset(database_url: str) -> None:
    """Empty the larder of a database and stock it anew, in one transaction.

    Apps that have it open go on with the new one. Raises LarderDown; nothing is changed then.
    """
    _stock(database_at(database_url), afresh=True)


def _stock(database: Database, afresh: bool) -> None:
    database.prepare()
    larder = Connections(database, checks_schema=False)
    try:
        with larder.writing():
            if afresh:
                _drop_tables(larder)
            _make_tables(larder)
            _fill(larder)
    finally:
        larder.close()


def _drop_tables(larder: Connections) -> None:
    for table in reversed(metadata.sorted_tables):
        larder.run(DropTable(table, if_exists=True))


def _make_tables(larder: Connections) -> None:
    for table in metadata.sorted_tables:
        larder.run(CreateTable(table))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            larder.run(CreateIndex(index))


def _fill(larder: Connections) -> None:
    larder.pour("larder_schema", ("version",), [(VERSION,)])
    larder.pour("dishes", DISH, _dishes())
    larder.pour("reviews", _REVIEW, _reviews())
    larder.pour("staff", ("username", "password_hash"), STAFF)
    larder.pour("api_tokens", ("token_hash", "staff_id"), TOKENS)
    larder.pour("worlds", ("id", "random_number"), _worlds())
    larder.pour("fortunes", ("id", "message"), enumerate(FORTUNES, start=1))


def dish_row(course: str, dish: SeedDish) -> tuple[Any, ...]:
    """Return the values of the columns DISH for a dish."""
    return (
        dish.name,
        course,
        dish.description,
        dish.price_cents,
        dish.portions,
        dish.allergens,
        dish.drawing,
        1,
        searchable(dish.name, dish.description),
        folded(dish.name),
    )


def _dishes() -> Iterator[tuple[Any, ...]]:
    for course, dishes in COURSES.items():
        for dish in dishes:
            yield dish_row(course, dish)


def _reviews() -> Iterator[tuple[Any, ...]]:
    for number, review in enumerate(REVIEWS):
        yield (*review, FIRST_WRITTEN_AT + number * SECONDS_BETWEEN)


def _worlds() -> Iterator[tuple[int, int]]:
    numbers = random.Random(1)  # always the same worlds
    for world_id in range(1, HIGHEST + 1):
        yield world_id, numbers.randint(1, HIGHEST)
