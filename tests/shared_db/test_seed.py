"""The seed of a new larder."""

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import literal_column, select, text, update
from sqlalchemy.schema import DropTable

import shared_db
from shared_db import Larder
from shared_db.errors import LarderDown, SchemaMismatch
from shared_db.menu_card import GENERIC_DRAWINGS
from shared_db.schema import cart_lines, larder_schema, sessions, worlds
from tests.shared_db.kitchen import (
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


def test_there_are_six_dishes_a_course_with_a_drawing_each(larder: Larder) -> None:
    dishes = [dish for section in larder.dishes.menu() for dish in section.dishes]
    assert [dish.drawing for dish in dishes] == DRAWINGS.split()
    assert Counter(dish.course for dish in dishes) == {
        "starter": 6, "main": 6, "dessert": 6, "drink": 6,
    }  # fmt: skip


def test_one_dish_is_sold_out_one_is_nearly_and_there_is_plenty_of_the_rest(
    larder: Larder,
) -> None:
    portions = {d.id: d.portions for section in larder.dishes.menu() for d in section.dishes}
    assert portions.pop(FISH_PIE) == 0
    assert portions.pop(LAST_ONE) == 1
    assert all(200 <= left <= 400 for left in portions.values())


def test_the_seed_keeps_the_larders_own_rules(larder: Larder) -> None:
    for section in larder.dishes.menu():
        for dish in section.dishes:
            shown = dish.as_dict()
            fields = ("name", "description", "price_cents", "portions", "allergens")
            changed = larder.dishes.change(dish.id, {name: shown[name] for name in fields}, 1)
            assert changed == dish._replace(version=2)


def test_there_are_sixty_reviews_of_the_past(larder: Larder) -> None:
    reviews = [review for dish_id in range(1, 25) for review in larder.reviews.of(dish_id)]
    assert len(reviews) == 60
    assert all(review.written_on.startswith("2026-") for review in reviews)
    for review in reviews:
        form = {"author": review.author, "rating": str(review.rating), "body": review.body}
        kept = larder.reviews.write(review.dish_id, form)
        assert kept[1:5] == review[1:5]


def test_every_dish_has_a_review(larder: Larder) -> None:
    assert all(larder.reviews.of(dish_id) for dish_id in range(1, 25))


def test_some_names_are_not_written_in_ascii(larder: Larder) -> None:
    names = [dish.name for section in larder.dishes.menu() for dish in section.dishes]
    assert sum(not name.isascii() for name in names) >= 2


def test_two_new_larders_are_the_same(larder: Larder, empty_url: str, tmp_path: Path) -> None:
    assert shared_db.create(empty_url) is True
    other = shared_db.open_larder(empty_url, tmp_path)
    assert contents(other) == contents(larder)
    assert other.rows(select(worlds)) == larder.rows(select(worlds))
    other.close()


def test_creating_a_larder_that_is_there_leaves_it_alone(larder: Larder, database_url: str) -> None:
    order(larder, {1: 1})
    before = contents(larder)
    assert shared_db.create(database_url) is False
    assert contents(larder) == before


def test_creating_over_another_version_is_refused(larder: Larder, database_url: str) -> None:
    larder.run(larder_schema.delete())
    before = contents(larder)
    with pytest.raises(SchemaMismatch):
        shared_db.create(database_url)
    assert contents(larder) == before


def test_a_reset_brings_back_the_seed_under_an_open_larder(
    larder: Larder, database_url: str
) -> None:
    before = contents(larder)
    order(larder, {1: 1})
    token = create_session(larder, {1: 1, 2: 2})
    shared_db.reset(database_url)
    assert quantities(larder, token) == {}
    assert contents(larder) == before
    assert larder.reviews.write(1, {"author": "A", "rating": "5", "body": "B"}).id == 61


def test_a_reset_mends_a_larder_of_another_version(larder: Larder, database_url: str) -> None:
    larder.run(larder_schema.delete())
    shared_db.reset(database_url)
    larder.check()


def test_a_larder_whose_sessions_hold_the_carts_is_refused_until_it_is_reset(
    larder: Larder, database_url: str
) -> None:
    """Such was version 1 of the schema."""
    before = contents(larder)
    for table in (cart_lines, sessions):
        larder.run(DropTable(table))
    larder.run(text("CREATE TABLE sessions (token_hash TEXT PRIMARY KEY, data TEXT NOT NULL,"
                    " expires_at INTEGER NOT NULL)"))  # fmt: skip
    larder.run(text("CREATE INDEX ix_sessions_expires_at ON sessions (expires_at)"))
    larder.run(update(larder_schema).values(version=literal_column("1")))
    for open_old in (shared_db.create, shared_db.scale):
        with pytest.raises(SchemaMismatch, match="run: cookoff larder reset"):
            open_old(database_url)
    shared_db.reset(database_url)
    assert contents(larder) == before
    assert quantities(larder, create_session(larder, {1: 2})) == {1: 2}


def test_a_reset_makes_a_larder_that_is_not_there(empty_url: str, tmp_path: Path) -> None:
    shared_db.reset(empty_url)
    larder = shared_db.open_larder(empty_url, tmp_path)
    larder.check()
    larder.close()


def test_a_server_that_is_not_there_cannot_be_stocked(tmp_path: Path) -> None:
    for make in (shared_db.create, shared_db.reset, shared_db.scale):
        with pytest.raises(LarderDown):
            make(f"postgresql://nobody@/none?host={tmp_path}")


def test_made_up_dishes_have_a_drawing_for_each_course() -> None:
    assert GENERIC_DRAWINGS == {
        "starter": "generic-starter",
        "main": "generic-main",
        "dessert": "generic-dessert",
        "drink": "generic-drink",
    }
