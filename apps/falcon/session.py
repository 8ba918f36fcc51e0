"""The guest's session as middleware, stored in the larder, because Falcon has no sessions."""

import secrets
from collections import UserDict
from functools import cached_property

COOKIE = "larder_session"


class Session(UserDict):
    """The session's data, loaded from the larder on first access."""

    def __init__(self, larder, token):
        self._larder = larder
        self._store = larder.sessions
        self._token = self._sent_token = token

    @cached_property
    def _kept(self):
        kept = self._store.load(self._token) if self._token else None
        if kept is None:
            # An unknown token is never used.
            self._token = self._sent_token = None
        return kept or {}

    @cached_property
    def data(self):
        """The dictionary of this UserDict."""
        return dict(self._kept)

    @property
    def token(self):
        """The token of the session in the larder, or None."""
        self._kept  # noqa: B018  # loads the session first
        return self._token

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
        if "data" in self.__dict__ and self.data and self.data != self._kept:
            self._token = self._store.save(self.token, self.data)
        return self._token != self._sent_token

    def end(self):
        """Delete the session here and in the larder."""
        if self.token:
            self._store.delete(self.token)
        self._token = None
        self.clear()


class Sessions:
    """Add the session to the request's context, and store the changes of the responder."""

    def __init__(self, larder):
        self._larder = larder

    def process_request(self, req, resp):
        tokens = req.get_cookie_values(COOKIE) or [None]
        req.context.session = Session(self._larder, tokens[0])

    def process_response(self, req, resp, resource, req_succeeded):
        session = req.context.session
        if not session.save():
            return
        if session.token:
            is_secure = req.scheme == "https"
            resp.set_cookie(COOKIE, session.token, path="/", same_site="Lax", secure=is_secure)
        else:
            resp.unset_cookie(COOKIE, path="/")
