"""The pages of a search."""

import pytest

from shared_db import Larder


def test_a_page_has_twelve_dishes_and_knows_its_neighbours(larder: Larder) -> None:
    found = larder.dishes.search({})
    assert (len(found.dishes), found.total, found.page, found.pages) == (12, 24, 1, 2)
    assert (found.next, found.previous) == ({"page": "2"}, None)


def test_the_last_page_leads_back_to_the_first_without_naming_it(larder: Larder) -> None:
    found = larder.dishes.search({"page": "2"})
    assert len(found.dishes) == 12
    assert (found.next, found.previous) == (None, {"page": "1"})


def test_all_pages_together_hold_every_dish_once(larder: Larder) -> None:
    pages = [larder.dishes.search({"page": str(page)}, page_size=5) for page in range(1, 6)]
    ids = [dish.id for found in pages for dish in found.dishes]
    assert sorted(ids) == list(range(1, 25))
    assert [len(found.dishes) for found in pages] == [5, 5, 5, 5, 4]


def test_neighbours_keep_what_was_asked_in_a_fixed_order(larder: Larder) -> None:
    query = {"page": "2", "sort": "-price", "course": "main", "q": "e"}
    found = larder.dishes.search(query, page_size=2)
    assert list((found.next or {}).items()) == [
        ("q", "e"), ("course", "main"), ("sort", "-price"), ("page", "3"),
    ]  # fmt: skip
    assert found.previous == {"q": "e", "course": "main", "sort": "-price", "page": "1"}


def test_neighbours_leave_out_blanks_and_defaults(larder: Larder) -> None:
    found = larder.dishes.search({"q": " ", "course": "", "sort": "name", "page": ""})
    assert found.next == {"page": "2"}


@pytest.mark.parametrize("page", ["3", "999999999", "1" + "0" * 30, "9" * 5000])
def test_a_page_past_the_last_is_empty_and_leads_back_to_the_last(
    larder: Larder, page: str
) -> None:
    found = larder.dishes.search({"page": page})
    assert (found.dishes, found.pages, found.next) == ([], 2, None)
    assert found.previous == {"page": "2"}
    assert found.page == min(int(page[:9]) if len(page) < 10 else 999_999_999, 999_999_999)


def test_a_search_without_a_match_has_one_empty_page(larder: Larder) -> None:
    found = larder.dishes.search({"q": "tarantula"})
    assert (found.dishes, found.total, found.page, found.pages) == ([], 0, 1, 1)
    assert (found.next, found.previous) == (None, None)


def test_a_search_takes_two_queries_at_most(larder: Larder) -> None:
    larder.begin_request()
    larder.dishes.search({"q": "soup", "course": "starter", "sort": "price"})
    assert larder.usage.queries == 2


def test_a_page_as_json_has_its_dishes_and_numbers(larder: Larder) -> None:
    found = larder.dishes.search({"q": "leek soup"})
    assert found.as_dict() == {
        "dishes": [larder.dishes.get(1).as_dict()], "page": 1, "pages": 1, "total": 1,
    }  # fmt: skip


def test_every_choice_a_page_offers_can_be_searched_for(larder: Larder) -> None:
    found = larder.dishes.search({})
    for course, _ in found.courses:
        assert larder.dishes.search({"course": course}).total == 6
    for sort, _ in found.sorts:
        assert larder.dishes.search({"sort": sort}).total == 24
