"""Buyers: guests with forms and programs with JSON, who want the same dish at the same time."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing

from tests.concurrency.brigade import Brigade
from tests.contract.site import Site, at_once

PORTIONS = 100
CLIENTS = 64
TRIES = 2  # of one portion each: 128 portions are wanted


def sell_the_last_portions(kitchens: Sequence[Brigade], dish_id: int) -> None:
    """Let 64 buyers, spread over kitchens on one larder, buy a dish; exactly 100 are sold."""
    larder = kitchens[0].larder
    larder.dishes.change(dish_id, {"portions": PORTIONS}, None)
    with ExitStack() as stack:
        sites = [stack.enter_context(closing(Site("the site", each.url))) for each in kitchens]
        buyers = [
            guest_who_buys(sites[number // 2 % len(sites)], dish_id)
            if number % 2
            else program_that_buys(kitchens[number // 2 % len(kitchens)], dish_id)
            for number in range(CLIENTS)
        ]
        replies = at_once(CLIENTS, lambda number: [buyers[number]() for _ in range(TRIES)])
    answers = Counter(status for statuses in replies for status in statuses)

    refused = CLIENTS * TRIES - PORTIONS
    assert answers == Counter({201: answers[201], 303: PORTIONS - answers[201], 409: refused})
    assert larder.dishes.get(dish_id).portions == 0
    lines = [line for order in larder.orders.open(1000) for line in order.lines]
    assert sum(line.quantity for line in lines if line.dish_id == dish_id) == PORTIONS
    assert_no_complaints(kitchens)


def assert_no_complaints(kitchens: Sequence[Brigade]) -> None:
    """Fail if a host has logged an error."""
    for kitchen in kitchens:
        log = kitchen.log_text()
        assert "Traceback" not in log
        assert "locked" not in log
        assert "deadlock" not in log


def guest_who_buys(site: Site, dish_id: int) -> Callable[[], int]:
    """Return a function that buys a portion with forms and returns the reply's status."""
    guest = site.guest()
    guest.csrf("/cart")

    def buy() -> int:
        assert guest.put(dish_id).status == 303
        return guest.place().status

    return buy


def program_that_buys(kitchen: Brigade, dish_id: int) -> Callable[[], int]:
    """Return a function that buys a portion with JSON and returns the reply's status."""
    order = {"guest": "a program", "lines": [{"dish_id": dish_id, "quantity": 1}]}
    return lambda: kitchen.ask("POST", "/api/orders", order)[0]
