"""Find the template that renders the page of a feature."""

from collections.abc import Iterable
from pathlib import PurePosixPath

# The templates have the name of the page, of its view (Grok), or of its action (web2py).
MENU = ("menu", "showmenu", "show_menu")
SEARCH = ("search", "searchdishes", "search_dishes")
DISH = ("dish", "show_dish")
CART = ("cart", "show_cart")
ORDER = ("order", "showorder", "show_order")
SIGN_IN = ("login", "signin", "show_sign_in")
KITCHEN = ("kitchen", "showkitchen", "show_kitchen")
JOURNEY = ("about", "showjourney", "show_journey")
ERROR = ("error", "problem", "explain")
STEMS: dict[str, tuple[str, ...]] = {
    "show-the-menu": MENU,
    "search-the-dishes": SEARCH,
    "show-one-dish": DISH,
    "write-a-review": DISH,
    "put-a-dish-in-the-cart": CART,
    "show-the-cart": CART,
    "place-the-order": CART,
    "show-one-order": ORDER,
    "show-the-sign-in-form": SIGN_IN,
    "sign-in": SIGN_IN,
    "show-the-kitchen": KITCHEN,
    "tell-how-a-request-travels": JOURNEY,
    "show-what-went-wrong": ERROR,
}


def find_page_template(feature: str, files: Iterable[str]) -> str:
    """Return the file of the template that a feature renders, "" if it renders none."""
    stems = STEMS.get(feature, ())
    for file in files:
        path = PurePosixPath(file)
        if path.suffix != ".py" and path.stem in stems:
            return file
    return ""
