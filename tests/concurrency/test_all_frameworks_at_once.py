"""All frameworks serve the site on one database at the same time."""

import uuid
from collections.abc import Sequence
from contextlib import ExitStack, closing
from urllib.parse import urlsplit

import pytest

from tests.concurrency.buyers import assert_no_errors, sell_last_portions
from tests.concurrency.host_group import HostGroup
from tests.contract.guest import Guest
from tests.contract.site import Site, at_once

pytestmark = pytest.mark.xdist_group("all frameworks")
SENT_AT_ONCE = 50
# One dish for each test, because the tests share a database.
LAST_PORTIONS, BY_JSON, BY_FORM, IN_ONE_CART = 2, 3, 4, range(6, 12)


def test_exactly_the_last_portions_are_sold(frameworks: Sequence[HostGroup]) -> None:
    sell_last_portions(frameworks, LAST_PORTIONS)


def test_one_key_sent_to_all_frameworks_by_json_makes_one_order(
    frameworks: Sequence[HostGroup],
) -> None:
    larder, key = frameworks[0].larder, uuid.uuid4().hex
    before = larder.dishes.get(BY_JSON).portions
    order = {"guest": "a program", "lines": [{"dish_id": BY_JSON, "quantity": 1}]}

    def send(number: int) -> tuple[int, str]:
        hosts = frameworks[number % len(frameworks)]
        status, reply = hosts.send_json("POST", "/api/orders", order, **{"Idempotency-Key": key})
        return status, reply.get("code", reply)

    replies = at_once(SENT_AT_ONCE, send)
    assert len(set(replies)) == 1, set(replies)
    assert replies[0][0] == 201
    assert larder.dishes.get(BY_JSON).portions == before - 1
    assert_no_errors(frameworks)


def test_one_form_sent_to_all_frameworks_makes_one_order(frameworks: Sequence[HostGroup]) -> None:
    larder = frameworks[0].larder
    before = larder.dishes.get(BY_FORM).portions
    with ExitStack() as stack:
        sites = [stack.enter_context(closing(Site("the site", hosts.url))) for hosts in frameworks]
        first = sites[0].guest()
        assert first.put(BY_FORM).status == 303
        key = larder.orders.new_key()
        tabs = [open_tab(site, first.token) for site in sites]
        forms = [tab.order_form(idempotency_key=key) for tab in tabs]

        def send(number: int) -> tuple[int, str]:
            number %= len(tabs)
            reply = tabs[number].post_bare("/orders", forms[number])
            return reply.status, urlsplit(reply.headers.get("Location")).path

        replies = at_once(SENT_AT_ONCE, send)
        assert len(set(replies)) == 1, set(replies)
        assert replies[0][0] == 303
    assert larder.dishes.get(BY_FORM).portions == before - 1
    assert larder.carts.show(first.token).lines == []
    assert_no_errors(frameworks)


def test_each_dish_that_the_frameworks_put_in_one_cart_makes_a_line(
    frameworks: Sequence[HostGroup],
) -> None:
    larder = frameworks[0].larder
    with ExitStack() as stack:
        sites = [stack.enter_context(closing(Site("the site", hosts.url))) for hosts in frameworks]
        first = sites[0].guest()
        first.csrf("/cart")
        tabs = [open_tab(site, first.token) for site in sites]
        for tab in tabs:
            tab.csrf("/cart")
        statuses = at_once(
            len(IN_ONE_CART),
            lambda number: tabs[number % len(tabs)].put(IN_ONE_CART[number], 2).status,
        )
        assert statuses == [303] * len(IN_ONE_CART)
    lines = larder.carts.show(first.token).lines
    assert {line.dish_id: line.quantity for line in lines} == dict.fromkeys(IN_ONE_CART, 2)
    assert_no_errors(frameworks)


def open_tab(site: Site, token: str) -> Guest:
    """Return another tab of the browser with the same session, at another site."""
    tab = site.guest()
    tab.token = token
    return tab
