"""Define actions that only read pages: the menu, the search and a dish."""

from typing import Any

from hypothesis import strategies as st

from bench.conformance.differential.actions.registry import (
    ANY_USER,
    DISH_ID_OR_INVALID,
    MARKUP,
    UNICODE_TEXT,
    Steps,
    action,
    build_get_request,
    find_level,
)
from bench.conformance.differential.expected import (
    HTML_TYPE,
    NormalizedReply,
    Step,
    build_error_page,
    build_page_facts,
    build_reply,
)
from bench.conformance.differential.model import COURSES, Dish, RequestContext, SiteModel
from bench.conformance.differential.text_rules import LINE_CONTROLS, collapse_whitespace, fold_case

PAGE_SIZE = 12
SORT_KEYS = {
    "name": lambda dish: (fold_case(dish.name), dish.id),
    "price": lambda dish: (dish.price_cents, dish.id),
    "-price": lambda dish: (-dish.price_cents, dish.id),
}
SEARCH_WORDS = (
    "",
    "soup",
    "ΝΤΟΜΆΤΑΣ",
    "e",
    "%",
    "_",
    "STRASSE",
    MARKUP,
    UNICODE_TEXT,
    "x" * 120,
    "\x07",
)
QUERY = st.fixed_dictionaries(
    {},
    optional={
        "q": st.sampled_from(SEARCH_WORDS),
        "course": st.sampled_from(("", "starter", "main", "soup")),
        "sort": st.sampled_from(("", "name", "price", "-price", "x")),
        "page": st.sampled_from(("", "1", "2", "9", "0", "x", "99999999999")),
    },
)


@action(user=ANY_USER, again=st.booleans())
def show_menu(model: SiteModel, user: str, again: bool) -> Steps:
    """Show the menu, perhaps again with its tag as a condition."""
    first = build_menu_reply(model, user)
    yield Step("show the menu", build_get_request(user, "/"), first, model)
    if again:
        second = build_menu_reply(model, user)
        if second.content == first.content:
            second.status, second.content = 304, None
            del second.headers["content-type"], second.headers["cache-control"]
        request = build_get_request(user, "/", If_None_Match="{etag}")
        yield Step("show the menu", request, second, model)


def build_menu_reply(model: SiteModel, user: str) -> NormalizedReply:
    """Return the page of the menu."""
    context = RequestContext(model, user)
    context.query_count += 1
    cards = [dish.format_card() for course in COURSES for dish in find_course_dishes(model, course)]
    content = build_page_facts(context, "The menu", cards=cards)
    return build_reply(context, 200, content, content_type=HTML_TYPE, etag="[tag]")


def find_course_dishes(model: SiteModel, course: str) -> list[Dish]:
    """Return the dishes of a course, by id."""
    return [dish for dish in model.dishes.values() if dish.course == course]


@action(user=ANY_USER, query=QUERY)
def search_dishes(model: SiteModel, user: str, query: dict[str, str]) -> Steps:
    """Search the dishes."""
    context, search = RequestContext(model, user), find_dishes(model, query)
    context.query_count += search.query_count
    if search.errors:
        reply = build_error_page(context, 400, " ".join(search.errors.values()))
    else:
        facts: dict[str, Any] = {
            "cards": [dish.format_card() for dish in search.dishes],
            "found": f"Page {search.page} of {search.pages}",
            "ways": search.page_links,
            "typed": {
                k: collapse_whitespace(v) for k, v in search.query.items() if collapse_whitespace(v)
            },
            "forms": ["search"],
        }
        reply = build_reply(
            context, 200, build_page_facts(context, "Find a dish", **facts), content_type=HTML_TYPE
        )
    request, level = build_get_request(user, "/dishes", query), find_level(*query.values())
    yield Step("search the dishes", request, reply, model, level)


class SearchResult:
    """The result of a search, or its errors by field."""

    def __init__(self) -> None:
        self.errors: dict[str, str] = {}
        self.dishes: list[Dish] = []
        self.total, self.page, self.pages, self.query_count = 0, 1, 1, 0
        self.query: dict[str, str] = {}
        self.page_links: dict[str, dict[str, str]] = {}


def find_dishes(model: SiteModel, query: dict[str, str]) -> SearchResult:
    """Return one page of the dishes that a query selects."""
    result = SearchResult()
    q = query.get("q", "").strip()[:100].strip()
    course, sort = query.get("course", ""), query.get("sort") or "name"
    number = query.get("page") or "1"
    if LINE_CONTROLS.search(q):
        result.errors["q"] = "Please leave out control characters."
    if course and course not in COURSES:
        result.errors["course"] = "There is no such course."
    if sort not in SORT_KEYS:
        result.errors["sort"] = "Dishes can be sorted by name, price or -price."
    if not number.isdigit() or int(number) < 1:
        result.errors["page"] = "A page is a whole number from 1."
    if result.errors:
        return result
    every = [dish for dish in model.dishes.values() if fold_case(q) in dish.search_text]
    every = [dish for dish in every if course in ("", dish.course)]
    every.sort(key=SORT_KEYS[sort])
    result.query = {"q": q, "course": course, "sort": sort}
    select_page(result, every, min(int(number), 999_999_999))
    return result


def select_page(result: SearchResult, every: list[Dish], number: int) -> None:
    """Set the dishes and the counts of a page, and the links to its neighbours."""
    start = (number - 1) * PAGE_SIZE
    result.dishes = every[start : start + PAGE_SIZE]
    result.total, result.page = len(every), number
    result.pages = max(1, -(-len(every) // PAGE_SIZE))
    result.query_count = 1 + (start < len(every))
    query = {k: v for k, v in result.query.items() if v and (k, v) != ("sort", "name")}
    if number > 1:
        result.page_links["prev"] = query | {"page": str(min(number - 1, result.pages))}
    if number < result.pages:
        result.page_links["next"] = query | {"page": str(number + 1)}


@action(user=ANY_USER, dish_id=DISH_ID_OR_INVALID)
def show_dish(model: SiteModel, user: str, dish_id: str) -> Steps:
    """Show a dish."""
    context, dish = RequestContext(model, user), model.find_dish(dish_id)
    context.query_count += int(dish_id.isdigit() and not dish_id.startswith("0"))
    if dish is None:
        reply = build_error_page(context, 404, "There is no such dish.")
    else:
        reply = build_dish_reply(context, dish, vary="accept")
    request = build_get_request(user, f"/dishes/{dish_id}")
    yield Step("show one dish", request, reply, model, find_level(dish_id))


def build_dish_reply(
    context: RequestContext,
    dish: Dish,
    status: int = 200,
    errors: Any = (),
    typed: Any = (),
    **more: str,
) -> NormalizedReply:
    """Return the page of a dish, with the values and the errors of its review form."""
    context.query_count += 1
    context.session.setdefault("csrf_token", "[token]")
    staff = "staff_id" in context.session
    forms = ["put"] * bool(dish.portions) + ["photo"] * staff + ["write"]
    texts = dish.format_card().split(" | ")[1:]
    texts[2:2] = [f"Contains {dish.allergens}."] if dish.allergens else []
    facts = {
        "one dish": [collapse_whitespace(" | ".join(texts))],
        "reviews": format_reviews(context.model, dish),
        "errors": list(dict(errors).values()),
        "typed": {
            k: collapse_whitespace(v) for k, v in dict(typed).items() if collapse_whitespace(v)
        },
        "forms": sorted(forms),
        "picture": f"/photos/{dish.photo}" if dish.photo else f"/static/dishes/{dish.drawing}.svg",
    }
    content = build_page_facts(context, dish.name, **facts)
    return build_reply(context, status, content, content_type=HTML_TYPE, **more)


def format_reviews(model: SiteModel, dish: Dish) -> list[str]:
    """Return the texts of a dish's 50 newest reviews, the newest first."""
    own = [row for row in model.reviews if row[1] == dish.id]
    return [collapse_whitespace(f"{row[2]} | {row[3]} of 5 | {row[4]}") for row in reversed(own)][
        :50
    ]
