"""64 guests and programs want more than is left: nobody gets what is not there."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from tests.contract.site import Site
from tests.rush.brigade import Brigade

DISH = 2
PORTIONS = 100
CLIENTS = 64
TRIES = 2  # of one portion each: 128 portions are wanted


def test_exactly_the_last_portions_are_sold(hosts: Brigade) -> None:
    hosts.larder.dishes.change(DISH, {"portions": PORTIONS}, None)
    together = threading.Barrier(CLIENTS)
    site = Site("the site", hosts.url)

    def want(number: int) -> list[int]:
        buy = guest_who_buys(site) if number % 2 else program_that_buys(hosts)
        together.wait()
        return [buy() for _ in range(TRIES)]

    with ThreadPoolExecutor(CLIENTS) as pool, closing(site):
        answers = Counter(
            status for statuses in pool.map(want, range(CLIENTS)) for status in statuses
        )

    assert answers[201] + answers[303] == PORTIONS
    assert answers[409] == CLIENTS * TRIES - PORTIONS
    assert hosts.larder.dishes.get(DISH).portions == 0
    sold = sum(line.quantity for order in hosts.larder.orders.open(1000) for line in order.lines)
    assert sold == PORTIONS
    assert "Traceback" not in hosts.log_text()
    assert "locked" not in hosts.log_text()


def guest_who_buys(site: Site):
    guest = site.guest()

    def buy() -> int:
        guest.put(DISH)
        return guest.place().status

    return buy


def program_that_buys(hosts: Brigade):
    order = {"guest": "a program", "lines": [{"dish_id": DISH, "quantity": 1}]}
    return lambda: hosts.ask("POST", "/api/orders", order)[0]
