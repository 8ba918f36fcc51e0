"""Failures of the database: the replies, and the data that stays unchanged."""

from contextlib import AbstractContextManager

import pytest

from tests.contract.expect import (
    carries_security_headers,
    is_error_page,
    is_json,
    is_page,
    is_problem,
)
from tests.contract.levels import hardening
from tests.contract.site import Site

pytestmark = pytest.mark.feature("show-what-went-wrong")


def without(spare: Site, table: str) -> AbstractContextManager[None]:
    """Rename a table of the spare site within the block."""
    assert spare.house
    assert spare.house.larder
    return spare.house.larder.without(table)


@pytest.mark.parametrize("path", ["/", "/dishes", "/dishes/1"])
def test_a_failure_is_a_page_without_a_trace(spare: Site, path: str) -> None:
    with without(spare, "dishes"):
        reply = spare.program.get(path)
    is_error_page(reply, 500)
    carries_security_headers(reply.headers, frame_ancestors="'self'")
    is_page(spare.program.get(path))


@pytest.mark.parametrize("path", ["/api/dishes", "/api/dishes/1"])
def test_a_failure_of_the_api_is_a_problem_without_a_trace(spare: Site, path: str) -> None:
    with without(spare, "dishes"):
        reply = spare.program.get(path)
    is_problem(reply, 500)
    carries_security_headers(reply.headers, frame_ancestors="'self'")
    is_json(spare.program.get(path))


@hardening("limits")
@pytest.mark.parametrize("path", ["/login", "/dishes/1"])
def test_a_failure_of_the_sessions_is_a_page_without_a_trace(spare: Site, path: str) -> None:
    with without(spare, "sessions"):
        reply = spare.guest().get(path)
    is_error_page(reply, 500)
    carries_security_headers(reply.headers, frame_ancestors="'self'")


def test_a_failure_in_the_middle_of_an_order_takes_nothing(spare: Site) -> None:
    assert spare.house
    assert spare.house.larder
    dish = spare.own_dish()
    order = {"guest": "R", "lines": [{"dish_id": dish.id, "quantity": 1}]}
    with spare.house.larder.without("order_lines"):
        is_problem(spare.program.send("POST", "/api/orders", order), 500)
    assert dish.now() == dish.taken
    is_json(spare.program.send("POST", "/api/orders", order), 201)


def test_a_failure_is_told_to_the_house(spare: Site) -> None:
    with without(spare, "reviews"):
        is_error_page(spare.guest().get("/dishes/1"), 500)
    assert spare.house
    assert "Traceback" in spare.house.log.read_text(errors="replace"), "nobody can find out why"
