"""What does a guest do who has eaten? Writes a review, sometimes a hostile one."""

from bench.conformance.differential.actions.browsing import dish_page, show_dish
from bench.conformance.differential.actions.registry import (
    BLANK,
    DISH,
    MARKUP,
    SCRIPTS,
    WHO,
    Steps,
    action,
    mostly,
    post,
)
from bench.conformance.differential.expected import Step, redirect
from bench.conformance.differential.model import Restaurant, Turn
from bench.conformance.differential.text_rules import IN_NO_BODY, whole, wrong_with

AUTHORS = mostly("Ida", MARKUP[:70], SCRIPTS, "x" * 80, "x" * 81, "a\x07b", *BLANK)
LONG = "Ünïcödé & <b>bold</b> " * 454 + "the end!!!!!"  # 10,000 characters
BODIES = mostly("Good.", MARKUP, SCRIPTS, "a\r\n\r\n  b\n", LONG, f"{LONG}!", "a\x07b", *BLANK)
RATINGS = mostly("5", "1", "0", "6", "", "05", "five")


@action(
    2,
    who=WHO,
    dish_id=DISH.map(str),
    author=AUTHORS,
    rating=RATINGS,
    body=BODIES,
)
def write_review(
    house: Restaurant, who: str, dish_id: str, author: str, rating: str, body: str
) -> Steps:
    """Open a dish's page and write a review."""
    yield from show_dish(house, who, dish_id)
    form = {"author": author, "rating": rating, "body": body}
    turn, dish = Turn(house, who), house.dishes[int(dish_id)]
    turn.session["csrf_token"] = "[token]"
    turn.queries += 2  # the handler asks for the dish, and so does the larder
    text = body.replace("\r\n", "\n")
    wrong = {
        "author": wrong_with(author, 80),
        "rating": "" if whole(rating, 1, 5) else "Please choose a rating from 1 to 5.",
        "body": wrong_with(text, 10_000, IN_NO_BODY),
    }
    if errors := {name: sentence for name, sentence in wrong.items() if sentence}:
        typed = {**form, "rating": rating if whole(rating, 1, 5) else ""}
        reply = dish_page(turn, dish, 422, errors, typed)
    else:
        turn.queries += 1
        row = (len(house.reviews) + 1, dish.id, author.strip(), int(rating), text.strip(), "[now]")
        house.reviews.append(row)
        turn.session["flash"] = [*turn.session.get("flash", []), "Thank you for your review."]
        reply = redirect(turn, f"/dishes/{dish.id}")
    yield Step("write a review", post(who, f"/dishes/{dish_id}/reviews", form), reply, house)
    if reply.status == 303:
        yield from show_dish(house, who, dish_id)
