"""Define the action of a client of the API that changes a version of a dish."""

from typing import Any

from hypothesis import strategies as st

from bench.conformance.differential.actions.api import JSON_TYPE, PROGRAM, build_json_request
from bench.conformance.differential.actions.registry import (
    ANY_DISH_ID,
    MARKUP,
    UNICODE_TEXT,
    Steps,
    action,
    find_level,
)
from bench.conformance.differential.expected import Step, build_problem, build_reply
from bench.conformance.differential.model import RequestContext, SiteModel
from bench.conformance.site_constants import API_AUTHORIZATION

NO_FIELDS_SENTENCE = "Please send an object with at least one field of a dish."
VALID_CHANGES: dict[str, tuple[Any, str]] = {
    "portions": (2, ""),
    "price_cents": (1205, ""),
    "name": (MARKUP[:70], ""),
    "description": (UNICODE_TEXT, ""),
    "allergens": (["egg", "egg", "milk"], ""),
}
INVALID_CHANGES: dict[str, tuple[Any, str]] = {
    "portions": (-1, "Please give a whole number from 0 to 10,000."),
    "price_cents": (True, "Please give a whole number from 0 to 100,000."),
    "name": (" ", "Please fill this in."),
    "description": ("x" * 1001, "Please use 1,000 characters at most."),
    "allergens": (["a,b"], "Please give each allergen on its own, without a comma."),
    "course": ("main", "There is no such field to change."),
}


@action(
    3,
    dish_id=st.one_of(
        ANY_DISH_ID.map(str), ANY_DISH_ID.map(str), ANY_DISH_ID.map(str), st.just("999")
    ),
    token=st.sampled_from(
        (
            API_AUTHORIZATION,
            API_AUTHORIZATION,
            API_AUTHORIZATION,
            API_AUTHORIZATION,
            "",
            "Bearer wrong",
        )
    ),
    match=st.sampled_from(("*", "version", "version", "version", "", '"999"', "weak")),
    right=st.lists(st.sampled_from(tuple(VALID_CHANGES)), unique=True, min_size=1, max_size=3),
    wrong=st.one_of(
        st.just([]), st.just([]), st.lists(st.sampled_from(tuple(INVALID_CHANGES)), max_size=2)
    ),
)
def change_dish(
    model: SiteModel, dish_id: str, token: str, match: str, right: list[str], wrong: list[str]
) -> Steps:
    """Change a dish by program."""
    document = {name: VALID_CHANGES[name][0] for name in right} | {
        n: INVALID_CHANGES[n][0] for n in wrong
    }
    errors = {name: INVALID_CHANGES[name][1] for name in document if name in wrong}
    context, dish = RequestContext(model, PROGRAM), model.find_dish(dish_id)
    context.query_count += 1 if token != API_AUTHORIZATION else 2
    tag = f'"{dish.version}"' if dish else '"1"'
    if_match = {"version": tag, "weak": f"W/{tag}"}.get(match, match)
    if token != API_AUTHORIZATION:
        reply = build_problem(
            context, 401, "That token is not known here.", www_authenticate="Bearer"
        )
    elif dish is None:
        reply = build_problem(context, 404, "There is no such dish.")
    elif not match:
        reply = build_problem(context, 428)
    elif match not in ("*", "version"):
        reply = build_problem(context, 412, "The dish was changed in the meantime.")
    else:
        context.query_count += 1
        errors = errors if document else {"document": NO_FIELDS_SENTENCE}
        if errors:
            reply = build_problem(context, 422, fields=errors)
        else:
            context.query_count += 1
            for name, value in document.items():
                unique = dict.fromkeys(value) if name == "allergens" else value
                setattr(dish, name, ", ".join(unique) if name == "allergens" else unique)
            dish.version += 1
            tag = f'"{dish.version}"'
            reply = build_reply(
                context, 200, dish.build_document(), content_type=JSON_TYPE, etag=tag
            )
    request = build_json_request(
        "PATCH", f"/api/dishes/{dish_id}", document, Authorization=token, If_Match=if_match
    )
    yield Step("change a dish by program", request, reply, model, find_level(match))
