"""The guest's session: `request.session`, a dict whose home is the larder, and its plugin."""

import json
import secrets
from collections import UserDict
from http.cookies import CookieError

# Bottle's cached_property takes no lock: before Python 3.12 that of functools makes threads queue.
from bottle import HTTPResponse, cached_property, request, response

COOKIE = "larder_session"


class Session(UserDict):
    """The session's data, fetched from the larder when first touched."""

    def __init__(self, store):
        # Not UserDict's: it would make `data` at once.
        self._store = store
        self._token = self._outdated = None
        self._before = "{}"

    @cached_property
    def data(self):
        """What the larder keeps under the cookie's token; a token it does not know is dropped."""
        token = _cookie()
        found = self._store.load(token) if token else None
        if found is None:
            return {}
        self._token, self._before = token, json.dumps(found)
        return found

    @property
    def csrf_token(self):
        """The token that every form of this session carries, made when first asked for."""
        if "csrf_token" not in self:
            self["csrf_token"] = secrets.token_hex(16)
        return self["csrf_token"]

    def renew(self):
        """Go on under new tokens, so that one planted before sign-in is worth nothing."""
        self["csrf_token"] = secrets.token_hex(16)
        self._outdated, self._token = self._token, None

    def end(self):
        """Forget everything, here and in the larder."""
        self.clear()
        self._outdated, self._token = self._token, None

    def keep(self, reply):
        """Store what changed, and tell the browser its token if that is new."""
        if "data" not in vars(self):
            return
        known = self._token
        if (self.data or known) and json.dumps(self.data) != self._before:
            self._token = self._store.save(self._token, self.data)
        if self._outdated:
            self._store.delete(self._outdated)
        if self._token != known:
            secure = request.environ["wsgi.url_scheme"] == "https"
            reply.set_cookie(
                COOKIE, self._token, path="/", httponly=True, samesite="lax", secure=secure
            )
        elif self._outdated:
            reply.delete_cookie(COOKIE, path="/")


def _cookie():
    try:
        return request.get_cookie(COOKIE)
    except CookieError:  # another cookie beside it is malformed, which Bottle lets through
        return None


class SessionPlugin:
    """Give every request its session, and keep it when the handler is done."""

    name = "session"
    api = 2

    def setup(self, app):
        """Make the session a property of each request; nothing is fetched yet."""

        @app.hook("before_request")
        def open_session():
            request.session = Session(app.config["larder"].sessions)

    def apply(self, callback, route):
        """Return the handler, followed by the keeping of the session."""

        def with_session(*args, **kwargs):
            try:
                reply = callback(*args, **kwargs)
            except HTTPResponse as raised:  # redirect() raises its reply
                reply = raised
            request.session.keep(reply if isinstance(reply, HTTPResponse) else response)
            return reply

        return with_session
