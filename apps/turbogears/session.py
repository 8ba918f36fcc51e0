"""The guest's session, tg.session: a dict stored in the larder, and its wrapper."""

import secrets
from collections import UserDict
from copy import deepcopy

from tg.appwrappers.base import ApplicationWrapper
from tg.caching import cached_property

COOKIE = "larder_session"


class LarderSession(UserDict):
    """The session's data, loaded from the larder on first access."""

    def __init__(self, store, request):
        # Not UserDict.__init__, which would create `data` at once.
        self._store = store
        self._request = request
        self._token = self._sent_token = None
        self._before = {}

    @cached_property
    def data(self):
        """The data that the larder stores under the cookie's token; an unknown token is dropped."""
        token = token_in(self._request)
        found = self._store.load(token) if token else None
        if found is None:
            return {}
        self._token, self._before = token, deepcopy(found)
        self._sent_token = token
        return found

    @property
    def token(self):
        """The token of the session in the larder, or None."""
        _ = self.data  # the data is loaded on first access
        return self._token

    @property
    def csrf_token(self):
        """The CSRF token of this session's forms, created on first access."""
        if "csrf_token" not in self:
            self["csrf_token"] = secrets.token_hex(16)
        return self["csrf_token"]

    def flash(self, message):
        """Store a message for the next page; tg.flash uses its own cookie."""
        self.setdefault("flash", []).append(message)

    def renew(self):
        """Replace both tokens, so that a token planted before sign-in is worthless."""
        if self.token:
            self._token = self._store.rename(self._token)
        self["csrf_token"] = secrets.token_hex(16)

    def delete(self):
        """Delete the session here and in the larder."""
        if self.token:
            self._store.delete(self._token)
        self._token = None
        self.clear()

    def save(self, response):
        """Store the changes, and send a new token to the browser."""
        if "data" not in vars(self):
            return
        if self.data and self.data != self._before:
            self._token = self._store.save(self._token, self.data)
        if self._token and self._token != self._sent_token:
            secure = self._request.scheme == "https"
            response.set_cookie(COOKIE, self._token, httponly=True, samesite="Lax", secure=secure)
        elif self._sent_token and not self._token:
            response.delete_cookie(COOKIE)


def token_in(request):
    """Return the token in the request's cookie, or None without a cookie.

    Not request.cookies: in WebOb a malformed cookie of other software hides the next cookies.
    """
    pairs = (pair.partition("=") for pair in request.headers.get("Cookie", "").split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs}.get(COOKIE)


class SessionWrapper(ApplicationWrapper):
    """Give every request its session, as TurboGears' own wrapper does with Beaker."""

    def __init__(self, next_handler, config):
        super().__init__(next_handler, config)
        self.store = config["tg.app_globals"].larder.sessions

    def __call__(self, controller, environ, context):
        session = context.session = LarderSession(self.store, context.request)
        response = self.next_handler(controller, environ, context)
        session.save(response)
        return response
