"""What is true in the restaurant? Its dishes, orders, reviews and guests, in plain Python.

The model knows the site's rules and nothing of how a site is built: no database, no framework.
"""

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from bench.conformance.differential.text_rules import collapse_whitespace, fold_case, format_money

COURSES = {"starter": "Starters", "main": "Mains", "dessert": "Desserts", "drink": "Drinks"}
NEXT_STEPS = {"placed": ("cooking", "cancelled"), "cooking": ("served", "cancelled"),
              "served": (), "cancelled": ()}  # fmt: skip
STAFF_ACCOUNTS = {"ada": (1, "leek-and-potato"), "grace": (2, "apple-crumble")}
DISH_COLUMNS = ("id", "name", "course", "description", "price_cents", "portions", "allergens",
                "photo",
           "drawing", "version")  # fmt: skip
UNCHANGED_TABLES = ("staff", "api_tokens", "worlds", "fortunes")
Rows = dict[str, list[tuple[Any, ...]]]


@dataclass
class Dish:
    """A dish, as the larder keeps it."""

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
        """Return what a search looks through."""
        return f"{fold_case(self.name)}\n{fold_case(self.description)}"

    def format_card(self) -> str:
        """Return what a list of dishes shows of it."""
        left = "" if self.portions else " | Sold out"
        return collapse_whitespace(
            f"{self.name} | {self.description} | €{format_money(self.price_cents)}{left}"
        )

    def build_document(self) -> dict[str, Any]:
        """Return the dish as programs see it."""
        shown = {name: getattr(self, name) for name in DISH_COLUMNS if name != "drawing"}
        return {**shown, "allergens": self.allergens.split(", ") if self.allergens else []}

    def build_row(self) -> tuple[Any, ...]:
        """Return the dish's row."""
        values = [getattr(self, name) for name in DISH_COLUMNS]
        return (*values, self.search_text, fold_case(self.name))


@dataclass
class Order:
    """An order: quantity and unit price by dish."""

    id: int
    guest: str
    key: str  # of a program's choosing, or "form ..." or "none ...": one that differs by nature
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
    """Everything that is kept, and what the guests' browsers have of it."""

    dishes: dict[int, Dish]
    reviews: list[tuple[Any, ...]]
    unchanged_rows: Rows  # tables that nobody may change
    orders: list[Order] = field(default_factory=list)
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    carts: dict[str, dict[int, int]] = field(default_factory=dict)  # quantities by dish, by guest
    form_key_count: int = 0

    @classmethod
    def from_seed(cls, seed: Rows) -> "SiteModel":
        """Return the restaurant as the rows of a new larder describe it."""
        dishes = {row[0]: Dish(*row[: len(DISH_COLUMNS)]) for row in seed["dishes"]}
        others = {name: table_rows for name, table_rows in seed.items() if name in UNCHANGED_TABLES}
        return cls(dishes, list(seed["reviews"]), others)

    def build_rows(self) -> Rows:
        """Return the rows that the database must hold now, in the form of database_state."""
        lines = [(o.id, dish_id, *line) for o in self.orders for dish_id, line in o.lines.items()]
        orders = [order.build_row() for order in self.orders]
        sessions = [
            (who, session_text(data), "[in 14 days]") for who, data in self.sessions.items()
        ]
        carts = [(who, *line) for who, cart in self.carts.items() for line in cart.items()]
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
        """Return the dish of an id written in plain digits."""
        return self.dishes.get(int(str(text))) if is_id(text) else None

    def find_order(self, key: str) -> Order | None:
        """Return the order that a key made."""
        return next((order for order in self.orders if order.key == key), None)


def is_id(text: object) -> bool:
    """Return whether a text may be a row's id."""
    word = str(text)
    return word.isascii() and word.isdigit() and not word.startswith("0") and len(word) < 10


def session_text(data: dict[str, Any]) -> str:
    """Return a session's data as one comparable text."""
    return repr(sorted(data.items()))


class RequestContext:
    """One request of a guest: its session, fetched when asked for, and the statements it costs.

    A guest whose browser has a token has a session: signing out deletes both.
    """

    def __init__(self, model: SiteModel, user: str) -> None:
        self.model, self.user = model, user
        self.query_count = 0
        self.cookie = ""
        self._session: dict[str, Any] | None = None

    @property
    def session(self) -> dict[str, Any]:
        """Return the guest's session; a guest without a cookie costs no statement."""
        if self._session is None:
            known = self.model.sessions.get(self.user)
            self.query_count += known is not None
            self._session = deepcopy(known or {})
        return self._session

    @property
    def cart(self) -> dict[int, int]:
        """Return the guest's cart, quantities by dish; without a token it costs no statement."""
        self.query_count += self.user in self.model.sessions
        return self.model.carts.get(self.user, {})

    def save_session(self) -> None:
        """Keep the session where it changed: an update, or a clearing out and a new row."""
        known = self.model.sessions.get(self.user)
        if not self._session or self._session == known:
            return
        self.query_count += 1 if known is not None else 2
        self.cookie = self.cookie or ("" if known is not None else "new")
        self.model.sessions[self.user] = self._session
