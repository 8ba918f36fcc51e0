"""Clients that buy the same dish at the same time, by forms and by JSON."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing

from tests.concurrency.host_group import HostGroup
from tests.contract.site import Site, at_once

PORTIONS = 100
CLIENTS = 64
TRIES = 2  # of one portion each: 128 portions in all


def sell_last_portions(frameworks: Sequence[HostGroup], dish_id: int) -> None:
    """Let 64 clients buy a dish from several frameworks. Check that exactly 100 are sold."""
    larder = frameworks[0].larder
    larder.dishes.change(dish_id, {"portions": PORTIONS}, None)
    with ExitStack() as stack:
        sites = [stack.enter_context(closing(Site("the site", hosts.url))) for hosts in frameworks]
        buyers = [
            make_form_client(sites[number // 2 % len(sites)], dish_id)
            if number % 2
            else make_json_client(frameworks[number // 2 % len(frameworks)], dish_id)
            for number in range(CLIENTS)
        ]
        try:
            replies = at_once(CLIENTS, lambda number: [buyers[number]() for _ in range(TRIES)])
        finally:
            assert_no_errors(frameworks)  # first: a host's log says more than the reply it sent
    statuses = Counter(status for reply in replies for status in reply)

    by_json, rejected = statuses[201], CLIENTS * TRIES - PORTIONS
    assert statuses == Counter({201: by_json, 303: PORTIONS - by_json, 409: rejected})
    assert larder.dishes.get(dish_id).portions == 0
    lines = [line for order in larder.orders.open(1000) for line in order.lines]
    assert sum(line.quantity for line in lines if line.dish_id == dish_id) == PORTIONS


def assert_no_errors(frameworks: Sequence[HostGroup]) -> None:
    """Fail if a host has logged an error."""
    for hosts in frameworks:
        log = hosts.log_text()
        assert "Traceback" not in log, log[log.index("Traceback") :][:3000]
        assert "locked" not in log
        assert "deadlock" not in log


def make_form_client(site: Site, dish_id: int) -> Callable[[], int]:
    """Return a function that buys a portion by forms, and returns the status of the reply."""
    guest = site.guest()
    guest.csrf("/cart")

    def buy() -> int:
        assert guest.put(dish_id).status == 303
        return guest.place().status

    return buy


def make_json_client(hosts: HostGroup, dish_id: int) -> Callable[[], int]:
    """Return a function that buys a portion by JSON, and returns the status of the reply."""
    order = {"guest": "a program", "lines": [{"dish_id": dish_id, "quantity": 1}]}
    return lambda: hosts.send_json("POST", "/api/orders", order)[0]
