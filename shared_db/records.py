"""The records that the database layer returns. Money is in cents; times are Unix seconds."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

COURSES = (
    ("starter", "Starters"),
    ("main", "Mains"),
    ("dessert", "Desserts"),
    ("drink", "Drinks"),
)
SORTS = (("name", "Name"), ("price", "Cheapest first"), ("-price", "Dearest first"))
NEXT_STEPS: dict[str, tuple[str, ...]] = {
    "placed": ("cooking", "cancelled"),
    "cooking": ("served", "cancelled"),
    "served": (),
    "cancelled": (),
}
ACTIONS = {
    "cooking": "Start cooking",
    "served": "Mark as served",
    "cancelled": "Cancel the order",
}
WHAT_NEXT = {
    "placed": "The kitchen starts cooking soon. Load this page again to follow your order.",
    "cooking": "Your order is served soon. Load this page again to follow it.",
}


def format_cents(cents: int) -> str:
    """Return an amount in cents (0 or more) as text for a page: "8.50"."""
    return f"{cents // 100}.{cents % 100:02d}"


class Dish(NamedTuple):
    """A dish.

    photo is the file name of an uploaded photo; drawing names the file static/dishes/<drawing>.svg.
    """

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
    def price(self) -> str:
        """Return the price: "8.50"."""
        return format_cents(self.price_cents)

    @property
    def picture(self) -> str:
        """Return the picture's path below the site's root: "static/dishes/leek-soup.svg"."""
        return f"photos/{self.photo}" if self.photo else f"static/dishes/{self.drawing}.svg"

    @property
    def sold_out(self) -> bool:
        """Return whether no portion is left."""
        return self.portions == 0

    def as_dict(self) -> dict[str, Any]:
        """Return the dish as the API's JSON object."""
        fields = self._asdict()
        del fields["drawing"]  # only the site's own pages use it
        return {**fields, "allergens": self.allergens.split(", ") if self.allergens else []}


class Section(NamedTuple):
    """One course of the menu."""

    course: str
    title: str
    dishes: list[Dish]


class DishPage(NamedTuple):
    """One page of search results; next and previous are the query parameters of those pages."""

    dishes: list[Dish]
    total: int
    page: int
    pages: int
    q: str
    course: str
    sort: str
    next: dict[str, str] | None
    previous: dict[str, str] | None

    @property
    def courses(self) -> tuple[tuple[str, str], ...]:
        """Return the courses of the search form: value and label."""
        return COURSES

    @property
    def sorts(self) -> tuple[tuple[str, str], ...]:
        """Return the sort orders of the search form: value and label."""
        return SORTS

    def as_dict(self) -> dict[str, Any]:
        """Return the page as the API's JSON object."""
        dishes = [dish.as_dict() for dish in self.dishes]
        return {"dishes": dishes, "page": self.page, "pages": self.pages, "total": self.total}


class Review(NamedTuple):
    """A guest's review of a dish."""

    id: int
    dish_id: int
    author: str
    rating: int
    body: str
    written_at: int

    @property
    def written_on(self) -> str:
        """Return the day in UTC: "2026-11-22"."""
        return datetime.fromtimestamp(self.written_at, UTC).strftime("%Y-%m-%d")


class Line(NamedTuple):
    """One dish of a cart, at the current price, or of an order, at the price when it was placed."""

    dish_id: int
    name: str
    quantity: int
    unit_price_cents: int

    @property
    def price(self) -> str:
        """Return the price of one portion: "8.50"."""
        return format_cents(self.unit_price_cents)

    @property
    def total_cents(self) -> int:
        """Return the price of all portions, in cents."""
        return self.quantity * self.unit_price_cents

    @property
    def total(self) -> str:
        """Return the price of all portions: "17.00"."""
        return format_cents(self.total_cents)


class Cart(NamedTuple):
    """A cart at the current prices."""

    lines: list[Line]
    total_cents: int

    @property
    def total(self) -> str:
        """Return the total: "17.00"."""
        return format_cents(self.total_cents)

    @property
    def quantity(self) -> int:
        """Return the number of portions."""
        return sum(line.quantity for line in self.lines)


class Order(NamedTuple):
    """An order; code is its public, unguessable identifier."""

    code: str
    guest: str
    status: str
    total_cents: int
    placed_at: int
    lines: list[Line]

    @property
    def total(self) -> str:
        """Return the total: "17.00"."""
        return format_cents(self.total_cents)

    @property
    def placed_time(self) -> str:
        """Return the time at which the order was placed: "2026-11-22 17:05 UTC"."""
        return datetime.fromtimestamp(self.placed_at, UTC).strftime("%Y-%m-%d %H:%M UTC")

    @property
    def next_steps(self) -> tuple[str, ...]:
        """Return the statuses that may follow the current status."""
        return NEXT_STEPS[self.status]

    @property
    def actions(self) -> tuple[tuple[str, str], ...]:
        """Return the buttons that move the order along: next status and label."""
        return tuple((status, ACTIONS[status]) for status in self.next_steps)

    @property
    def what_next(self) -> str:
        """Return a sentence for the guest about what happens next, "" for a closed order."""
        return WHAT_NEXT.get(self.status, "")

    def as_dict(self) -> dict[str, Any]:
        """Return the order as the API's JSON object."""
        lines = [line._asdict() for line in self.lines]
        return {**self._asdict(), "lines": lines}


class Staff(NamedTuple):
    """A member of staff."""

    id: int
    username: str
