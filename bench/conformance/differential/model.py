"""Model the site in plain Python: dishes, orders, reviews, sessions and carts.

The model has the site's rules, but no database and no framework.
"""

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from bench.conformance.differential.text_rules import collapse_whitespace, fold_case, format_money

COURSES = {"starter": "Starters", "main": "Mains", "dessert": "Desserts", "drink": "Drinks"}
NEXT_STEPS = {"placed": ("cooking", "cancelled"), "cooking": ("served", "cancelled"),
              "served": (), "cancelled": ()}  # fmt: skip
BUTTON_LABELS = {"cooking": "Start cooking", "served": "Mark as served",
                 "cancelled": "Cancel the order"}  # fmt: skip
WHAT_NEXT = {
    "placed": "The kitchen starts cooking soon. Load this page again to follow your order.",
    "cooking": "Your order is served soon. Load this page again to follow it.",
}
STAFF_ACCOUNTS = {"ada": (1, "leek-and-potato"), "grace": (2, "apple-crumble")}
DISH_COLUMNS = ("id", "name", "course", "description", "price_cents", "portions", "allergens",
                "photo", "drawing", "version")  # fmt: skip
UNCHANGED_TABLES = ("staff", "api_tokens", "worlds", "fortunes")
Rows = dict[str, list[tuple[Any, ...]]]


@dataclass
class Dish:
    """A dish with the columns of its row."""

    id: int
    name: str
    course: str
    description: str
    price_cents: int
    portions: int
    allergens: str
    photo: str | None
    drawing: str
    version: int

    @property
    def search_text(self) -> str:
        """Return the text that is searched."""
        return f"{fold_case(self.name)}\n{fold_case(self.description)}"

    def format_card(self) -> str:
        """Return the text of the dish in a list of dishes."""
        stock = "" if self.portions else " | Sold out"
        return collapse_whitespace(
            f"{self.name} | {self.description} | €{format_money(self.price_cents)}{stock}"
        )

    def build_document(self) -> dict[str, Any]:
        """Return the dish as a document of the API."""
        shown = {name: getattr(self, name) for name in DISH_COLUMNS if name != "drawing"}
        return {**shown, "allergens": self.allergens.split(", ") if self.allergens else []}

    def build_row(self) -> tuple[Any, ...]:
        """Return the dish's row."""
        values = [getattr(self, name) for name in DISH_COLUMNS]
        return (*values, self.search_text, fold_case(self.name))


@dataclass
class Order:
    """An order with quantity and unit price in cents by dish."""

    id: int
    guest: str
    key: str  # chosen by a client of the API, or "form ..." or "none ..." for a generated key
    lines: dict[int, tuple[int, int]]
    status: str = "placed"

    @property
    def total_cents(self) -> int:
        """Return the price of all lines, in cents."""
        return sum(quantity * cents for quantity, cents in self.lines.values())

    def build_row(self) -> tuple[Any, ...]:
        """Return the order's row."""
        key = "[key]" if self.key.startswith(("form ", "none ")) else self.key
        return (self.id, "[code]", self.guest, self.status, self.total_cents, "[now]", key)


@dataclass
class SiteModel:
    """The state of the site: everything in its database."""

    dishes: dict[int, Dish]
    reviews: list[tuple[Any, ...]]
    unchanged_rows: Rows  # of tables that no request changes
    orders: list[Order] = field(default_factory=list)
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    carts: dict[str, dict[int, int]] = field(default_factory=dict)  # quantities by dish, by user
    form_key_count: int = 0

    @classmethod
    def from_seed(cls, seed: Rows) -> "SiteModel":
        """Return the model of a site whose database has the rows of the seed."""
        dishes = {row[0]: Dish(*row[: len(DISH_COLUMNS)]) for row in seed["dishes"]}
        others = {name: table_rows for name, table_rows in seed.items() if name in UNCHANGED_TABLES}
        return cls(dishes, list(seed["reviews"]), others)

    def build_rows(self) -> Rows:
        """Return the rows that the database must hold, masked as mask_rows does."""
        lines = [(o.id, dish_id, *line) for o in self.orders for dish_id, line in o.lines.items()]
        orders = [order.build_row() for order in self.orders]
        sessions = [
            (user, session_text(data), "[in 14 days]") for user, data in self.sessions.items()
        ]
        carts = [(user, *line) for user, cart in self.carts.items() for line in cart.items()]
        return {
            "dishes": [item.build_row() for item in self.dishes.values()],
            "reviews": list(self.reviews),
            "orders": orders,
            "order_lines": lines,
            "sessions": sorted(sessions),
            "cart_lines": sorted(carts),
            **self.unchanged_rows,
        }

    def find_dish(self, text: object) -> Dish | None:
        """Return the dish with an id in plain digits, None if there is none."""
        return self.dishes.get(int(str(text))) if is_id(text) else None

    def find_order(self, key: str) -> Order | None:
        """Return the order with an idempotency key, None if there is none."""
        return next((order for order in self.orders if order.key == key), None)


def is_id(text: object) -> bool:
    """Return whether a text may be a row's id."""
    word = str(text)
    return word.isascii() and word.isdigit() and not word.startswith("0") and len(word) < 10


def session_text(data: dict[str, Any]) -> str:
    """Return the data of a session as a text that can be compared.

    Messages are left out: a framework may store them elsewhere, and the pages show them.
    """
    return repr(sorted(item for item in data.items() if item[0] != "flash"))


class RequestContext:
    """One request of a user: its session, and the number of SQL statements that it needs.

    The session is read at its first use. A user whose browser has a cookie has a session: signing
    out deletes both.
    """

    def __init__(self, model: SiteModel, user: str) -> None:
        self.model, self.user = model, user
        self.query_count = 0
        self.query_savings = 0
        self.cookie = ""
        self._session: dict[str, Any] | None = None

    @property
    def session(self) -> dict[str, Any]:
        """Return the user's session; it needs a statement if the user has a cookie."""
        if self._session is None:
            stored = self.model.sessions.get(self.user)
            self.query_count += stored is not None
            self._session = deepcopy(stored or {})
        return self._session

    @property
    def cart(self) -> dict[int, int]:
        """Return the user's cart, quantities by dish; it needs a statement if there is a cookie."""
        self.query_count += self.user in self.model.sessions
        return self.model.carts.get(self.user, {})

    def save_session(self) -> None:
        """Store the session if it changed.

        This needs one statement, or two for a new session: expired sessions are deleted first.
        """
        stored = self.model.sessions.get(self.user)
        if not self._session or self._session == stored:
            return
        self.query_count += 1 if stored is not None else 2
        if session_text(self._session) == session_text(stored or {}):
            self.query_savings = 1  # some frameworks do not store messages in the session
        self.cookie = self.cookie or ("" if stored is not None else "new")
        self.model.sessions[self.user] = self._session
