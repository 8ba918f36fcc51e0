"""What does a guest do who eats? The cart and orders."""

from typing import Any

from hypothesis import strategies as st

from bench.conformance.differential.actions.authentication import show_sign_in
from bench.conformance.differential.actions.browsing import show_dish
from bench.conformance.differential.actions.registry import (
    BLANK,
    DISH,
    DISH_OR_NONE,
    DISHES,
    MARKUP,
    ORDER,
    SCRIPTS,
    WHO,
    Steps,
    action,
    get,
    mostly,
    post,
)
from bench.conformance.differential.expected import (
    HTML,
    Answer,
    Step,
    answer,
    error_page,
    page,
    redirect,
)
from bench.conformance.differential.model import Order, Restaurant, Turn, is_id
from bench.conformance.differential.text_rules import money, plain, whole, wrong_with

QUANTITIES = mostly("2", "1", "20", "21", "0", "-1", "many", "", "1.0")
NAMES = mostly("Ann", MARKUP[:70], SCRIPTS, "x" * 81, "a\x07b", *BLANK)


@action(
    4,
    who=WHO,
    page_id=DISH.map(str),
    dish_id=DISH_OR_NONE,
    quantity=QUANTITIES,
)
def put_in_cart(house: Restaurant, who: str, page_id: str, dish_id: str, quantity: str) -> Steps:
    """Open a dish's page and put a dish, mostly another, in the cart."""
    yield from show_dish(house, who, page_id)
    turn, dish = Turn(house, who), house.dish(dish_id)
    assert turn.session
    turn.queries += is_id(dish_id)
    portions = whole(quantity, 0, 20)
    if dish is None:
        reply = error_page(turn, 404, "There is no such dish.")
    elif portions is None:
        wrong = {"quantity": "Please choose a number from 0 to 20."}
        reply = cart_page(turn, 422, wrong)
    else:
        change_cart(turn, dish.id, portions)
        reply = redirect(turn, "/cart")
    form = {"dish_id": dish_id, "quantity": quantity}
    yield Step("put a dish in the cart", post(who, "/cart", form), reply, house)


def change_cart(turn: Turn, dish_id: int, portions: int) -> None:
    """Set the quantity of a dish; 0 takes it out."""
    cart = turn.house.carts.setdefault(turn.who, {})
    if portions:
        turn.queries += 3  # the session lasts longer, the other dishes are counted, the line is set
        cart[dish_id] = portions
    else:
        turn.queries += 2  # the session lasts longer, the line is deleted
        cart.pop(dish_id, None)


@action(who=WHO)
def show_cart(house: Restaurant, who: str) -> Steps:
    """Look at the cart."""
    yield Step("show the cart", get(who, "/cart"), cart_page(Turn(house, who)), house)


def cart_page(turn: Turn, status: int = 200, errors: Any = (), guest: str = "") -> Answer:
    """Return the cart's page, with the name typed into its order form and what was wrong."""
    lines, cart = [], turn.cart
    assert turn.session is not None  # each page shows the messages of a session
    for dish_id, quantity in sorted(cart.items()):
        dish = turn.house.dishes[dish_id]
        price, together = money(dish.price_cents), money(quantity * dish.price_cents)
        told = f"{dish.name} | €{price} | {quantity} | €{together} | Take out"
        lines.append(plain(told))
    facts: dict[str, Any] = {"errors": list(dict(errors).values()), "lines": lines}
    if lines:
        total = sum(turn.house.dishes[k].price_cents * n for k, n in cart.items())
        facts |= {"total": f"€{money(total)}", "forms": ["", "order"]}
        facts |= {"typed": {"guest": plain(guest)}} if plain(guest) else {}
        turn.house.form_keys += 1  # each form is made out for one order
    elif not errors:
        facts["lead"] = "There is nothing in your cart yet. See the menu."
    return answer(turn, status, page(turn, "Your cart", **facts), content_type=HTML)


@action(
    4,
    who=WHO,
    dish_id=mostly("", *map(str, DISHES)),
    guest=NAMES,
    twice=st.booleans(),
)
def place_order(house: Restaurant, who: str, dish_id: str, guest: str, twice: bool) -> Steps:
    """Perhaps put a dish in the cart; then send the order once or twice.

    Its form is on the cart's page; where that is empty, the sign-in form has the token.
    """
    form = {"guest": guest}
    if dish_id:
        yield from put_in_cart(house, who, dish_id, dish_id, "2")
    if house.carts.get(who):
        yield from show_cart(house, who)
        key = f"form {house.form_keys}"
    else:
        yield from show_sign_in(house, who, "")
        form["idempotency_key"] = key = "no such key"
    for _ in range(1 + twice):
        turn = Turn(house, who)
        reply = placed(turn, guest, key)
        yield Step("place the order", post(who, "/orders", form), reply, house)
        if reply.status != 303:
            return  # the page now shows another form
    yield from show_order(house, who, len(house.orders))


def placed(turn: Turn, guest: str, key: str) -> Answer:
    """Return the answer to an order form."""
    assert turn.session
    turn.queries += 1  # has this form come before?
    order = turn.house.made_with(key)
    if order is None:
        cart = turn.house.carts.get(turn.who, {})
        wrong = {"cart": "" if cart else "The cart is empty.", "guest": wrong_with(guest, 80)}
        if errors := {name: sentence for name, sentence in wrong.items() if sentence}:
            # A wrong name: the cart is read. Else the session lasts longer, no line is deleted,
            # and the key is looked up once more.
            turn.queries += 1 if "guest" in errors else 3
            return cart_page(turn, 422, errors, guest)
        turn.queries += 2  # the session lasts longer, the lines are deleted
        order, sold_out = make_order(turn, guest.strip(), key, cart)
        if order is None:
            return cart_page(turn, 409, {"cart": sold_out}, guest)
        cart.clear()
    return redirect(turn, f"/orders/[order {order.id}]")


def make_order(turn: Turn, guest: str, key: str, cart: dict[int, int]) -> tuple[Order | None, str]:
    """Take portions and return the order, or None and the sentence that says why not."""
    house, lines = turn.house, {}
    for dish_id, quantity in sorted(cart.items()):
        turn.queries += 1
        dish = house.dishes.get(dish_id)
        if dish is None:
            turn.queries += 1
            return None, "There is no such dish."
        if dish.portions < quantity:
            turn.queries += 2  # its name, and whether the same form came meanwhile
            return None, f"There is not enough {dish.name} left."
        lines[dish_id] = (quantity, dish.price_cents)
    for dish_id, (quantity, _) in lines.items():
        house.dishes[dish_id].portions -= quantity
        house.dishes[dish_id].version += 1
    turn.queries += 1 + len(lines)
    house.orders.append(Order(len(house.orders) + 1, guest, key, lines))
    return house.orders[-1], ""


@action(2, who=WHO, number=ORDER)
def show_order(house: Restaurant, who: str, number: int) -> Steps:
    """Look at an order."""
    turn = Turn(house, who)
    order = house.orders[number - 1] if number <= len(house.orders) else None
    if order is None:
        reply = error_page(turn, 404, "There is no such order.")
    else:
        turn.queries += 1
        lines = [
            plain(f"{house.dishes[dish].name} | €{money(cents)} | {quantity} | "
                  f"€{money(quantity * cents)}")
            for dish, (quantity, cents) in order.lines.items()
        ]  # fmt: skip
        lead = f"Thank you, {order.guest}. Keep this page's address: it is the way back"
        content = page(
            turn, "Your order", lead=plain(lead)[:60], status=order.status, lines=lines,
            total=f"€{money(order.total_cents)}",
        )  # fmt: skip
        reply = answer(turn, 200, content, content_type=HTML)
    yield Step("show one order", get(who, f"/orders/{{order {number}}}"), reply, house)
