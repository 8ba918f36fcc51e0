"""Tests of TechEmpower's two tables."""

import pytest
from sqlalchemy import select

from shared_db import Larder
from shared_db.schema import worlds
from shared_db.worlds import World, _choose_other_number


def test_a_random_world_has_an_id_up_to_ten_thousand(larder: Larder) -> None:
    larder.begin_request()
    world = larder.worlds.random()
    assert 1 <= world.id <= 10_000
    assert 1 <= world.random_number <= 10_000
    assert larder.usage.queries == 1


@pytest.mark.parametrize("n", [1, 20, 500])
def test_each_world_is_read_by_its_own_query(larder: Larder, n: int) -> None:
    larder.begin_request()
    assert len({world.id for world in larder.worlds.some(n)}) == n
    assert larder.usage.queries == n


def read_all_worlds(larder: Larder) -> dict[int, int]:
    return dict(larder.fetch_all(select(worlds.c.id, worlds.c.random_number)))


@pytest.mark.parametrize("n", [1, 20, 500])
def test_an_update_reads_each_world_and_writes_another_number(larder: Larder, n: int) -> None:
    before = read_all_worlds(larder)
    larder.begin_request()
    updated = larder.worlds.update(n)
    assert larder.usage.queries == 2 * n
    assert [world.id for world in updated] == sorted({world.id for world in updated})
    assert read_all_worlds(larder) == {**before, **dict(updated)}
    assert all(number != before[world_id] for world_id, number in updated)
    assert len(updated) == n


def test_the_other_number_is_always_different() -> None:
    assert {_choose_other_number(number) for _ in range(200) for number in (1, 10_000)} <= set(
        range(1, 10_001)
    )
    assert all(_choose_other_number(number) != number for number in range(1, 10_001))


def test_a_world_as_json_has_techempowers_names() -> None:
    assert World(1, 2).as_dict() == {"id": 1, "randomNumber": 2}


def test_the_fortunes_are_sorted_and_have_an_additional_row(larder: Larder) -> None:
    larder.begin_request()
    fortunes = larder.fortunes.all()
    assert larder.usage.queries == 1
    assert sorted(fortune.id for fortune in fortunes) == list(range(13))
    messages = [fortune.message for fortune in fortunes]
    assert messages == sorted(messages)
    assert fortunes[0].message.startswith("<script>")
    assert "Additional fortune added at request time." in messages
    assert messages[-1] == "フレームワークのベンチマーク"
