"""Read the rows of a site's database, and mask the values that differ from site to site.

Masked are the codes and times of orders, the times of new reviews, the keys that forms generate,
the names of photos, and tokens. A session and its cart are named after the user with the cookie of
the session.
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

# The tables that users change, in the order of their foreign keys.
CHANGED_TABLES = ("dishes", "reviews", "orders", "order_lines", "sessions", "cart_lines")
ALL_TABLES = (*CHANGED_TABLES, *UNCHANGED_TABLES)
HOUR_SECONDS = 3600
FORTNIGHT_SECONDS = 14 * 24 * HOUR_SECONDS
# Frameworks store the token for their forms under different names.
FORM_TOKEN_NAMES = {"csrf_token", "formkey", "_formkey", "_formkeys"}
GENERATED_KEY = re.compile(r"[\w-]{24}")


class SiteDatabase:
    """The SQLite file of a site, read beside the site."""

    def __init__(self, file: Path) -> None:
        # Different threads use the connection, one at a time.
        self.connection = sqlite3.connect(
            file, isolation_level=None, timeout=30, check_same_thread=False
        )
        self.seed = self.read_rows()
        self.version, self.rows = -1, self.seed

    def read_rows(self) -> Rows:
        """Return all rows."""
        return {
            name: self.connection.execute(f"SELECT * FROM {name}").fetchall() for name in ALL_TABLES
        }

    def reset(self) -> None:
        """Restore all rows to those of the seed; the site may have the file open."""
        self.connection.execute("BEGIN IMMEDIATE")
        for name in reversed(ALL_TABLES):
            self.connection.execute(f"DELETE FROM {name}")
        for name in (*UNCHANGED_TABLES, *CHANGED_TABLES):
            rows = self.seed[name]
            if rows:
                values = ", ".join("?" * len(rows[0]))
                self.connection.executemany(f"INSERT INTO {name} VALUES ({values})", rows)
        self.connection.execute("COMMIT")
        self.version = -1

    def current_rows(self) -> Rows:
        """Return the rows; read them again only if another connection has written."""
        (version,) = self.connection.execute("PRAGMA data_version").fetchone()
        if version != self.version:
            self.version, self.rows = version, self.read_rows()
        return self.rows

    def close(self) -> None:
        """Close the file."""
        self.connection.close()


def mask_rows(rows: Rows, tokens: Mapping[str, str]) -> Rows:
    """Return rows in the form of the model; `tokens` are the session cookies by user."""
    hashes = {sha256(token.encode()).hexdigest(): user for user, token in tokens.items()}
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
    """Return a value without the name of a photo."""
    return PHOTO_NAME.sub(r"[photo].\1", value) if isinstance(value, str) else value


def mask_time(seconds: int, offset_seconds: int = 0) -> Any:
    """Return "[now]" for a time of this hour, "[in 14 days]" for one with an offset, else the time.

    `seconds` are those since the epoch.
    """
    is_now = abs(seconds - offset_seconds - time.time()) < HOUR_SECONDS
    return ("[in 14 days]" if offset_seconds else "[now]") if is_now else seconds


def mask_order(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return an order without its code, its time and a key that a form generated."""
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
