"""Simultaneous requests in one session, answered by several processes: nothing is lost."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.concurrency.buyers import assert_no_errors
from tests.concurrency.host_group import HostGroup
from tests.contract.guest import Guest
from tests.contract.site import Site, at_once

DISHES = [1, 2, 3, 4, 6, 7, 8, 9, 10, 11]  # each has many portions
MESSAGE = "Thank you for your review."


@pytest.fixture
def guest(hosts: HostGroup) -> Iterator[Guest]:
    """A guest who has a session and an empty cart."""
    with closing(Site("the site", hosts.url)) as site:
        guest = site.guest()
        guest.csrf("/cart")
        yield guest
    assert_no_errors([hosts])


def test_ten_dishes_put_in_a_cart_at_once_make_ten_lines(hosts: HostGroup, guest: Guest) -> None:
    statuses = at_once(10, lambda number: guest.put(DISHES[number], number + 1).status)
    assert statuses == [303] * 10
    lines = hosts.larder.carts.show(guest.token).lines
    expected = {dish_id: number for number, dish_id in enumerate(DISHES, start=1)}
    assert {line.dish_id: line.quantity for line in lines} == expected
    assert guest.page("/cart").text(".count") == "55"


def test_one_form_sent_ten_times_at_once_makes_one_order(hosts: HostGroup, guest: Guest) -> None:
    guest.put(DISHES[0], 2)
    before = hosts.larder.dishes.get(DISHES[0]).portions
    form = guest.order_form()
    replies = at_once(10, lambda _: guest.post_bare("/orders", form))
    assert [reply.status for reply in replies] == [303] * 10
    assert len({reply.headers.get("Location") for reply in replies}) == 1
    assert hosts.larder.dishes.get(DISHES[0]).portions == before - 2


def test_ten_forms_of_one_cart_sent_at_once_make_one_order(hosts: HostGroup, guest: Guest) -> None:
    for dish_id in DISHES[:3]:
        guest.put(dish_id, 2)
    before = hosts.larder.dishes.get(DISHES[0]).portions
    form = guest.order_form()

    def send(number: int) -> int:
        return guest.post_bare("/orders", {**form, "idempotency_key": f"key {number}"}).status

    assert Counter(at_once(10, send)) == {303: 1, 422: 9}
    assert hosts.larder.dishes.get(DISHES[0]).portions == before - 2
    assert guest.page("/cart").all("table.cart, .count") == []


def test_the_messages_of_ten_reviews_at_once_are_all_shown(guest: Guest) -> None:
    form = {**guest.csrf("/dishes/1/reviews"), "author": "Ida", "rating": "5", "body": "Good."}
    replies = at_once(10, lambda number: guest.post_bare(f"/dishes/{1 + number}/reviews", form))
    assert [reply.status for reply in replies] == [303] * 10
    assert guest.page("/").texts(".flash") == [MESSAGE] * 10
    assert guest.page("/").texts(".flash") == []
