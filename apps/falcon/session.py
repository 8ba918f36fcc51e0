"""The guest's session as middleware, stored in the larder, because Falcon has no sessions."""

import secrets
from collections.abc import MutableMapping
from copy import deepcopy
from datetime import UTC, datetime

COOKIE = "larder_session"
LONG_AGO = datetime.fromtimestamp(0, UTC)


class Session(MutableMapping):
    """The session's data, loaded from the larder on first access."""

    def __init__(self, larder, token):
        self._larder = larder
        self._store = larder.sessions
        self._kept = self._data = None
        self._token = self._sent_token = token

    @property
    def _fetched(self):
        if self._data is None:
            self._kept = self._store.load(self._token) if self._token else None
            if self._kept is None:
                # An unknown token is never used.
                self._token = self._sent_token = None
            self._data = deepcopy(self._kept or {})
        return self._data

    @property
    def token(self):
        """The token of the session in the larder, or None."""
        return self._token if self._fetched is not None else None

    @property
    def csrf_token(self):
        """The CSRF token of this session's forms, created on first access."""
        if "csrf_token" not in self:
            self["csrf_token"] = secrets.token_hex(16)
        return self["csrf_token"]

    def flash(self, message):
        """Store a message for the next page."""
        self["flash"] = [*self.get("flash", []), message]

    def on_page(self):
        """Return the guest's data for every page; each message is shown once."""
        count = self._larder.carts.count(self.token)
        return {"cart_count": count, "flash": self.pop("flash", [])}

    def renew(self):
        """Replace both tokens, so that a token planted before sign-in is worthless."""
        if self.token:
            self._token = self._store.rename(self.token)
        self["csrf_token"] = secrets.token_hex(16)

    def save(self):
        """Store the changes; return whether the browser needs a new token."""
        if self._data and self._data != self._kept:
            self._token = self._store.save(self.token, self._data)
        return self._token != self._sent_token

    def end(self):
        """Delete the session here and in the larder."""
        if self.token:
            self._store.delete(self.token)
        self._token = None
        self.clear()

    def __getitem__(self, key):
        return self._fetched[key]

    def __setitem__(self, key, value):
        self._fetched[key] = value

    def __delitem__(self, key):
        del self._fetched[key]

    def __iter__(self):
        return iter(self._fetched)

    def __len__(self):
        return len(self._fetched)


class Sessions:
    """Add the session to the request's context, and store the changes of the responder."""

    def __init__(self, larder):
        self._larder = larder

    def process_request(self, req, resp):
        tokens = req.get_cookie_values(COOKIE) or [None]
        req.context.session = Session(self._larder, tokens[0])

    def process_response(self, req, resp, resource, req_succeeded):
        # Falcon counts a raised redirect as no success, so the status is checked as well.
        succeeded = req_succeeded or resp.status_code < 400
        if succeeded and req.context.session.save():
            token = req.context.session.token
            resp.set_cookie(
                COOKIE,
                token or "",
                # Not max_age=0, which Falcon ignores.
                expires=None if token else LONG_AGO,
                path="/",
                same_site="Lax",
                secure=req.scheme == "https",
            )
