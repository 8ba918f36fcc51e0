"""The guest's session: hug's session middleware, stored in the larder."""

import secrets
from collections import UserDict
from http.cookies import SimpleCookie

from hug.middleware import SessionMiddleware


class Session(UserDict):
    """The session's data under its token."""

    def __init__(self, store, token):
        kept = store.load(token) if token else None
        super().__init__(kept or {})
        self._store = store
        self._kept = dict(kept or {})
        # An unknown token is never used.
        self.token = self._sent_token = None if kept is None else token

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
            self.token = self._store.rename(self.token)
        self["csrf_token"] = secrets.token_hex(16)

    def save(self):
        """Store the changes; return whether the browser needs a new token."""
        if self.data and self.data != self._kept:
            self.token = self._store.save(self.token, self.data)
        return self.token != self._sent_token

    def end(self):
        """Delete the session here and in the larder."""
        if self.token:
            self._store.delete(self.token)
        self.token = None
        self.clear()


class Sessions(SessionMiddleware):
    """hug's middleware, which knows no token, and saves and sets the cookie at every request."""

    session_class = Session

    def __init__(self, store):
        super().__init__(store, cookie_name="larder_session", cookie_path="/")

    def process_request(self, request, response):
        token = request.cookies.get(self.cookie_name)
        request.context[self.context_name] = self.session_class(self.store, token)

    def process_response(self, request, response, resource, req_succeeded):
        # Not req_succeeded: hug raises a redirect, which Falcon counts as no success.
        session = request.context[self.context_name]
        if session.save():
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
