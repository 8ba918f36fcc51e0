"""Sessions: what is remembered of a guest from page to page, by a secret token."""

import json
import secrets
from hashlib import sha256
from time import time
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from shared_db.connections import Connections
from shared_db.schema import sessions

_KEPT_SECONDS = 14 * 24 * 60 * 60

_MINE = sessions.c.token_hash == bindparam("token")
_ALIVE = sessions.c.expires_at > bindparam("now")

_LOAD = select(sessions.c.data).where(_MINE, _ALIVE)
_KEEP = (
    update(sessions)
    .where(_MINE, _ALIVE)
    .values(data=bindparam("new_data"), expires_at=bindparam("new_expires_at"))
)
_BEGIN = insert(sessions).values(
    token_hash=bindparam("token"), data=bindparam("data"), expires_at=bindparam("expires_at")
)
_DELETE = delete(sessions).where(_MINE)
# Two purges at once pass each other's rows by, where they could wait for each other in a ring.
_EXPIRED = (
    select(sessions.c.token_hash)
    .where(sessions.c.expires_at <= bindparam("now"))
    .with_for_update(skip_locked=True)
)
_PURGE = delete(sessions).where(sessions.c.token_hash.in_(_EXPIRED))


class Sessions:
    """What can be asked of the sessions."""

    def __init__(self, larder: Connections) -> None:
        """Keep the larder's connections."""
        self._larder = larder

    def load(self, token: str) -> dict[str, Any] | None:
        """Return what is kept under a token, or None when it is unknown or has expired."""
        row = self._larder.row(_LOAD, token=_hash(token), now=int(time()))
        data: dict[str, Any] | None = json.loads(row[0]) if row else None
        return data

    def save(self, token: str | None, data: dict[str, Any]) -> str:
        """Keep data (fit for JSON) for 14 days, and return the token it is kept under.

        That is a new one for None, and for a token that is unknown, expired or deleted meanwhile.
        """
        now = int(time())
        text = json.dumps(data, separators=(",", ":"))
        expires_at = now + _KEPT_SECONDS
        with self._larder.writing():
            if token is not None and self._larder.run(
                _KEEP, token=_hash(token), now=now, new_data=text, new_expires_at=expires_at
            ):
                return token
            self._larder.run(_PURGE, now=now)
            token = secrets.token_urlsafe(32)
            self._larder.run(_BEGIN, token=_hash(token), data=text, expires_at=expires_at)
        return token

    def delete(self, token: str) -> None:
        """Forget what is kept under a token, known or not."""
        with self._larder.writing():
            self._larder.run(_DELETE, token=_hash(token))


def _hash(token: str) -> str:
    # surrogatepass: a cookie may hold anything; such a token is unknown, no error.
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
