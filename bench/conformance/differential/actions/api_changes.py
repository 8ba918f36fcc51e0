"""What does a program do that keeps the dishes up to date? Changes one, for a version of it."""

from typing import Any

from hypothesis import strategies as st

from bench.conformance.differential.actions.api import JSON, PROGRAM, send
from bench.conformance.differential.actions.registry import DISH, MARKUP, SCRIPTS, Steps, action
from bench.conformance.differential.expected import Step, answer, problem
from bench.conformance.differential.model import Restaurant, Turn
from bench.conformance.site_constants import TOKEN

NOTHING = "Please send an object with at least one field of a dish."
CHANGES: dict[str, tuple[Any, str]] = {
    "portions": (2, ""),
    "price_cents": (1205, ""),
    "name": (MARKUP[:70], ""),
    "description": (SCRIPTS, ""),
    "allergens": (["egg", "egg", "milk"], ""),
}
WRONG: dict[str, tuple[Any, str]] = {
    "portions": (-1, "Please give a whole number from 0 to 10,000."),
    "price_cents": (True, "Please give a whole number from 0 to 100,000."),
    "name": (" ", "Please fill this in."),
    "description": ("x" * 1001, "Please use 1,000 characters at most."),
    "allergens": (["a,b"], "Please give each allergen on its own, without a comma."),
    "course": ("main", "There is no such field to change."),
}


@action(
    3,
    dish_id=st.one_of(DISH.map(str), DISH.map(str), DISH.map(str), st.just("999")),
    token=st.sampled_from((TOKEN, TOKEN, TOKEN, TOKEN, "", "Bearer wrong")),
    match=st.sampled_from(("*", "version", "version", "version", "", '"999"', "weak")),
    right=st.lists(st.sampled_from(tuple(CHANGES)), unique=True, min_size=1, max_size=3),
    wrong=st.one_of(st.just([]), st.just([]), st.lists(st.sampled_from(tuple(WRONG)), max_size=2)),
)
def change_dish(
    house: Restaurant, dish_id: str, token: str, match: str, right: list[str], wrong: list[str]
) -> Steps:
    """Change a dish by program."""
    document = {name: CHANGES[name][0] for name in right} | {n: WRONG[n][0] for n in wrong}
    errors = {name: WRONG[name][1] for name in document if name in wrong}
    turn, dish = Turn(house, PROGRAM), house.dish(dish_id)
    turn.queries += 1 if token != TOKEN else 2
    tag = f'"{dish.version}"' if dish else '"1"'
    held = {"version": tag, "weak": f"W/{tag}"}.get(match, match)
    if token != TOKEN:
        reply = problem(turn, 401, "That token is not known here.", www_authenticate="Bearer")
    elif dish is None:
        reply = problem(turn, 404, "There is no such dish.")
    elif not match:
        reply = problem(turn, 428)
    elif match not in ("*", "version"):
        reply = problem(turn, 412, "The dish was changed in the meantime.")
    else:
        turn.queries += 1
        errors = errors if document else {"document": NOTHING}
        if errors:
            reply = problem(turn, 422, fields=errors)
        else:
            turn.queries += 1
            for name, value in document.items():
                unique = dict.fromkeys(value) if name == "allergens" else value
                setattr(dish, name, ", ".join(unique) if name == "allergens" else unique)
            dish.version += 1
            tag = f'"{dish.version}"'
            reply = answer(turn, 200, dish.document(), content_type=JSON, etag=tag)
    request = send("PATCH", f"/api/dishes/{dish_id}", document, Authorization=token, If_Match=held)
    yield Step("change a dish by program", request, reply, house)
