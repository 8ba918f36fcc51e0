"""What does a guest do who only looks? Menu, search, dish, and the pages about the house."""

from typing import Any

from hypothesis import strategies as st

from bench.conformance.differential.actions.registry import (
    DISH_OR_NONE,
    MARKUP,
    SCRIPTS,
    WHO,
    Steps,
    action,
    get,
)
from bench.conformance.differential.expected import HTML, Answer, Step, answer, error_page, page
from bench.conformance.differential.model import COURSES, Dish, Restaurant, Turn
from bench.conformance.differential.text_rules import ON_NO_LINE, folded, plain

PAGE_SIZE = 12
SORTS = {
    "name": lambda dish: (folded(dish.name), dish.id),
    "price": lambda dish: (dish.price_cents, dish.id),
    "-price": lambda dish: (-dish.price_cents, dish.id),
}
WORDS = ("", "soup", "ΝΤΟΜΆΤΑΣ", "e", "%", "_", "STRASSE", MARKUP, SCRIPTS, "x" * 120, "\x07")
QUERY = st.fixed_dictionaries(
    {},
    optional={
        "q": st.sampled_from(WORDS),
        "course": st.sampled_from(("", "starter", "main", "soup")),
        "sort": st.sampled_from(("", "name", "price", "-price", "x")),
        "page": st.sampled_from(("", "1", "2", "9", "0", "x", "99999999999")),
    },
)


@action(who=WHO, again=st.booleans())
def show_menu(house: Restaurant, who: str, again: bool) -> Steps:
    """Look at the menu, and perhaps ask whether it is still the same."""
    first = menu(house, who)
    yield Step("show the menu", get(who, "/"), first, house)
    if again:
        second = menu(house, who)
        if second.content == first.content:
            second.status, second.content = 304, None
            del second.headers["content-type"], second.headers["cache-control"]
        request = get(who, "/", If_None_Match="{etag}")
        yield Step("show the menu", request, second, house)


def menu(house: Restaurant, who: str) -> Answer:
    """Return the menu's page."""
    turn = Turn(house, who)
    turn.queries += 1
    cards = [dish.card() for course in COURSES for dish in of_course(house, course)]
    content = page(turn, "The menu", cards=cards)
    return answer(turn, 200, content, content_type=HTML, etag="[tag]")


def of_course(house: Restaurant, course: str) -> list[Dish]:
    """Return the dishes of a course, by id."""
    return [dish for dish in house.dishes.values() if dish.course == course]


@action(who=WHO, query=QUERY)
def search_dishes(house: Restaurant, who: str, query: dict[str, str]) -> Steps:
    """Search the dishes."""
    turn, found = Turn(house, who), searched(house, query)
    turn.queries += found.queries
    if found.errors:
        reply = error_page(turn, 400, " ".join(found.errors.values()))
    else:
        facts: dict[str, Any] = {
            "cards": [dish.card() for dish in found.dishes],
            "found": f"Page {found.page} of {found.pages}",
            "ways": found.ways,
            "typed": {k: plain(v) for k, v in found.asked.items() if plain(v)},
            "forms": ["search"],
        }
        reply = answer(turn, 200, page(turn, "Find a dish", **facts), content_type=HTML)
    yield Step("search the dishes", get(who, "/dishes", query), reply, house)


class Search:
    """What a search finds, or what is wrong with it."""

    def __init__(self) -> None:
        self.errors: dict[str, str] = {}
        self.dishes: list[Dish] = []
        self.total, self.page, self.pages, self.queries = 0, 1, 1, 0
        self.asked: dict[str, str] = {}
        self.ways: dict[str, dict[str, str]] = {}


def searched(house: Restaurant, query: dict[str, str]) -> Search:
    """Return one page of the dishes that a query asks for."""
    found = Search()
    q = query.get("q", "").strip()[:100].strip()
    course, sort = query.get("course", ""), query.get("sort") or "name"
    number = query.get("page") or "1"
    if ON_NO_LINE.search(q):
        found.errors["q"] = "Please leave out control characters."
    if course and course not in COURSES:
        found.errors["course"] = "There is no such course."
    if sort not in SORTS:
        found.errors["sort"] = "Dishes can be sorted by name, price or -price."
    if not number.isdigit() or int(number) < 1:
        found.errors["page"] = "A page is a whole number from 1."
    if found.errors:
        return found
    every = [dish for dish in house.dishes.values() if folded(q) in dish.searchable]
    every = [dish for dish in every if course in ("", dish.course)]
    every.sort(key=SORTS[sort])
    found.asked = {"q": q, "course": course, "sort": sort}
    turn_to(found, every, min(int(number), 999_999_999))
    return found


def turn_to(found: Search, every: list[Dish], number: int) -> None:
    """Open a page of what was found, and say how to get to its neighbours."""
    start = (number - 1) * PAGE_SIZE
    found.dishes = every[start : start + PAGE_SIZE]
    found.total, found.page = len(every), number
    found.pages = max(1, -(-len(every) // PAGE_SIZE))
    found.queries = 1 + (start < len(every))
    asked = {k: v for k, v in found.asked.items() if v and (k, v) != ("sort", "name")}
    if number > 1:
        found.ways["prev"] = asked | {"page": str(min(number - 1, found.pages))}
    if number < found.pages:
        found.ways["next"] = asked | {"page": str(number + 1)}


@action(who=WHO, dish_id=DISH_OR_NONE)
def show_dish(house: Restaurant, who: str, dish_id: str) -> Steps:
    """Look at a dish."""
    turn, dish = Turn(house, who), house.dish(dish_id)
    turn.queries += int(dish_id.isdigit() and not dish_id.startswith("0"))
    if dish is None:
        reply = error_page(turn, 404, "There is no such dish.")
    else:
        reply = dish_page(turn, dish, vary="accept")
    yield Step("show one dish", get(who, f"/dishes/{dish_id}"), reply, house)


def dish_page(
    turn: Turn, dish: Dish, status: int = 200, errors: Any = (), typed: Any = (), **more: str
) -> Answer:
    """Return a dish's page, with what was typed into its review form and what was wrong there."""
    turn.queries += 1
    turn.session.setdefault("csrf_token", "[token]")
    staff = "staff_id" in turn.session
    forms = ["put"] * bool(dish.portions) + ["photo"] * staff + ["write"]
    told = dish.card().split(" | ")[1:]
    told[2:2] = [f"Contains {dish.allergens}."] if dish.allergens else []
    facts = {
        "one dish": [plain(" | ".join(told))],
        "reviews": reviews_of(turn.house, dish),
        "errors": list(dict(errors).values()),
        "typed": {k: plain(v) for k, v in dict(typed).items() if plain(v)},
        "forms": sorted(forms),
        "picture": f"/photos/{dish.photo}" if dish.photo else f"/static/dishes/{dish.drawing}.svg",
    }
    content = page(turn, dish.name, **facts)
    return answer(turn, status, content, content_type=HTML, **more)


def reviews_of(house: Restaurant, dish: Dish) -> list[str]:
    """Return a dish's 50 newest reviews as they are read, the newest first."""
    own = [row for row in house.reviews if row[1] == dish.id]
    return [plain(f"{row[2]} | {row[3]} of 5 | {row[4]}") for row in reversed(own)][:50]
