"""Define actions of a client of the API: read dishes and place orders with idempotency keys."""

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
    find_level,
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
    """Return a request with a document as its body."""
    body = document if isinstance(document, str) else json.dumps(document)
    named = {"Content-Type": JSON_TYPE} | {name.replace("_", "-"): t for name, t in headers.items()}
    pairs = tuple((name, text) for name, text in named.items() if text)
    return Request(PROGRAM, method, path, pairs, body=body.encode())


@action(query=QUERY)
def list_dishes(model: SiteModel, query: dict[str, str]) -> Steps:
    """List the dishes."""
    context, search = RequestContext(model, PROGRAM), find_dishes(model, query)
    context.query_count += search.query_count
    if search.errors:
        reply = build_problem(context, 400, fields=search.errors)
    else:
        document = {
            "dishes": [dish.build_document() for dish in search.dishes],
            "page": search.page,
            "pages": search.pages,
            "total": search.total,
        }
        links = ", ".join(
            f"{rel} /api/dishes {sorted(query.items())}"
            for rel, query in sorted(search.page_links.items())
        )
        headers = {"link": links} if links else {}
        reply = build_reply(context, 200, document, content_type=JSON_TYPE, **headers)
    request, level = build_get_request(PROGRAM, "/api/dishes", query), find_level(*query.values())
    yield Step("list the dishes for programs", request, reply, model, level)


@action(
    dish_id=st.one_of(
        ANY_DISH_ID.map(str), ANY_DISH_ID.map(str), st.sampled_from(("999", "01", "one"))
    ),
    again=st.booleans(),
    at=st.sampled_from(("/api/dishes/", "/dishes/")),
)
def read_dish(model: SiteModel, dish_id: str, again: bool, at: str) -> Steps:
    """Read a dish as JSON, at its address in the API or its page, perhaps twice."""
    dish = model.find_dish(dish_id)
    for number in range(1 + (again and dish is not None)):
        context = RequestContext(model, PROGRAM)
        context.query_count += is_id(dish_id)
        headers = {"Accept": JSON_TYPE} | ({"If-None-Match": "{etag}"} if number else {})
        vary = {"vary": "accept"} if at == "/dishes/" else {}
        if dish is None:
            reply = build_problem(context, 404, "There is no such dish.")
        elif number:
            reply = build_reply(context, 304, etag=f'"{dish.version}"', **vary)
        else:
            tag = f'"{dish.version}"'
            reply = build_reply(
                context, 200, dish.build_document(), content_type=JSON_TYPE, etag=tag, **vary
            )
        request = Request(PROGRAM, "GET", f"{at}{dish_id}", tuple(headers.items()))
        if dish is not None or at != "/dishes/":
            yield Step("show one dish to a program", request, reply, model, find_level(dish_id))


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
    items: Any = [{"dish_id": dish, "quantity": n} for dish, n in lines.items()]
    items, sentence = BAD_LINES[bad] if bad else (items, "")
    context = RequestContext(model, PROGRAM)
    sentences = {"guest": find_text_error(guest, 80), "lines": sentence}
    if errors := {name: text for name, text in sentences.items() if text}:
        reply = build_problem(context, 422, fields=errors)
    else:
        reply = handle_order_document(context, guest.strip(), lines, key)
    document = {"guest": guest, "lines": items}
    request = build_json_request("POST", "/api/orders", document, Idempotency_Key=key)
    yield Step("place an order by program", request, reply, model)


def handle_order_document(
    context: RequestContext, guest: str, lines: dict[int, int], key: str
) -> NormalizedReply:
    """Return the reply to an order with valid fields."""
    if len(key) > 200:
        errors = {"idempotency_key": "An order's key has 200 characters at most."}
        return build_problem(context, 422, fields=errors)
    context.query_count += 1
    order = context.model.find_order(key) if key else None
    if order is None:
        order, sentence = create_order(context, guest, key or "none chosen", lines)
        if order is None:
            return build_problem(context, 409, sentence)
    quantities = {dish: quantity for dish, (quantity, _) in order.lines.items()}
    if (order.guest, quantities) != (guest, lines):
        return build_problem(context, 422, "That idempotency key was used for another order.")
    location = f"/orders/[order {order.id}]"
    return build_reply(
        context,
        201,
        build_order_document(context.model, order),
        content_type=JSON_TYPE,
        location=location,
    )


def build_order_document(model: SiteModel, order: Order) -> dict[str, Any]:
    """Return an order as a document of the API."""
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
    """Send a body that is no JSON, or JSON under another type."""
    context = RequestContext(model, PROGRAM)
    reply = build_problem(context, 400 if kind == JSON_TYPE else 415)
    headers = {"Content_Type": kind}
    if to_orders:
        request = build_json_request("POST", "/api/orders", body, **headers)
    else:
        context.query_count += 2
        reply = build_problem(context, reply.status)
        headers |= {"Authorization": API_AUTHORIZATION, "If_Match": "*"}
        request = build_json_request("PATCH", "/api/dishes/1", body, **headers)
    yield Step("send invalid JSON", request, reply, model, find_level(body, kind or "no type"))
