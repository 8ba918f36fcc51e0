"""Tests of the seed rows, of create and of reset."""

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import literal_column, select, text, update
from sqlalchemy.schema import DropTable

import shared_db
from shared_db import Larder
from shared_db.errors import DatabaseUnavailableError, SchemaMismatchError
from shared_db.schema import cart_lines, larder_schema, sessions, worlds
from shared_db.seed_dishes import GENERIC_DRAWINGS
from tests.shared_db.helpers import (
    FISH_PIE,
    LAST_ONE,
    contents,
    create_session,
    order,
    quantities,
)

DRAWINGS = """
leek-soup beet-salad gravlax dolmades burrata tomato-soup
kaesespaetzle mushroom-risotto roast-chicken ramen aubergine-curry fish-pie
creme-brulee apple-crumble lemon-tart chocolate-mousse baklava rice-pudding
tea coffee lemonade elderflower red-wine water
"""


def test_each_course_has_six_dishes_with_a_drawing_each(larder: Larder) -> None:
    dishes = [dish for section in larder.dishes.menu() for dish in section.dishes]
    assert [dish.drawing for dish in dishes] == DRAWINGS.split()
    assert Counter(dish.course for dish in dishes) == {
        "starter": 6, "main": 6, "dessert": 6, "drink": 6,
    }  # fmt: skip


def test_one_dish_is_sold_out_one_has_one_portion_and_the_others_have_many(
    larder: Larder,
) -> None:
    portions = {d.id: d.portions for section in larder.dishes.menu() for d in section.dishes}
    assert portions.pop(FISH_PIE) == 0
    assert portions.pop(LAST_ONE) == 1
    assert all(200 <= left <= 400 for left in portions.values())


def test_the_seed_dishes_pass_validation(larder: Larder) -> None:
    for section in larder.dishes.menu():
        for dish in section.dishes:
            values = dish.as_dict()
            fields = ("name", "description", "price_cents", "portions", "allergens")
            changed = larder.dishes.change(dish.id, {name: values[name] for name in fields}, 1)
            assert changed == dish._replace(version=2)


def test_the_seed_has_sixty_valid_reviews(larder: Larder) -> None:
    reviews = [review for dish_id in range(1, 25) for review in larder.reviews.of(dish_id)]
    assert len(reviews) == 60
    assert all(review.written_on.startswith("2026-") for review in reviews)
    for review in reviews:
        form = {"author": review.author, "rating": str(review.rating), "body": review.body}
        stored = larder.reviews.write(review.dish_id, form)
        assert stored[1:5] == review[1:5]


def test_every_dish_has_a_review(larder: Larder) -> None:
    assert all(larder.reviews.of(dish_id) for dish_id in range(1, 25))


def test_some_names_are_not_ascii(larder: Larder) -> None:
    names = [dish.name for section in larder.dishes.menu() for dish in section.dishes]
    assert sum(not name.isascii() for name in names) >= 2


def test_two_new_databases_are_equal(larder: Larder, empty_url: str, tmp_path: Path) -> None:
    assert shared_db.create(empty_url) is True
    other = shared_db.open_larder(empty_url, tmp_path)
    assert contents(other) == contents(larder)
    assert other.fetch_all(select(worlds)) == larder.fetch_all(select(worlds))
    other.close()


def test_create_does_not_change_an_existing_database(larder: Larder, database_url: str) -> None:
    order(larder, {1: 1})
    before = contents(larder)
    assert shared_db.create(database_url) is False
    assert contents(larder) == before


def test_create_rejects_a_database_of_another_version(larder: Larder, database_url: str) -> None:
    larder.execute(larder_schema.delete())
    before = contents(larder)
    with pytest.raises(SchemaMismatchError):
        shared_db.create(database_url)
    assert contents(larder) == before


def test_reset_restores_the_seed_of_an_open_database(larder: Larder, database_url: str) -> None:
    before = contents(larder)
    order(larder, {1: 1})
    token = create_session(larder, {1: 1, 2: 2})
    shared_db.reset(database_url)
    assert quantities(larder, token) == {}
    assert contents(larder) == before
    assert larder.reviews.write(1, {"author": "A", "rating": "5", "body": "B"}).id == 61


def test_reset_repairs_a_database_of_another_version(larder: Larder, database_url: str) -> None:
    larder.execute(larder_schema.delete())
    shared_db.reset(database_url)
    larder.check()


def test_a_database_of_version_1_is_rejected_until_it_is_reset(
    larder: Larder, database_url: str
) -> None:
    """Version 1 stored the carts in the data of the sessions."""
    before = contents(larder)
    for table in (cart_lines, sessions):
        larder.execute(DropTable(table))
    larder.execute(text("CREATE TABLE sessions (token_hash TEXT PRIMARY KEY, data TEXT NOT NULL,"
                    " expires_at INTEGER NOT NULL)"))  # fmt: skip
    larder.execute(text("CREATE INDEX ix_sessions_expires_at ON sessions (expires_at)"))
    larder.execute(update(larder_schema).values(version=literal_column("1")))
    for open_old in (shared_db.create, shared_db.scale):
        with pytest.raises(SchemaMismatchError, match="run: make database-reset"):
            open_old(database_url)
    shared_db.reset(database_url)
    assert contents(larder) == before
    assert quantities(larder, create_session(larder, {1: 2})) == {1: 2}


def test_reset_creates_a_missing_database(empty_url: str, tmp_path: Path) -> None:
    shared_db.reset(empty_url)
    larder = shared_db.open_larder(empty_url, tmp_path)
    larder.check()
    larder.close()


def test_a_server_that_does_not_answer_raises_an_error(tmp_path: Path) -> None:
    for command in (shared_db.create, shared_db.reset, shared_db.scale):
        with pytest.raises(DatabaseUnavailableError):
            command(f"postgresql://nobody@/none?host={tmp_path}")


def test_generated_dishes_have_a_drawing_for_each_course() -> None:
    assert GENERIC_DRAWINGS == {
        "starter": "generic-starter",
        "main": "generic-main",
        "dessert": "generic-dessert",
        "drink": "generic-drink",
    }
