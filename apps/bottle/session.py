"""The guest's session, `request.session`: a dict stored in the larder, and its plugin."""

import json
import secrets
from collections import UserDict

# Bottle's cached_property has no lock; that of functools blocks threads before Python 3.12.
from bottle import HTTPResponse, cached_property, request, response

COOKIE = "larder_session"


class Session(UserDict):
    """The session's data, loaded from the larder on first access."""

    def __init__(self, larder):
        # Not UserDict.__init__, which would create `data` at once.
        self._larder = larder
        self._token = self._sent_token = None
        self._before = "{}"

    @cached_property
    def data(self):
        """The data that the larder stores under the cookie's token; an unknown token is dropped."""
        token = request.get_cookie(COOKIE)
        found = self._larder.sessions.load(token) if token else None
        if found is None:
            return {}
        self._token = self._sent_token = token
        self._before = json.dumps(found)
        return found

    @property
    def token(self):
        """The token of the session in the larder, or None."""
        return self._token if self.data is not None else None

    @property
    def csrf_token(self):
        """The CSRF token of this session's forms, created on first access."""
        if "csrf_token" not in self:
            self["csrf_token"] = secrets.token_hex(16)
        return self["csrf_token"]

    def on_page(self):
        """Return the guest's data for every page; each message is shown once."""
        count = self._larder.carts.count(self.token)
        return {"cart_count": count, "flash": self.pop("flash", [])}

    def renew(self):
        """Replace both tokens, so that a token planted before sign-in is worthless."""
        if self.token:
            self._token = self._larder.sessions.rename(self.token)
        self["csrf_token"] = secrets.token_hex(16)

    def end(self):
        """Delete the session here and in the larder."""
        if self.token:
            self._larder.sessions.delete(self.token)
        self._token = None
        self.clear()

    def save(self, reply):
        """Store the changes, and send a new token to the browser."""
        if "data" not in vars(self):
            return
        if (self.data or self.token) and json.dumps(self.data) != self._before:
            self._token = self._larder.sessions.save(self.token, self.data)
        if self._token == self._sent_token:
            return
        if not self._token:
            reply.delete_cookie(COOKIE, path="/")
            return
        secure = request.environ["wsgi.url_scheme"] == "https"
        reply.set_cookie(
            COOKIE, self._token, path="/", httponly=True, samesite="lax", secure=secure
        )


class SessionPlugin:
    """Give every request its session, and store the session after the handler."""

    name = "session"
    api = 2

    def setup(self, app):
        """Add the session to each request, without loading it."""

        @app.hook("before_request")
        def open_session():
            request.session = Session(app.config["larder"])

    def apply(self, callback, route):
        """Return the handler wrapped by the storing of the session."""

        def with_session(*args, **kwargs):
            try:
                reply = callback(*args, **kwargs)
            except HTTPResponse as raised:  # redirect() raises its reply
                reply = raised
            request.session.save(reply if isinstance(reply, HTTPResponse) else response)
            return reply

        return with_session
