"""Define actions with the cart and orders."""

from typing import Any

from hypothesis import strategies as st

from bench.conformance.differential.actions.authentication import show_sign_in
from bench.conformance.differential.actions.browsing import show_dish
from bench.conformance.differential.actions.registry import (
    ANY_DISH_ID,
    ANY_USER,
    BLANK_TEXTS,
    DISH_ID_OR_INVALID,
    DISH_IDS,
    MARKUP,
    ORDER_NUMBER,
    UNICODE_TEXT,
    Steps,
    action,
    build_form_request,
    build_get_request,
    find_level,
    sample_mostly,
)
from bench.conformance.differential.expected import (
    HTML_TYPE,
    NormalizedReply,
    Step,
    build_error_page,
    build_page_facts,
    build_redirect,
    build_reply,
)
from bench.conformance.differential.model import (
    WHAT_NEXT,
    Order,
    RequestContext,
    SiteModel,
    is_id,
)
from bench.conformance.differential.text_rules import (
    collapse_whitespace,
    find_text_error,
    format_money,
    parse_whole_number,
)

QUANTITIES = sample_mostly("2", "1", "20", "21", "0", "-1", "many", "", "1.0")
GUEST_NAMES = sample_mostly("Ann", MARKUP[:70], UNICODE_TEXT, "x" * 81, "a\x07b", *BLANK_TEXTS)


@action(
    4,
    user=ANY_USER,
    page_id=ANY_DISH_ID.map(str),
    dish_id=DISH_ID_OR_INVALID,
    quantity=QUANTITIES,
)
def put_in_cart(model: SiteModel, user: str, page_id: str, dish_id: str, quantity: str) -> Steps:
    """Show the page of a dish, and put a dish, mostly another one, in the cart."""
    yield from show_dish(model, user, page_id)
    context, dish = RequestContext(model, user), model.find_dish(dish_id)
    assert context.session
    context.query_count += is_id(dish_id)
    portions = parse_whole_number(quantity, 0, 20)
    if dish is None:
        reply = build_error_page(context, 404, "There is no such dish.")
    elif portions is None:
        errors = {"quantity": "Please choose a number from 0 to 20."}
        reply = build_cart_reply(context, 422, errors)
    else:
        change_cart(context, dish.id, portions)
        reply = build_redirect(context, "/cart")
    form = {"dish_id": dish_id, "quantity": quantity}
    request, level = build_form_request(user, "/cart", form), find_level(*form.values())
    yield Step("put a dish in the cart", request, reply, model, level)


def change_cart(context: RequestContext, dish_id: int, portions: int) -> None:
    """Set the quantity of a dish; 0 removes the dish."""
    cart = context.model.carts.setdefault(context.user, {})
    if portions:
        # Extend the session, count the other dishes, write the line.
        context.query_count += 3
        cart[dish_id] = portions
    else:
        context.query_count += 2  # extend the session, delete the line
        cart.pop(dish_id, None)


@action(user=ANY_USER)
def show_cart(model: SiteModel, user: str) -> Steps:
    """Show the cart."""
    yield Step(
        "show the cart",
        build_get_request(user, "/cart"),
        build_cart_reply(RequestContext(model, user)),
        model,
    )


def build_cart_reply(
    context: RequestContext, status: int = 200, errors: Any = (), guest: str = ""
) -> NormalizedReply:
    """Return the page of the cart, with the name and the errors of its order form."""
    lines, cart = [], context.cart
    assert context.session is not None  # reads the session, whose messages each page shows
    for dish_id, quantity in sorted(cart.items()):
        dish = context.model.dishes[dish_id]
        price, together = format_money(dish.price_cents), format_money(quantity * dish.price_cents)
        line = f"{dish.name} | €{price} | {quantity} | €{together} | Remove from the cart"
        lines.append(collapse_whitespace(line))
    facts: dict[str, Any] = {"errors": list(dict(errors).values()), "lines": lines}
    if lines:
        total = sum(context.model.dishes[k].price_cents * n for k, n in cart.items())
        facts |= {"total": f"€{format_money(total)}", "forms": ["", "order"]}
        facts |= (
            {"typed": {"guest": collapse_whitespace(guest)}} if collapse_whitespace(guest) else {}
        )
        context.model.form_key_count += 1  # each form has a key for a single order
    elif not errors:
        facts["lead"] = "There is nothing in your cart yet. See the menu."
    return build_reply(
        context, status, build_page_facts(context, "Your cart", **facts), content_type=HTML_TYPE
    )


@action(
    4,
    user=ANY_USER,
    dish_id=sample_mostly("", *map(str, DISH_IDS)),
    guest=GUEST_NAMES,
    twice=st.booleans(),
)
def place_order(model: SiteModel, user: str, dish_id: str, guest: str, twice: bool) -> Steps:
    """Put a dish in the cart or not; then send the order once or twice.

    The form is on the page of the cart. If the cart is empty, the token comes from the sign-in
    form.
    """
    form = {"guest": guest}
    if dish_id:
        yield from put_in_cart(model, user, dish_id, dish_id, "2")
    if model.carts.get(user):
        yield from show_cart(model, user)
        key = f"form {model.form_key_count}"
    else:
        yield from show_sign_in(model, user, "")
        form["idempotency_key"] = key = "no such key"
    for _ in range(1 + twice):
        context = RequestContext(model, user)
        reply = handle_order_form(context, guest, key)
        yield Step("place the order", build_form_request(user, "/orders", form), reply, model)
        if reply.status != 303:
            return  # the page has another form now
    yield from show_order(model, user, len(model.orders))


def handle_order_form(context: RequestContext, guest: str, key: str) -> NormalizedReply:
    """Return the reply to an order form."""
    assert context.session
    context.query_count += 1  # look up the key of the form
    order = context.model.find_order(key)
    if order is None:
        cart = context.model.carts.get(context.user, {})
        texts = {"cart": "" if cart else "The cart is empty.", "guest": find_text_error(guest, 80)}
        if errors := {name: sentence for name, sentence in texts.items() if sentence}:
            # With a wrong name: read the cart. Else: extend the session, delete no line, and look
            # up the key again.
            context.query_count += 1 if "guest" in errors else 3
            return build_cart_reply(context, 422, errors, guest)
        context.query_count += 2  # extend the session, delete the lines
        order, sold_out = create_order(context, guest.strip(), key, cart)
        if order is None:
            return build_cart_reply(context, 409, {"cart": sold_out}, guest)
        cart.clear()
    return build_redirect(context, f"/orders/[order {order.id}]")


def create_order(
    context: RequestContext, guest: str, key: str, cart: dict[int, int]
) -> tuple[Order | None, str]:
    """Take portions and return the order, or None with the sentence about the reason."""
    model, lines = context.model, {}
    for dish_id, quantity in sorted(cart.items()):
        context.query_count += 1
        dish = model.dishes.get(dish_id)
        if dish is None:
            context.query_count += 1
            return None, "There is no such dish."
        if dish.portions < quantity:
            context.query_count += 2  # read the name of the dish, look up the key again
            return None, f"There is not enough {dish.name} left."
        lines[dish_id] = (quantity, dish.price_cents)
    for dish_id, (quantity, _) in lines.items():
        model.dishes[dish_id].portions -= quantity
        model.dishes[dish_id].version += 1
    context.query_count += 1 + len(lines)
    model.orders.append(Order(len(model.orders) + 1, guest, key, lines))
    return model.orders[-1], ""


@action(2, user=ANY_USER, number=ORDER_NUMBER)
def show_order(model: SiteModel, user: str, number: int) -> Steps:
    """Show an order."""
    context = RequestContext(model, user)
    order = model.orders[number - 1] if number <= len(model.orders) else None
    if order is None:
        reply = build_error_page(context, 404, "There is no such order.")
    else:
        context.query_count += 1
        lines = [
            collapse_whitespace(
                f"{model.dishes[dish].name} | €{format_money(cents)} | {quantity} | "
                  f"€{format_money(quantity * cents)}")
            for dish, (quantity, cents) in order.lines.items()
        ]  # fmt: skip
        lead = f"Thank you, {order.guest}. Keep this page's address: it is the way back"
        content = build_page_facts(
            context, "Your order", lead=collapse_whitespace(lead)[:60],
            status=order.status, lines=lines, next=WHAT_NEXT.get(order.status, "")[:60],
            total=f"€{format_money(order.total_cents)}", onward="Back to the menu",
        )  # fmt: skip
        reply = build_reply(context, 200, content, content_type=HTML_TYPE)
    yield Step(
        "show one order", build_get_request(user, f"/orders/{{order {number}}}"), reply, model
    )
