"""What does a program do? Reads dishes, places orders with keys, changes dishes with a token."""

import json
from typing import Any

from hypothesis import strategies as st

from bench.conformance.differential.actions.browsing import QUERY, searched
from bench.conformance.differential.actions.ordering import make_order
from bench.conformance.differential.actions.registry import (
    BLANK,
    DISH,
    MARKUP,
    SCRIPTS,
    Steps,
    action,
    get,
    mostly,
)
from bench.conformance.differential.expected import Answer, Step, answer, problem
from bench.conformance.differential.http_client import Request
from bench.conformance.differential.model import Order, Restaurant, Turn, is_id
from bench.conformance.differential.text_rules import wrong_with
from bench.conformance.site_constants import TOKEN

JSON = "application/json"
PROGRAM = "program"
GUESTS = mostly("Robot", MARKUP[:70], SCRIPTS, "=1+1", *BLANK)
KEYS = mostly("", "one", "one", "two", "k" * 201)
BAD_BODIES = ("", "{", "[1,", '{"guest": "R",}', "[" * 10_000, "\x00", "nul")
BAD_LINES: dict[str, tuple[Any, str]] = {
    "none": ([], "Please send a list of 1 to 24 lines."),
    "no list": ({}, "Please send a list of 1 to 24 lines."),
    "no object": ([1], "Each line must be an object with dish_id and quantity."),
    "a dish of text": (
        [{"dish_id": "1", "quantity": 1}],
        "Each dish_id must be a whole number.",
    ),
    "a quantity of 0": (
        [{"dish_id": 1, "quantity": 0}],
        "Each quantity must be a whole number from 1 to 20.",
    ),
    "a true quantity": (
        [{"dish_id": 1, "quantity": True}],
        "Each quantity must be a whole number from 1 to 20.",
    ),
    "dish 0": ([{"dish_id": 0, "quantity": 1}], "There is no such dish."),
    "a dish twice": (
        [{"dish_id": 1, "quantity": 1}] * 2,
        "Please send each dish in one line only.",
    ),
}


def send(method: str, path: str, document: object, **headers: str) -> Request:
    """Return a request that carries a document."""
    body = document if isinstance(document, str) else json.dumps(document)
    named = {"Content-Type": JSON} | {name.replace("_", "-"): t for name, t in headers.items()}
    sent = tuple((name, text) for name, text in named.items() if text)
    return Request(PROGRAM, method, path, sent, body=body.encode())


@action(query=QUERY)
def list_dishes(house: Restaurant, query: dict[str, str]) -> Steps:
    """List the dishes."""
    turn, found = Turn(house, PROGRAM), searched(house, query)
    turn.queries += found.queries
    if found.errors:
        reply = problem(turn, 400, fields=found.errors)
    else:
        document = {
            "dishes": [dish.document() for dish in found.dishes],
            "page": found.page,
            "pages": found.pages,
            "total": found.total,
        }
        ways = ", ".join(
            f"{rel} /api/dishes {sorted(query.items())}"
            for rel, query in sorted(found.ways.items())
        )
        more = {"link": ways} if ways else {}
        reply = answer(turn, 200, document, content_type=JSON, **more)
    yield Step("list the dishes for programs", get(PROGRAM, "/api/dishes", query), reply, house)


@action(
    dish_id=st.one_of(DISH.map(str), DISH.map(str), st.sampled_from(("999", "01", "one"))),
    again=st.booleans(),
    at=st.sampled_from(("/api/dishes/", "/dishes/")),
)
def read_dish(house: Restaurant, dish_id: str, again: bool, at: str) -> Steps:
    """Read a dish, at the programs' address or at the guests', and perhaps ask again."""
    dish = house.dish(dish_id)
    for number in range(1 + (again and dish is not None)):
        turn = Turn(house, PROGRAM)
        turn.queries += is_id(dish_id)
        headers = {"Accept": JSON} | ({"If-None-Match": "{etag}"} if number else {})
        vary = {"vary": "accept"} if at == "/dishes/" else {}
        if dish is None:
            reply = problem(turn, 404, "There is no such dish.")
        elif number:
            reply = answer(turn, 304, etag=f'"{dish.version}"', **vary)
        else:
            tag = f'"{dish.version}"'
            reply = answer(turn, 200, dish.document(), content_type=JSON, etag=tag, **vary)
        request = Request(PROGRAM, "GET", f"{at}{dish_id}", tuple(headers.items()))
        if dish is not None or at != "/dishes/":
            yield Step("show one dish to a program", request, reply, house)


@action(
    3,
    guest=GUESTS,
    lines=st.dictionaries(DISH, st.sampled_from((1, 1, 2, 20)), min_size=1, max_size=3),
    bad=mostly("", "", "", *BAD_LINES),
    key=KEYS,
)
def order_by_program(
    house: Restaurant, guest: str, lines: dict[int, int], bad: str, key: str
) -> Steps:
    """Place an order by program."""
    wished: Any = [{"dish_id": dish, "quantity": n} for dish, n in lines.items()]
    wished, sentence = BAD_LINES[bad] if bad else (wished, "")
    turn = Turn(house, PROGRAM)
    wrong = {"guest": wrong_with(guest, 80), "lines": sentence}
    if errors := {name: text for name, text in wrong.items() if text}:
        reply = problem(turn, 422, fields=errors)
    else:
        reply = ordered(turn, guest.strip(), lines, key)
    document = {"guest": guest, "lines": wished}
    request = send("POST", "/api/orders", document, Idempotency_Key=key)
    yield Step("place an order by program", request, reply, house)


def ordered(turn: Turn, guest: str, lines: dict[int, int], key: str) -> Answer:
    """Return the answer to a program whose order can be read."""
    if len(key) > 200:
        wrong = {"idempotency_key": "An order's key has 200 characters at most."}
        return problem(turn, 422, fields=wrong)
    turn.queries += 1
    order = turn.house.made_with(key) if key else None
    if order is None:
        order, sentence = make_order(turn, guest, key or "none chosen", lines)
        if order is None:
            return problem(turn, 409, sentence)
    wish = {dish: quantity for dish, (quantity, _) in order.lines.items()}
    if (order.guest, wish) != (guest, lines):
        return problem(turn, 422, "That idempotency key was used for another order.")
    location = f"/orders/[order {order.id}]"
    return answer(turn, 201, document_of(turn.house, order), content_type=JSON, location=location)


def document_of(house: Restaurant, order: Order) -> dict[str, Any]:
    """Return an order as programs see it."""
    lines = [
        {"dish_id": d, "name": house.dishes[d].name, "quantity": n, "unit_price_cents": cents}
        for d, (n, cents) in order.lines.items()
    ]
    return {
        "code": "[code]",
        "guest": order.guest,
        "status": order.status,
        "total_cents": order.total_cents,
        "placed_at": "[now]",
        "lines": lines,
    }


@action(
    body=st.sampled_from(BAD_BODIES),
    to_orders=st.booleans(),
    kind=st.sampled_from((JSON, JSON, "text/plain", "")),
)
def send_no_json(house: Restaurant, body: str, to_orders: bool, kind: str) -> Steps:
    """Send what is no JSON, or does not say that it is."""
    turn = Turn(house, PROGRAM)
    reply = problem(turn, 400 if kind == JSON else 415)
    headers = {"Content_Type": kind}
    if to_orders:
        request = send("POST", "/api/orders", body, **headers)
    else:
        turn.queries += 2
        reply = problem(turn, reply.status)
        headers |= {"Authorization": TOKEN, "If_Match": "*"}
        request = send("PATCH", "/api/dishes/1", body, **headers)
    yield Step("send no JSON", request, reply, house)
