"""The tables, the same in SQLite and PostgreSQL. Times are Unix seconds.

Increase VERSION with every change of a table.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)

VERSION = 2

metadata = MetaData()

# SQLite's INTEGER has 64 bits, and strict tables of SQLite do not accept BIGINT.
_Time = BigInteger().with_variant(Integer(), "sqlite")
# Sorted by code points in both databases, whatever the locale of the PostgreSQL server.
_Sorted = Text().with_variant(Text(collation="C"), "postgresql")


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _text(name: str, unique: bool = False, nullable: bool = False) -> Column[str]:
    return Column(name, Text, unique=unique, nullable=nullable)


def _number(name: str, rule: str | None = None) -> Column[int]:
    rules = [CheckConstraint(rule)] if rule else []
    return Column(name, Integer, *rules, nullable=False)


def _dish_id() -> Column[int]:
    return Column("dish_id", ForeignKey("dishes.id"), nullable=False)


larder_schema = Table("larder_schema", metadata, _number("version"), sqlite_strict=True)

_COURSES = "course IN ('starter', 'main', 'dessert', 'drink')"
dishes = Table(
    "dishes",
    metadata,
    _id(),
    _text("name"),
    Column("course", Text, CheckConstraint(_COURSES), nullable=False),
    _text("description"),
    _number("price_cents", "price_cents >= 0"),
    _number("portions", "portions >= 0"),
    _text("allergens"),
    _text("photo", nullable=True),
    _text("drawing"),
    _number("version"),
    # Derived from the name and the description: for the search, and for sorting by name.
    Column("searchable", _Sorted, nullable=False),
    Column("name_key", _Sorted, nullable=False),
    sqlite_strict=True,
)
for _key in (dishes.c.name_key, dishes.c.price_cents):
    Index(f"dishes_by_{_key.name}", _key, dishes.c.id)
    Index(f"dishes_by_course_and_{_key.name}", dishes.c.course, _key, dishes.c.id)

reviews = Table(
    "reviews",
    metadata,
    _id(),
    _dish_id(),
    _text("author"),
    _number("rating", "rating BETWEEN 1 AND 5"),
    _text("body"),
    Column("written_at", _Time, nullable=False),
    sqlite_strict=True,
)
Index("reviews_by_dish", reviews.c.dish_id, reviews.c.written_at, reviews.c.id)

_STATUSES = "status IN ('placed', 'cooking', 'served', 'cancelled')"
orders = Table(
    "orders",
    metadata,
    _id(),
    _text("code", unique=True),
    _text("guest"),
    Column("status", Text, CheckConstraint(_STATUSES), nullable=False),
    _number("total_cents"),
    Column("placed_at", _Time, nullable=False),
    _text("idempotency_key", unique=True),
    sqlite_strict=True,
)
# SQLite uses the index only if the query has the same words as the index.
IS_OPEN = text("orders.status IN ('placed', 'cooking')")
_IS_OPEN = text("status IN ('placed', 'cooking')")
Index(
    "open_orders",
    orders.c.placed_at,
    orders.c.id,
    sqlite_where=_IS_OPEN,
    postgresql_where=_IS_OPEN,
)

order_lines = Table(
    "order_lines",
    metadata,
    Column("order_id", ForeignKey("orders.id"), primary_key=True),
    Column("dish_id", ForeignKey("dishes.id"), primary_key=True),
    _number("quantity", "quantity BETWEEN 1 AND 20"),
    _number("unit_price_cents"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

staff = Table(
    "staff",
    metadata,
    _id(),
    _text("username", unique=True),
    _text("password_hash"),
    sqlite_strict=True,
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("staff_id", ForeignKey("staff.id"), nullable=False),
    sqlite_strict=True,
)

sessions = Table(
    "sessions",
    metadata,
    _id(),
    _text("token_hash", unique=True),
    _text("data"),
    Column("expires_at", _Time, nullable=False, index=True),
    sqlite_strict=True,
    # An id is never used again: a request that still has the id of a deleted session must not
    # write to another guest's session.
    sqlite_autoincrement=True,
)

cart_lines = Table(
    "cart_lines",
    metadata,
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("dish_id", ForeignKey("dishes.id", ondelete="CASCADE"), primary_key=True),
    _number("quantity", "quantity BETWEEN 1 AND 20"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

worlds = Table("worlds", metadata, _id(), _number("random_number"), sqlite_strict=True)

fortunes = Table("fortunes", metadata, _id(), _text("message"), sqlite_strict=True)
