"""The guest's session: hug's session middleware, stored in the larder."""

import secrets
from collections.abc import MutableMapping
from copy import deepcopy
from http.cookies import SimpleCookie

from hug.middleware import SessionMiddleware


class Session(MutableMapping):
    """The session's data, loaded from the larder on first access."""

    def __init__(self, store, token):
        self._store = store
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


class Sessions(SessionMiddleware):
    """hug's middleware, which by default loads, saves and sets the cookie at every request."""

    def __init__(self, store):
        super().__init__(store, cookie_name="larder_session", cookie_path="/")

    def process_request(self, request, response):
        token = request.cookies.get(self.cookie_name)
        request.context[self.context_name] = Session(self.store, token)

    def process_response(self, request, response, resource, req_succeeded):
        # Not req_succeeded: hug raises a redirect, which Falcon counts as no success.
        session = request.context.get(self.context_name)
        if session is not None and response.status < "500" and session.save():
            response.append_header("Set-Cookie", self.cookie(request, session.token))

    def cookie(self, request, token):
        """Return the cookie as a header; Falcon's set_cookie() does not support SameSite."""
        morsel = SimpleCookie({self.cookie_name: token or ""})[self.cookie_name]
        morsel["path"], morsel["samesite"] = self.cookie_path, "Lax"
        morsel["httponly"] = self.cookie_http_only
        morsel["secure"] = request.scheme == "https"  # a browser would not store it over HTTP
        if not token:
            morsel["max-age"] = "0"
        return morsel.OutputString()
