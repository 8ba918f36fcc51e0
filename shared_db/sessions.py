"""The sessions: the data that the site stores for one browser under a secret token.

Two requests of one browser may change the same session at the same time. `load` therefore notes,
for the current request, which row was read and what the row held. The other methods then use that
row, even if another request has renamed the session meanwhile, and `save` writes only what this
request changed. A session that has been deleted meanwhile is not stored again.
"""

import json
import secrets
from hashlib import sha256
from time import time
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from shared_db.connections import Connections
from shared_db.merging import merge_changes
from shared_db.schema import sessions
from shared_db.thread_state import LoadedSession

_LIFETIME_SECONDS = 14 * 24 * 60 * 60

_BY_TOKEN = sessions.c.token_hash == bindparam("token")
_BY_ID = sessions.c.id == bindparam("session_id")
_ALIVE = sessions.c.expires_at > bindparam("now")
_NEW_DATA: dict[str, Any] = {
    "data": bindparam("new_data"),
    "expires_at": bindparam("new_expires_at"),
}
_NEW_EXPIRY: dict[str, Any] = {"expires_at": bindparam("new_expires_at")}

_LOAD = select(sessions.c.id, sessions.c.data).where(_BY_TOKEN, _ALIVE)
_LOCK = select(sessions.c.data).where(_BY_ID, _ALIVE).with_for_update()
_CREATE = insert(sessions).values(
    token_hash=bindparam("token"), data=bindparam("data"), expires_at=bindparam("expires_at")
)
_REPLACE = update(sessions).where(_BY_TOKEN, _ALIVE).values(_NEW_DATA)
_WRITE = update(sessions).where(_BY_ID, _ALIVE).values(_NEW_DATA)
_WRITE_IF_UNCHANGED = _WRITE.where(sessions.c.data == bindparam("loaded_data"))
_NEW_TOKEN: dict[str, Any] = {"token_hash": bindparam("new_token")}
_RENAME = update(sessions).where(_BY_TOKEN, _ALIVE).values(_NEW_TOKEN)
_RENAME_BY_ID = update(sessions).where(_BY_ID, _ALIVE).values(_NEW_TOKEN)
_EXTEND_BY_ID = update(sessions).where(_BY_ID, _ALIVE).values(_NEW_EXPIRY).returning(sessions.c.id)
_EXTEND = update(sessions).where(_BY_TOKEN, _ALIVE).values(_NEW_EXPIRY).returning(sessions.c.id)
_DELETE = delete(sessions).where(_BY_TOKEN)
_DELETE_BY_ID = delete(sessions).where(_BY_ID)
# SKIP LOCKED: without it, two purges at the same time could deadlock.
_EXPIRED = (
    select(sessions.c.id)
    .where(sessions.c.expires_at <= bindparam("now"))
    .with_for_update(skip_locked=True)
)
_PURGE = delete(sessions).where(sessions.c.id.in_(_EXPIRED))


class Sessions:
    """Read and change the stored sessions."""

    def __init__(self, connections: Connections) -> None:
        """Store the connections."""
        self._connections = connections

    def load(self, token: str) -> dict[str, Any] | None:
        """Return the data stored under a token, or None if the token is unknown or has expired."""
        token_hash = hash_token(token)
        row = self._connections.fetch_first(_LOAD, token=token_hash, now=int(time()))
        self._connections.loaded_session = LoadedSession(token_hash, *row) if row else None
        data: dict[str, Any] | None = json.loads(row[1]) if row else None
        return data

    def save(self, token: str | None, data: dict[str, Any]) -> str:
        """Store data (JSON values) for 14 days and return the token.

        The token is a new one if None was given, or a token that was never stored or has expired.
        After `load(token)` in the same request, only the changes since are written, and nothing
        if the session was deleted meanwhile.
        """
        text = json.dumps(data, separators=(",", ":"))
        loaded = self._get_loaded(token)
        with self._connections.transaction():
            if loaded:
                self._write_changes(loaded, text)
            elif token is None or not self._connections.execute(
                _REPLACE, token=hash_token(token), new_data=text, **_expiry_values()
            ):
                token = self._create(text)
        if loaded:
            # The caller still has its own data, not the merged data. A second save in this
            # request must be compared with the caller's data.
            self._connections.loaded_session = loaded._replace(data=text)
        assert token is not None
        return token

    def rename(self, token: str) -> str:
        """Give a session a new token, and return it. The old token becomes unknown.

        The data and the cart of the session stay. Call this at sign-in, so that a token that an
        attacker planted in the browser is worthless (session fixation). If two requests rename one
        session at the same time, the token of the later request is valid.
        """
        new_token = secrets.token_urlsafe(32)
        new_hash, now = hash_token(new_token), int(time())
        loaded = self._get_loaded(token)
        with self._connections.transaction():
            if loaded:
                self._connections.execute(
                    _RENAME_BY_ID, session_id=loaded.id, new_token=new_hash, now=now
                )
            else:
                self._connections.execute(
                    _RENAME, token=hash_token(token), new_token=new_hash, now=now
                )
        if loaded:
            self._connections.loaded_session = loaded._replace(token_hash=new_hash)
        return new_token

    def delete(self, token: str) -> None:
        """Delete the session of a token, with its cart. Ignore an unknown token."""
        loaded = self._get_loaded(token)
        with self._connections.transaction():
            if loaded:
                self._connections.execute(_DELETE_BY_ID, session_id=loaded.id)
            else:
                self._connections.execute(_DELETE, token=hash_token(token))

    def extend(self, token: str) -> int | None:
        """Let a session expire 14 days from now. Return its id, or None if it does not exist.

        Call this inside `Connections.transaction`: the row stays locked until the transaction ends.
        """
        if loaded := self._get_loaded(token):
            row = self._connections.fetch_first(
                _EXTEND_BY_ID, session_id=loaded.id, **_expiry_values()
            )
        else:
            row = self._connections.fetch_first(
                _EXTEND, token=hash_token(token), **_expiry_values()
            )
        return row[0] if row else None

    def _get_loaded(self, token: str | None) -> LoadedSession | None:
        """Return the session that this request loaded under a token, or None."""
        loaded = self._connections.loaded_session
        same = loaded and token is not None and loaded.token_hash == hash_token(token)
        return loaded if same else None

    def _write_changes(self, loaded: LoadedSession, text: str) -> None:
        values = {"session_id": loaded.id, "new_data": text, **_expiry_values()}
        if not self._connections.execute(_WRITE_IF_UNCHANGED, loaded_data=loaded.data, **values):
            row = self._connections.fetch_first(_LOCK, session_id=loaded.id, now=values["now"])
            if row is None:
                return
            base, ours, theirs = (json.loads(each) for each in (loaded.data, text, row[0]))
            text = json.dumps(merge_changes(base, ours, theirs), separators=(",", ":"))
            self._connections.execute(_WRITE, **{**values, "new_data": text})

    def _create(self, text: str) -> str:
        self._connections.execute(_PURGE, now=int(time()))
        token = secrets.token_urlsafe(32)
        expires_at = _expiry_values()["new_expires_at"]
        self._connections.execute(
            _CREATE, token=hash_token(token), data=text, expires_at=expires_at
        )
        return token


def hash_token(token: str) -> str:
    """Return the hash under which a token is stored, in hexadecimal."""
    # surrogatepass: a cookie may contain invalid text. It is an unknown token, not an error.
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _expiry_values() -> dict[str, int]:
    """Return the values of a statement that extends a session."""
    now = int(time())
    return {"now": now, "new_expires_at": now + _LIFETIME_SECONDS}
