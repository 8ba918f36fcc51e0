"""Hosts are killed where they stand, 50 times, while orders come in: no answered order is lost."""

import http.client
import random
import sqlite3
import threading
import time
import uuid

from tests.concurrency.brigade import Brigade

DISH = 3
PORTIONS = 10_000
KILLS = 50
CLIENTS = 6


def test_every_answered_order_outlives_its_host(mortal_hosts: Brigade, sqlite_url: str) -> None:
    hosts = mortal_hosts
    hosts.larder.dishes.change(DISH, {"portions": PORTIONS}, None)
    answered: list[str] = []
    wrong: list[object] = []
    over = threading.Event()

    def order_and_order() -> None:
        while not over.is_set():
            key = {"Idempotency-Key": uuid.uuid4().hex}
            order = {"guest": "a program", "lines": [{"dish_id": DISH, "quantity": 1}]}
            while not over.is_set():
                try:
                    status, reply = hosts.ask("POST", "/api/orders", order, **key)
                except (OSError, http.client.HTTPException):
                    continue  # the host was killed: ask another, with the same key
                answered.append(reply["code"]) if status == 201 else wrong.append(reply)
                break

    clients = [threading.Thread(target=order_and_order) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    pick = random.Random(4)
    try:
        for _ in range(KILLS):
            enough = len(answered) + 1
            while len(answered) < enough:  # each lives long enough to be in the middle of something
                time.sleep(0.01)
            hosts.replace(pick.randrange(len(hosts.pids)))
    finally:
        over.set()
        for client in clients:
            client.join()

    assert not wrong
    assert len(answered) >= KILLS
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as database:
        codes = {code for (code,) in database.execute("SELECT code FROM orders")}
        (sold,) = database.execute("SELECT sum(quantity) FROM order_lines").fetchone()
        (left,) = database.execute("SELECT portions FROM dishes WHERE id = ?", [DISH]).fetchone()
        (integrity,) = database.execute("PRAGMA integrity_check").fetchone()
    assert set(answered) <= codes
    assert len(answered) == len(set(answered))
    assert left + sold == PORTIONS
    assert integrity == "ok"
