"""What does a site's larder hold? Its rows, with what differs by nature masked.

Masked are: codes and times of orders, times of new reviews, keys that forms made, names of photos,
tokens. A session and its cart are named after the guest whose cookie opens the session.
"""

import json
import re
import sqlite3
import time
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from bench.conformance.canonical_dom import PHOTO_NAME
from bench.conformance.differential.model import UNCHANGED_TABLES, Rows, session_text

# What guests change, in the order in which rows need each other.
CHANGED_TABLES = ("dishes", "reviews", "orders", "order_lines", "sessions", "cart_lines")
ALL_TABLES = (*CHANGED_TABLES, *UNCHANGED_TABLES)
HOUR_SECONDS = 3600
FORTNIGHT_SECONDS = 14 * 24 * HOUR_SECONDS
# Under which name a framework keeps the token for its forms is its own.
FORM_TOKEN_NAMES = {"csrf_token", "formkey", "_formkey", "_formkeys"}
GENERATED_KEY = re.compile(r"[\w-]{24}")


class SiteDatabase:
    """One site's SQLite file, looked at from outside."""

    def __init__(self, file: Path) -> None:
        # One thread at a time looks, not always the same.
        self.connection = sqlite3.connect(
            file, isolation_level=None, timeout=30, check_same_thread=False
        )
        self.seed = self.read_rows()
        self.version, self.rows = -1, self.seed

    def read_rows(self) -> Rows:
        """Return every row as it is."""
        return {
            name: self.connection.execute(f"SELECT * FROM {name}").fetchall() for name in ALL_TABLES
        }

    def reset(self) -> None:
        """Make every row what it was in the beginning, for those who have the file open, too."""
        self.connection.execute("BEGIN IMMEDIATE")
        for name in reversed(ALL_TABLES):
            self.connection.execute(f"DELETE FROM {name}")
        for name in (*UNCHANGED_TABLES, *CHANGED_TABLES):
            rows = self.seed[name]
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                self.connection.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
        self.connection.execute("COMMIT")
        self.version = -1

    def current_rows(self) -> Rows:
        """Return the rows, read again only where another connection has written."""
        (version,) = self.connection.execute("PRAGMA data_version").fetchone()
        if version != self.version:
            self.version, self.rows = version, self.read_rows()
        return self.rows

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()


def mask_rows(rows: Rows, tokens: Mapping[str, str]) -> Rows:
    """Return rows as the model writes them; tokens are the guests' cookies, by guest."""
    hashes = {sha256(token.encode()).hexdigest(): who for who, token in tokens.items()}
    owners = {row[0]: hashes.get(row[1], "[nobody]") for row in rows["sessions"]}
    return {
        "dishes": [tuple(mask_photo(value) for value in row) for row in rows["dishes"]],
        "reviews": [(*row[:5], mask_time(row[5])) for row in rows["reviews"]],
        "orders": [mask_order(row) for row in rows["orders"]],
        "order_lines": rows["order_lines"],
        "sessions": sorted(mask_session(row, owners) for row in rows["sessions"]),
        "cart_lines": sorted(
            (owners.get(row[0], "[nobody]"), *row[1:]) for row in rows["cart_lines"]
        ),
        **{name: rows[name] for name in UNCHANGED_TABLES},
    }


def mask_photo(value: Any) -> Any:
    """Return a value without the name that a photo was given."""
    return PHOTO_NAME.sub(r"[photo].\1", value) if isinstance(value, str) else value


def mask_time(seconds: int, offset_seconds: int = 0) -> Any:
    """Return "[now]" for a time of this hour, any other as it is."""
    is_now = abs(seconds - offset_seconds - time.time()) < HOUR_SECONDS
    return ("[in 14 days]" if offset_seconds else "[now]") if is_now else seconds


def mask_order(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return an order without its code, its time and a key that a form made."""
    number, code, guest, status, total, placed_at, key = row
    code = "[code]" if re.fullmatch("[0-9a-f]{20}", code) else code
    key = "[key]" if GENERATED_KEY.fullmatch(key) else key
    return (number, code, guest, status, total, mask_time(placed_at), key)


def mask_session(row: tuple[Any, ...], owners: Mapping[int, str]) -> tuple[Any, ...]:
    """Return a session with its owner in place of the id and the token."""
    session_id, _, text, expires_at = row
    try:
        data = dict(json.loads(text))
    except (TypeError, ValueError):
        data = {"no session": text}
    if FORM_TOKEN_NAMES.intersection(data):
        data = {name: value for name, value in data.items() if name not in FORM_TOKEN_NAMES}
        data["csrf_token"] = "[token]"
    return (owners[session_id], session_text(data), mask_time(expires_at, FORTNIGHT_SECONDS))
