"""All frameworks work on one larder at the same time: together they keep its rules."""

import uuid
from collections.abc import Sequence
from contextlib import ExitStack, closing
from urllib.parse import urlsplit

import pytest

from tests.concurrency.brigade import Brigade
from tests.concurrency.buyers import assert_no_complaints, sell_the_last_portions
from tests.contract.guest import Guest
from tests.contract.site import Site, at_once

pytestmark = pytest.mark.xdist_group("every kitchen")
SENT_AT_ONCE = 50
# One dish for each test: they share a larder.
RUSHED, BY_PROGRAM, BY_FORM, TOGETHER = 2, 3, 4, range(6, 12)


def test_exactly_the_last_portions_are_sold(kitchens: Sequence[Brigade]) -> None:
    sell_the_last_portions(kitchens, RUSHED)


def test_one_key_sent_to_all_by_programs_makes_one_order(kitchens: Sequence[Brigade]) -> None:
    larder, key = kitchens[0].larder, uuid.uuid4().hex
    before = larder.dishes.get(BY_PROGRAM).portions
    order = {"guest": "a program", "lines": [{"dish_id": BY_PROGRAM, "quantity": 1}]}

    def send(number: int) -> tuple[int, str]:
        kitchen = kitchens[number % len(kitchens)]
        status, reply = kitchen.ask("POST", "/api/orders", order, **{"Idempotency-Key": key})
        return status, reply.get("code", reply)

    replies = at_once(SENT_AT_ONCE, send)
    assert len(set(replies)) == 1, set(replies)
    assert replies[0][0] == 201
    assert larder.dishes.get(BY_PROGRAM).portions == before - 1
    assert_no_complaints(kitchens)


def test_one_form_sent_to_all_makes_one_order(kitchens: Sequence[Brigade]) -> None:
    larder = kitchens[0].larder
    before = larder.dishes.get(BY_FORM).portions
    with ExitStack() as stack:
        sites = [stack.enter_context(closing(Site("the site", each.url))) for each in kitchens]
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
    assert_no_complaints(kitchens)


def test_dishes_put_in_one_cart_by_all_make_a_line_each(kitchens: Sequence[Brigade]) -> None:
    larder = kitchens[0].larder
    with ExitStack() as stack:
        sites = [stack.enter_context(closing(Site("the site", each.url))) for each in kitchens]
        first = sites[0].guest()
        first.csrf("/cart")
        tabs = [open_tab(site, first.token) for site in sites]
        for tab in tabs:
            tab.csrf("/cart")
        statuses = at_once(
            len(TOGETHER), lambda number: tabs[number % len(tabs)].put(TOGETHER[number], 2).status
        )
        assert statuses == [303] * len(TOGETHER)
    lines = larder.carts.show(first.token).lines
    assert {line.dish_id: line.quantity for line in lines} == dict.fromkeys(TOGETHER, 2)
    assert_no_complaints(kitchens)


def open_tab(site: Site, token: str) -> Guest:
    """Return another tab of a browser, at another site, with the same session."""
    tab = site.guest()
    tab.token = token
    return tab
