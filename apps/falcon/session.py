"""The guest's session: middleware, for Falcon has no sessions, over the larder's store."""

import secrets
from collections.abc import MutableMapping
from copy import deepcopy
from datetime import UTC, datetime

COOKIE = "larder_session"
LONG_AGO = datetime.fromtimestamp(0, UTC)


class Session(MutableMapping):
    """The session's data, fetched from the larder when first asked for."""

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
                # A token that the larder does not know is never adopted.
                self._token = self._sent_token = None
            self._data = deepcopy(self._kept or {})
        return self._data

    @property
    def token(self):
        """The token under which the larder knows the session, or None."""
        return self._token if self._fetched is not None else None

    @property
    def csrf_token(self):
        """The token that every form of this session carries, made when first asked for."""
        if "csrf_token" not in self:
            self["csrf_token"] = secrets.token_hex(16)
        return self["csrf_token"]

    def flash(self, message):
        """Keep a message for the next page."""
        self["flash"] = [*self.get("flash", []), message]

    def on_page(self):
        """Return what every page shows of this guest; a message is told once."""
        count = self._larder.carts.count(self.token)
        return {"cart_count": count, "flash": self.pop("flash", [])}

    def renew(self):
        """Replace both tokens, so that one planted before sign-in is worth nothing."""
        if self.token:
            self._token = self._store.rename(self.token)
        self["csrf_token"] = secrets.token_hex(16)

    def save(self):
        """Store what changed; return whether the browser has to be sent another token."""
        if self._data and self._data != self._kept:
            self._token = self._store.save(self.token, self._data)
        return self._token != self._sent_token

    def end(self):
        """Delete everything, here and in the larder."""
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
    """Put the session into the request's context, and keep what a responder changed in it."""

    def __init__(self, larder):
        self._larder = larder

    def process_request(self, req, resp):
        tokens = req.get_cookie_values(COOKIE) or [None]
        req.context.session = Session(self._larder, tokens[0])

    def process_response(self, req, resp, resource, req_succeeded):
        # What is raised is no success to Falcon, a redirect neither; a form refused is shown.
        succeeded = req_succeeded or resp.status_code < 400
        if succeeded and req.context.session.save():
            token = req.context.session.token
            resp.set_cookie(
                COOKIE,
                token or "",
                # Not max_age=0, which Falcon takes for none.
                expires=None if token else LONG_AGO,
                path="/",
                same_site="Lax",
                secure=req.scheme == "https",
            )
