"""The guest's session: middleware, for Falcon has no sessions, over the larder's store."""

import secrets
from collections.abc import MutableMapping
from copy import deepcopy
from datetime import UTC, datetime

COOKIE = "larder_session"
LONG_AGO = datetime.fromtimestamp(0, UTC)


class Session(MutableMapping):
    """The session's data, fetched from the larder when first asked for."""

    def __init__(self, store, token):
        self._store = store
        self._kept = self._data = None
        self._outdated = None
        self.token = token

    @property
    def _fetched(self):
        if self._data is None:
            self._kept = self._store.load(self.token) if self.token else None
            if self._kept is None:
                self.token = None  # a token the larder does not know is never adopted
            self._data = deepcopy(self._kept or {})
        return self._data

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
        return {"cart_count": sum(self.get("cart", {}).values()), "flash": self.pop("flash", [])}

    def renew(self):
        """Go on under new tokens, so that one planted before sign-in is worth nothing."""
        self._outdated, self.token = self.token, None
        self["csrf_token"] = secrets.token_hex(16)

    def keep(self):
        """Store what changed; tell whether the browser's token is another now."""
        known = self.token
        if self._data and self._data != self._kept:
            self.token = self._store.save(known, self._data)
        if self._outdated:
            self._store.delete(self._outdated)
        return self.token != known or self._outdated is not None

    def end(self):
        """Forget everything, here and in the larder."""
        self.clear()
        self._outdated, self.token = self.token, None

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

    def __init__(self, store):
        self._store = store

    def process_request(self, req, resp):
        tokens = req.get_cookie_values(COOKIE) or [None]
        req.context.session = Session(self._store, tokens[0])

    def process_response(self, req, resp, resource, req_succeeded):
        # What is raised is no success to Falcon, a redirect neither; a form refused is shown.
        kept = req_succeeded or resp.status_code < 400
        if kept and req.context.session.keep():
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
