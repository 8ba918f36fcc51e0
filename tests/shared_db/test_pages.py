"""Tests of the pages of a search."""

import pytest

from shared_db import Larder


def test_a_page_has_twelve_dishes_and_the_parameters_of_the_next_page(larder: Larder) -> None:
    page = larder.dishes.search({})
    assert (len(page.dishes), page.total, page.page, page.pages) == (12, 24, 1, 2)
    assert (page.next, page.previous) == ({"page": "2"}, None)


def test_the_last_page_has_the_parameters_of_the_previous_page(larder: Larder) -> None:
    page = larder.dishes.search({"page": "2"})
    assert len(page.dishes) == 12
    assert (page.next, page.previous) == (None, {"page": "1"})


def test_all_pages_together_contain_every_dish_once(larder: Larder) -> None:
    pages = [larder.dishes.search({"page": str(page)}, page_size=5) for page in range(1, 6)]
    ids = [dish.id for page in pages for dish in page.dishes]
    assert sorted(ids) == list(range(1, 25))
    assert [len(page.dishes) for page in pages] == [5, 5, 5, 5, 4]


def test_the_next_page_keeps_the_query_in_a_fixed_order(larder: Larder) -> None:
    query = {"page": "2", "sort": "-price", "course": "main", "q": "e"}
    page = larder.dishes.search(query, page_size=2)
    assert list((page.next or {}).items()) == [
        ("q", "e"), ("course", "main"), ("sort", "-price"), ("page", "3"),
    ]  # fmt: skip
    assert page.previous == {"q": "e", "course": "main", "sort": "-price", "page": "1"}


def test_the_next_page_omits_blank_and_default_parameters(larder: Larder) -> None:
    page = larder.dishes.search({"q": " ", "course": "", "sort": "name", "page": ""})
    assert page.next == {"page": "2"}


@pytest.mark.parametrize("page", ["3", "999999999", "1" + "0" * 30, "9" * 5000])
def test_a_page_after_the_last_is_empty_and_links_to_the_last(larder: Larder, page: str) -> None:
    result = larder.dishes.search({"page": page})
    assert (result.dishes, result.pages, result.next) == ([], 2, None)
    assert result.previous == {"page": "2"}
    assert result.page == min(int(page[:9]) if len(page) < 10 else 999_999_999, 999_999_999)


def test_a_search_without_a_match_has_one_empty_page(larder: Larder) -> None:
    page = larder.dishes.search({"q": "tarantula"})
    assert (page.dishes, page.total, page.page, page.pages) == ([], 0, 1, 1)
    assert (page.next, page.previous) == (None, None)


def test_a_search_runs_at_most_two_queries(larder: Larder) -> None:
    larder.begin_request()
    larder.dishes.search({"q": "soup", "course": "starter", "sort": "price"})
    assert larder.usage.queries == 2


def test_a_page_as_json_has_its_dishes_and_numbers(larder: Larder) -> None:
    page = larder.dishes.search({"q": "leek soup"})
    assert page.as_dict() == {
        "dishes": [larder.dishes.get(1).as_dict()], "page": 1, "pages": 1, "total": 1,
    }  # fmt: skip


def test_every_course_and_sort_order_of_a_page_is_accepted(larder: Larder) -> None:
    page = larder.dishes.search({})
    for course, _ in page.courses:
        assert larder.dishes.search({"course": course}).total == 6
    for sort, _ in page.sorts:
        assert larder.dishes.search({"sort": sort}).total == 24
