"""Who may enter the kitchen? The sign-in form, signing in and out, and the kitchen itself."""

from typing import Any

from hypothesis import strategies as st

from bench.conformance.differential.actions.registry import (
    COOK,
    MARKUP,
    Steps,
    action,
    get,
    mostly,
    post,
)
from bench.conformance.differential.expected import HTML, Answer, Step, answer, page, redirect
from bench.conformance.differential.model import NEXT_STEPS, STAFF, Order, Restaurant, Turn
from bench.conformance.differential.text_rules import plain

GOALS = mostly("", "/cart", "//example.org", "https://example.org/", "/\\example.org", MARKUP)

NAMES = mostly("ada", "grace", "nobody", MARKUP)


@action(who=COOK, goal=GOALS)
def show_sign_in(house: Restaurant, who: str, goal: str) -> Steps:
    """Look at the sign-in form."""
    turn = Turn(house, who)
    request = get(who, "/login", {"next": goal} if goal else None)
    yield Step("show the sign-in form", request, sign_in_page(turn, goal), house)


def sign_in_page(turn: Turn, goal: str, status: int = 200, name: str = "") -> Answer:
    """Return the sign-in form; a name stands in it when it did not go with the password."""
    turn.session.setdefault("csrf_token", "[token]")
    sentence = "That name and password do not go together."
    typed = {"next": plain(goal), "username": plain(name)}
    facts: dict[str, Any] = {
        "errors": [sentence] if status == 401 else [],
        "typed": {field: value for field, value in typed.items() if value},
        "forms": ["login"],
    }
    return answer(turn, status, page(turn, "Sign in", **facts), content_type=HTML)


@action(
    3,
    who=COOK,
    name=NAMES,
    right=st.sampled_from((True, True, True, False)),
    goal=GOALS,
)
def sign_in(house: Restaurant, who: str, name: str, right: bool, goal: str) -> Steps:
    """Open the sign-in form, and sign in or try to."""
    yield from show_sign_in(house, who, goal)
    staff_id, password = STAFF.get(name, (0, "x"))
    form = {"username": name, "password": password if right else "wrong"}
    turn = Turn(house, who)
    turn.session["csrf_token"] = "[token]"
    turn.queries += 1
    if not (right and staff_id):
        reply = sign_in_page(turn, goal, 401, name)
    else:
        turn.session["staff_id"] = staff_id
        turn.queries += 2  # the token is replaced, the data is written
        turn.cookie = "new"
        house.sessions[who] = turn.session
        safe = goal.startswith("/") and goal[1:2] not in ("/", "\\")
        reply = redirect(turn, goal if safe else "/kitchen")
    yield Step("sign in", post(who, "/login", form), reply, house)


@action(who=COOK)
def sign_out(house: Restaurant, who: str) -> Steps:
    """Sign out, from the kitchen or from the sign-in form."""
    if is_staff(house, who):
        yield from show_kitchen(house, who)
    else:
        yield from show_sign_in(house, who, "")
    turn = Turn(house, who)
    assert turn.session
    turn.queries += 1
    turn.cookie = "deleted"
    del house.sessions[who]
    house.carts.pop(who, None)  # deleted with the session, by the same statement
    reply = answer(turn, 303, location="/")
    yield Step("sign out", post(who, "/logout", {}), reply, house)


def is_staff(house: Restaurant, who: str) -> bool:
    """Return whether a guest is signed in."""
    return "staff_id" in house.sessions.get(who, {})


def to_sign_in(turn: Turn) -> Answer:
    """Return what everybody gets who is not signed in."""
    assert "staff_id" not in turn.session
    return answer(turn, 303, location="/login?next=/kitchen")


@action(who=COOK)
def show_kitchen(house: Restaurant, who: str) -> Steps:
    """Look into the kitchen."""
    turn = Turn(house, who)
    if is_staff(house, who):
        number = turn.session["staff_id"]
        name = next(name for name, (staff_id, _) in STAFF.items() if staff_id == number)
        turn.queries += 2
        tickets = [ticket(house, order) for order in house.orders if NEXT_STEPS[order.status]]
        content = page(
            turn, "The kitchen", lead=f"Signed in as {name}. Export the orders", tickets=tickets,
            forms=["", "logout"] if tickets else ["logout"],
        )  # fmt: skip
        reply = answer(turn, 200, content, content_type=HTML)
    else:
        reply = to_sign_in(turn)
    yield Step("show the kitchen", get(who, "/kitchen"), reply, house)


def ticket(house: Restaurant, order: Order) -> str:
    """Return an open order as the kitchen reads it."""
    lines = [f"{n} × {house.dishes[dish].name}" for dish, (n, _) in order.lines.items()]
    return plain(" | ".join([order.guest, order.status, *lines, *NEXT_STEPS[order.status]]))
