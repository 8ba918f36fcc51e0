"""Hosts are killed 50 times while they place orders: no confirmed order is lost."""

import http.client
import random
import sqlite3
import threading
import time
import uuid

from tests.concurrency.host_group import HostGroup

DISH = 3
PORTIONS = 10_000
KILLS = 50
CLIENTS = 6


def test_every_confirmed_order_is_stored_after_its_host_is_killed(sqlite_hosts: HostGroup) -> None:
    hosts = sqlite_hosts
    hosts.larder.dishes.change(DISH, {"portions": PORTIONS}, None)
    confirmed: list[str] = []
    unexpected: list[object] = []
    finished = threading.Event()

    def place_orders() -> None:
        while not finished.is_set():
            key = {"Idempotency-Key": uuid.uuid4().hex}
            order = {"guest": "a program", "lines": [{"dish_id": DISH, "quantity": 1}]}
            while not finished.is_set():
                try:
                    status, reply = hosts.send_json("POST", "/api/orders", order, **key)
                except (OSError, http.client.HTTPException):
                    continue  # the host was killed: try another host with the same key
                confirmed.append(reply["code"]) if status == 201 else unexpected.append(reply)
                break

    clients = [threading.Thread(target=place_orders) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    generator = random.Random(4)
    try:
        for _ in range(KILLS):
            target = len(confirmed) + 1
            while len(confirmed) < target:  # so that hosts are killed while they place orders
                time.sleep(0.01)
            hosts.replace(generator.randrange(len(hosts.pids)))
    finally:
        finished.set()
        for client in clients:
            client.join()

    assert not unexpected
    assert len(confirmed) >= KILLS
    with sqlite3.connect(hosts.rows.url.removeprefix("sqlite:///")) as database:
        codes = {code for (code,) in database.execute("SELECT code FROM orders")}
        (sold,) = database.execute("SELECT sum(quantity) FROM order_lines").fetchone()
        (left,) = database.execute("SELECT portions FROM dishes WHERE id = ?", [DISH]).fetchone()
        (integrity,) = database.execute("PRAGMA integrity_check").fetchone()
    assert set(confirmed) <= codes
    assert len(confirmed) == len(set(confirmed))
    assert left + sold == PORTIONS
    assert integrity == "ok"
