"""Create the tables and the seed rows, which are the same in every database."""

import random
from collections.abc import Iterator
from typing import Any

from sqlalchemy.schema import CreateIndex, CreateTable, DropTable

from shared_db.backends import database_from_url
from shared_db.connections import Connections
from shared_db.database import Database
from shared_db.errors import DatabaseMissingError
from shared_db.schema import VERSION, metadata
from shared_db.seed_constants import FORTUNES, STAFF, TOKENS
from shared_db.seed_dishes import COURSES, SeedDish
from shared_db.seed_reviews import FIRST_WRITTEN_AT, REVIEWS, SECONDS_BETWEEN
from shared_db.text import fold_case, join_search_text
from shared_db.worlds import HIGHEST_NUMBER

DISH_COLUMNS = (
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
_REVIEW_COLUMNS = ("dish_id", "author", "rating", "body", "written_at")


def create(database_url: str) -> bool:
    """Create the tables and the seed rows, and return True; return False if they exist.

    Raise SchemaMismatchError if another version created the tables, or DatabaseUnavailableError;
    then nothing is created.
    """
    database = database_from_url(database_url)
    connections = Connections(database)
    try:
        connections.connect()
    except DatabaseMissingError:
        _build(database, drop_tables=False)
        return True
    finally:
        connections.close()
    return False


def reset(database_url: str) -> None:
    """Replace all tables and rows by the seed, in one transaction.

    Apps that have the database open continue with the new rows. Raise DatabaseUnavailableError;
    then nothing is changed.
    """
    _build(database_from_url(database_url), drop_tables=True)


def _build(database: Database, drop_tables: bool) -> None:
    database.prepare()
    connections = Connections(database, checks_schema=False)
    try:
        with connections.transaction():
            if drop_tables:
                _drop_tables(connections)
            _create_tables(connections)
            _insert_rows(connections)
    finally:
        connections.close()


def _drop_tables(connections: Connections) -> None:
    for table in reversed(metadata.sorted_tables):
        connections.execute(DropTable(table, if_exists=True))


def _create_tables(connections: Connections) -> None:
    for table in metadata.sorted_tables:
        connections.execute(CreateTable(table))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            connections.execute(CreateIndex(index))


def _insert_rows(connections: Connections) -> None:
    connections.bulk_insert("larder_schema", ("version",), [(VERSION,)])
    connections.bulk_insert("dishes", DISH_COLUMNS, _make_dishes())
    connections.bulk_insert("reviews", _REVIEW_COLUMNS, _make_reviews())
    connections.bulk_insert("staff", ("username", "password_hash"), STAFF)
    connections.bulk_insert("api_tokens", ("token_hash", "staff_id"), TOKENS)
    connections.bulk_insert("worlds", ("id", "random_number"), _make_worlds())
    connections.bulk_insert("fortunes", ("id", "message"), enumerate(FORTUNES, start=1))


def make_dish_row(course: str, dish: SeedDish) -> tuple[Any, ...]:
    """Return the values of a dish for the columns DISH_COLUMNS."""
    return (
        dish.name,
        course,
        dish.description,
        dish.price_cents,
        dish.portions,
        dish.allergens,
        dish.drawing,
        1,
        join_search_text(dish.name, dish.description),
        fold_case(dish.name),
    )


def _make_dishes() -> Iterator[tuple[Any, ...]]:
    for course, dishes in COURSES.items():
        for dish in dishes:
            yield make_dish_row(course, dish)


def _make_reviews() -> Iterator[tuple[Any, ...]]:
    for number, review in enumerate(REVIEWS):
        yield (*review, FIRST_WRITTEN_AT + number * SECONDS_BETWEEN)


def _make_worlds() -> Iterator[tuple[int, int]]:
    numbers = random.Random(1)  # always the same worlds
    for world_id in range(1, HIGHEST_NUMBER + 1):
        yield world_id, numbers.randint(1, HIGHEST_NUMBER)
