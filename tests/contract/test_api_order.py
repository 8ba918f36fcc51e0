"""Orders by the API: one order per key, and errors for each field."""

import json
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.contract.expect import is_json, is_page, is_problem
from tests.contract.forms import ODD_KEYS
from tests.contract.guest import Guest
from tests.contract.larder import Larder
from tests.contract.levels import hardening
from tests.contract.reply import Reply
from tests.contract.site import OwnDish, Site, at_once

pytestmark = pytest.mark.feature("place-an-order-by-program")
ABSENT = object()


def document(dish: OwnDish, quantity: object = 1, **changes: object) -> dict[str, Any]:
    order = {"guest": "Robot", "lines": [{"dish_id": dish.id, "quantity": quantity}], **changes}
    return {name: value for name, value in order.items() if value is not ABSENT}


def post(site: Site, order: object, key: str | bytes | None = None) -> Reply:
    headers: dict[str, str | bytes] = {} if key is None else {"Idempotency-Key": key}
    return site.program.send("POST", "/api/orders", order, headers)


def test_an_order_is_placed(site: Site, guest: Guest, dish: OwnDish) -> None:
    reply = post(site, document(dish, 3, guest=" Robot "))
    order = is_json(reply, 201)
    line = {"dish_id": dish.id, "name": dish.name, "quantity": 3,
            "unit_price_cents": dish.price_cents}  # fmt: skip
    assert set(order) == {"code", "guest", "status", "total_cents", "placed_at", "lines"}
    assert (order["guest"], order["status"], order["lines"]) == ("Robot", "placed", [line])
    assert order["total_cents"] == 3 * dish.price_cents
    assert reply.headers["Location"].endswith(f"/orders/{order['code']}")
    assert is_page(guest.get(reply.headers["Location"])).texts("strong")[0] == "Robot"


def test_an_order_takes_its_portions(site: Site, dish: OwnDish) -> None:
    before = dish.now()
    post(site, document(dish, 5))
    assert dish.now()["portions"] == before["portions"] - 5
    assert dish.now()["version"] == before["version"] + 1


def test_the_same_key_gives_the_same_order(site: Site, dish: OwnDish) -> None:
    before, key = dish.now()["portions"], f"same-{dish.now()['version']}"
    replies = [post(site, document(dish, 2), key) for _ in range(2)]
    assert [reply.status for reply in replies] == [201, 201]
    assert replies[0].json() == replies[1].json()
    assert replies[0].headers["Location"] == replies[1].headers["Location"]
    assert dish.now()["portions"] == before - 2


def test_the_same_key_eight_times_at_once_makes_one_order(site: Site, dish: OwnDish) -> None:
    before, key = dish.now()["portions"], f"race-{dish.now()['version']}"
    replies = at_once(8, lambda _: post(site, document(dish), key))
    assert {reply.status for reply in replies} == {201}
    assert len({reply.json()["code"] for reply in replies}) == 1
    assert dish.now()["portions"] == before - 1


@pytest.mark.feature("place-an-order-by-program", "place-the-order")
def test_the_same_key_while_the_first_order_is_being_made_gives_that_order(
    site: Site, dish: OwnDish, larder: Larder
) -> None:
    before, key = dish.now()["portions"], f"held-{dish.now()['version']}"
    with ThreadPoolExecutor() as pool:
        with larder.held():
            asked = [pool.submit(post, site, document(dish), key) for _ in range(3)]
            # Long enough for each request to have looked up the key.
            time.sleep(0.3)
        replies = [one.result() for one in asked]
    assert [reply.status for reply in replies] == [201] * 3
    assert len({reply.json()["code"] for reply in replies}) == 1
    assert dish.now()["portions"] == before - 1


@pytest.mark.parametrize("change", ["another guest", "another quantity"])
def test_the_same_key_with_another_order_is_refused(site: Site, dish: OwnDish, change: str) -> None:
    key = f"{change}-{dish.now()['version']}".replace(" ", "-")
    post(site, document(dish), key)
    before = dish.now()
    other = document(dish, 2) if "quantity" in change else document(dish, guest="Else")
    problem = is_problem(post(site, other, key), 422)
    assert problem["detail"] == "That idempotency key was used for another order."
    assert dish.now() == before


@pytest.mark.parametrize("key", [None, " ", "\t "], ids=["no key", "a blank", "a tab"])
def test_without_a_key_every_request_is_an_order(
    site: Site, dish: OwnDish, key: str | None
) -> None:
    codes = {is_json(post(site, document(dish), key), 201)["code"] for _ in range(2)}
    assert len(codes) == 2


@pytest.mark.parametrize("keys", ODD_KEYS.values(), ids=ODD_KEYS)
@hardening("charsets")
def test_two_keys_in_odd_bytes_are_two_orders(
    site: Site, dish: OwnDish, keys: tuple[bytes, bytes]
) -> None:
    run = secrets.token_hex(8).encode()
    replies = [post(site, document(dish), run + key) for key in keys]
    assert {reply.status for reply in replies} <= {201, 400, 422}
    codes = [reply.json()["code"] for reply in replies if reply.status == 201]
    assert len(set(codes)) == len(codes)
    assert dish.now()["portions"] == dish.taken["portions"] - len(codes)


def test_a_key_of_201_characters_is_refused(site: Site, dish: OwnDish) -> None:
    is_problem(post(site, document(dish), "k" * 201), 422, "idempotency_key")


def test_a_sold_out_dish_is_named(site: Site, dish: OwnDish) -> None:
    dish.change(portions=2)
    before = dish.now()
    problem = is_problem(post(site, document(dish, 3)), 409)
    assert dish.name in str(problem["detail"])
    assert dish.now() == before


def test_all_lines_are_taken_or_none(site: Site, dish: OwnDish) -> None:
    other = site.own_dish()
    dish.change(portions=0)
    before = other.now()
    lines = [{"dish_id": one.id, "quantity": 1} for one in (other, dish)]
    is_problem(post(site, document(dish, lines=lines)), 409)
    assert other.now() == before


def test_eight_programs_share_three_portions(site: Site, dish: OwnDish) -> None:
    dish.change(portions=3)
    replies = at_once(8, lambda _: post(site, document(dish)))
    assert sorted(reply.status for reply in replies) == [201] * 3 + [409] * 5
    assert dish.now()["portions"] == 0


def test_two_orders_in_opposite_order_do_not_block_each_other(site: Site, dish: OwnDish) -> None:
    other = site.own_dish()
    lines = [{"dish_id": one.id, "quantity": 1} for one in (other, dish)]
    orders = [document(dish, lines=lines), document(dish, lines=lines[::-1])]
    replies = at_once(6, lambda n: post(site, orders[n % 2]))
    assert {reply.status for reply in replies} == {201}


def test_lines_come_back_by_dish(site: Site, dish: OwnDish) -> None:
    ids = sorted(site.plain_ids[:3], reverse=True)
    lines = [{"dish_id": dish_id, "quantity": 1} for dish_id in ids]
    order = is_json(post(site, document(dish, lines=lines)), 201)
    assert [line["dish_id"] for line in order["lines"]] == sorted(ids)


@pytest.mark.parametrize("quantity", [1, 20])
def test_a_line_may_go_to_the_limits(site: Site, dish: OwnDish, quantity: int) -> None:
    is_json(post(site, document(dish, quantity)), 201)


def test_an_order_may_have_every_dish(site: Site, dish: OwnDish) -> None:
    lines = [{"dish_id": dish_id, "quantity": 1} for dish_id in site.plain_ids[:24]]
    is_json(post(site, document(dish, lines=lines)), 201)


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
@hardening("charsets")
def test_an_order_in_another_unicode_encoding_is_read_or_refused(
    site: Site, dish: OwnDish, codec: str
) -> None:
    # RFC 8259, 8.1: JSON is UTF-8; a parser may ignore or reject a byte order mark.
    body = json.dumps(document(dish)).encode(codec)
    headers = {"Content-Type": "application/json"}
    reply = site.program.request("POST", "/api/orders", headers, body)
    assert reply.status in (201, 400)
    assert (dish.now()["portions"] < dish.taken["portions"]) == (reply.status == 201)
