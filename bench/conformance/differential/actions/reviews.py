"""Define the action that writes a review, sometimes a hostile one."""

from bench.conformance.differential.actions.browsing import build_dish_reply, show_dish
from bench.conformance.differential.actions.registry import (
    ANY_DISH_ID,
    ANY_USER,
    BLANK_TEXTS,
    MARKUP,
    UNICODE_TEXT,
    Steps,
    action,
    build_form_request,
    find_level,
    sample_mostly,
)
from bench.conformance.differential.expected import Step, build_redirect
from bench.conformance.differential.model import RequestContext, SiteModel
from bench.conformance.differential.text_rules import (
    BODY_CONTROLS,
    find_text_error,
    parse_whole_number,
)

AUTHORS = sample_mostly(
    "Ida", MARKUP[:70], UNICODE_TEXT, "x" * 80, "x" * 81, "a\x07b", *BLANK_TEXTS
)
LONG = "Ünïcödé & <b>bold</b> " * 454 + "the end!!!!!"  # 10,000 characters
BODIES = sample_mostly(
    "Good.", MARKUP, UNICODE_TEXT, "a\r\n\r\n  b\n", LONG, f"{LONG}!", "a\x07b", *BLANK_TEXTS
)
RATINGS = sample_mostly("5", "1", "0", "6", "", "05", "five")


@action(
    2,
    user=ANY_USER,
    dish_id=ANY_DISH_ID.map(str),
    author=AUTHORS,
    rating=RATINGS,
    body=BODIES,
)
def write_review(
    model: SiteModel, user: str, dish_id: str, author: str, rating: str, body: str
) -> Steps:
    """Show the page of a dish, and write a review."""
    yield from show_dish(model, user, dish_id)
    form = {"author": author, "rating": rating, "body": body}
    context, dish = RequestContext(model, user), model.dishes[int(dish_id)]
    context.session["csrf_token"] = "[token]"
    context.query_count += 2  # the handler reads the dish, and the database layer as well
    text = body.replace("\r\n", "\n")
    sentences = {
        "author": find_text_error(author, 80),
        "rating": "" if parse_whole_number(rating, 1, 5) else "Please choose a rating from 1 to 5.",
        "body": find_text_error(text, 10_000, BODY_CONTROLS),
    }
    if errors := {name: sentence for name, sentence in sentences.items() if sentence}:
        typed = {**form, "rating": rating if parse_whole_number(rating, 1, 5) else ""}
        reply = build_dish_reply(context, dish, 422, errors, typed)
        reply.query_savings += 1  # a form class finds the errors before the database layer
    else:
        context.query_count += 1
        row = (len(model.reviews) + 1, dish.id, author.strip(), int(rating), text.strip(), "[now]")
        model.reviews.append(row)
        context.session["flash"] = [*context.session.get("flash", []), "Thank you for your review."]
        reply = build_redirect(context, f"/dishes/{dish.id}")
    request = build_form_request(user, f"/dishes/{dish_id}/reviews", form)
    yield Step("write a review", request, reply, model, find_level(rating))
    if reply.status == 303:
        yield from show_dish(model, user, dish_id)
