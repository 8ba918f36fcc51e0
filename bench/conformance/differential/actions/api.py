"""What does a program do? Reads dishes, places orders with keys, changes dishes with a token."""

import json
from typing import Any

from hypothesis import strategies as st

from bench.conformance.differential.actions.browsing import QUERY, find_dishes
from bench.conformance.differential.actions.ordering import create_order
from bench.conformance.differential.actions.registry import (
    ANY_DISH_ID,
    BLANK_TEXTS,
    MARKUP,
    UNICODE_TEXT,
    Steps,
    action,
    build_get_request,
    sample_mostly,
)
from bench.conformance.differential.expected import (
    NormalizedReply,
    Step,
    build_problem,
    build_reply,
)
from bench.conformance.differential.http_client import Request
from bench.conformance.differential.model import Order, RequestContext, SiteModel, is_id
from bench.conformance.differential.text_rules import find_text_error
from bench.conformance.site_constants import API_AUTHORIZATION

JSON_TYPE = "application/json"
PROGRAM = "program"
GUEST_NAMES = sample_mostly("Robot", MARKUP[:70], UNICODE_TEXT, "=1+1", *BLANK_TEXTS)
IDEMPOTENCY_KEYS = sample_mostly("", "one", "one", "two", "k" * 201)
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


def build_json_request(method: str, path: str, document: object, **headers: str) -> Request:
    """Return a request that carries a document."""
    body = document if isinstance(document, str) else json.dumps(document)
    named = {"Content-Type": JSON_TYPE} | {name.replace("_", "-"): t for name, t in headers.items()}
    sent = tuple((name, text) for name, text in named.items() if text)
    return Request(PROGRAM, method, path, sent, body=body.encode())


@action(query=QUERY)
def list_dishes(model: SiteModel, query: dict[str, str]) -> Steps:
    """List the dishes."""
    turn, found = RequestContext(model, PROGRAM), find_dishes(model, query)
    turn.query_count += found.query_count
    if found.errors:
        reply = build_problem(turn, 400, fields=found.errors)
    else:
        document = {
            "dishes": [dish.build_document() for dish in found.dishes],
            "page": found.page,
            "pages": found.pages,
            "total": found.total,
        }
        ways = ", ".join(
            f"{rel} /api/dishes {sorted(query.items())}"
            for rel, query in sorted(found.page_links.items())
        )
        more = {"link": ways} if ways else {}
        reply = build_reply(turn, 200, document, content_type=JSON_TYPE, **more)
    yield Step(
        "list the dishes for programs",
        build_get_request(PROGRAM, "/api/dishes", query),
        reply,
        model,
    )


@action(
    dish_id=st.one_of(
        ANY_DISH_ID.map(str), ANY_DISH_ID.map(str), st.sampled_from(("999", "01", "one"))
    ),
    again=st.booleans(),
    at=st.sampled_from(("/api/dishes/", "/dishes/")),
)
def read_dish(model: SiteModel, dish_id: str, again: bool, at: str) -> Steps:
    """Read a dish, at the programs' address or at the guests', and perhaps ask again."""
    dish = model.find_dish(dish_id)
    for number in range(1 + (again and dish is not None)):
        turn = RequestContext(model, PROGRAM)
        turn.query_count += is_id(dish_id)
        headers = {"Accept": JSON_TYPE} | ({"If-None-Match": "{etag}"} if number else {})
        vary = {"vary": "accept"} if at == "/dishes/" else {}
        if dish is None:
            reply = build_problem(turn, 404, "There is no such dish.")
        elif number:
            reply = build_reply(turn, 304, etag=f'"{dish.version}"', **vary)
        else:
            tag = f'"{dish.version}"'
            reply = build_reply(
                turn, 200, dish.build_document(), content_type=JSON_TYPE, etag=tag, **vary
            )
        request = Request(PROGRAM, "GET", f"{at}{dish_id}", tuple(headers.items()))
        if dish is not None or at != "/dishes/":
            yield Step("show one dish to a program", request, reply, model)


@action(
    3,
    guest=GUEST_NAMES,
    lines=st.dictionaries(ANY_DISH_ID, st.sampled_from((1, 1, 2, 20)), min_size=1, max_size=3),
    bad=sample_mostly("", "", "", *BAD_LINES),
    key=IDEMPOTENCY_KEYS,
)
def place_order_by_api(
    model: SiteModel, guest: str, lines: dict[int, int], bad: str, key: str
) -> Steps:
    """Place an order by program."""
    wished: Any = [{"dish_id": dish, "quantity": n} for dish, n in lines.items()]
    wished, sentence = BAD_LINES[bad] if bad else (wished, "")
    turn = RequestContext(model, PROGRAM)
    wrong = {"guest": find_text_error(guest, 80), "lines": sentence}
    if errors := {name: text for name, text in wrong.items() if text}:
        reply = build_problem(turn, 422, fields=errors)
    else:
        reply = handle_order_document(turn, guest.strip(), lines, key)
    document = {"guest": guest, "lines": wished}
    request = build_json_request("POST", "/api/orders", document, Idempotency_Key=key)
    yield Step("place an order by program", request, reply, model)


def handle_order_document(
    turn: RequestContext, guest: str, lines: dict[int, int], key: str
) -> NormalizedReply:
    """Return the answer to a program whose order can be read."""
    if len(key) > 200:
        wrong = {"idempotency_key": "An order's key has 200 characters at most."}
        return build_problem(turn, 422, fields=wrong)
    turn.query_count += 1
    order = turn.model.find_order(key) if key else None
    if order is None:
        order, sentence = create_order(turn, guest, key or "none chosen", lines)
        if order is None:
            return build_problem(turn, 409, sentence)
    wish = {dish: quantity for dish, (quantity, _) in order.lines.items()}
    if (order.guest, wish) != (guest, lines):
        return build_problem(turn, 422, "That idempotency key was used for another order.")
    location = f"/orders/[order {order.id}]"
    return build_reply(
        turn,
        201,
        build_order_document(turn.model, order),
        content_type=JSON_TYPE,
        location=location,
    )


def build_order_document(model: SiteModel, order: Order) -> dict[str, Any]:
    """Return an order as programs see it."""
    lines = [
        {"dish_id": d, "name": model.dishes[d].name, "quantity": n, "unit_price_cents": cents}
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
    kind=st.sampled_from((JSON_TYPE, JSON_TYPE, "text/plain", "")),
)
def send_invalid_json(model: SiteModel, body: str, to_orders: bool, kind: str) -> Steps:
    """Send what is no JSON, or does not say that it is."""
    turn = RequestContext(model, PROGRAM)
    reply = build_problem(turn, 400 if kind == JSON_TYPE else 415)
    headers = {"Content_Type": kind}
    if to_orders:
        request = build_json_request("POST", "/api/orders", body, **headers)
    else:
        turn.query_count += 2
        reply = build_problem(turn, reply.status)
        headers |= {"Authorization": API_AUTHORIZATION, "If_Match": "*"}
        request = build_json_request("PATCH", "/api/dishes/1", body, **headers)
    yield Step("send no JSON", request, reply, model)
