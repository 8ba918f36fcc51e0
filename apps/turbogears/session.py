"""The guest's session: tg.session, a dict whose home is the larder, and its wrapper."""

import secrets
from collections import UserDict
from copy import deepcopy

from tg.appwrappers.base import ApplicationWrapper
from tg.caching import cached_property

COOKIE = "larder_session"


class LarderSession(UserDict):
    """The session's data, fetched from the larder when first touched."""

    def __init__(self, store, request):
        # Not UserDict's: it would make `data` at once.
        self._store = store
        self._request = request
        self._token = self._outdated = None
        self._before = {}

    @cached_property
    def data(self):
        """What the larder keeps under the cookie's token; a token it does not know is dropped."""
        token = token_in(self._request)
        found = self._store.load(token) if token else None
        if found is None:
            return {}
        self._token, self._before = token, deepcopy(found)
        return found

    @property
    def csrf_token(self):
        """The token that every form of this session carries, made when first asked for."""
        if "csrf_token" not in self:
            self["csrf_token"] = secrets.token_hex(16)
        return self["csrf_token"]

    def flash(self, message):
        """Keep a message for the next page; tg.flash keeps it in a cookie of its own."""
        self.setdefault("flash", []).append(message)

    def renew(self):
        """Go on under new tokens, so that one planted before sign-in is worth nothing."""
        self["csrf_token"] = secrets.token_hex(16)
        self._outdated, self._token = self._token, None

    def delete(self):
        """Forget everything, here and in the larder."""
        self.clear()
        self._outdated, self._token = self._token, None

    def keep(self, response):
        """Store what changed, and tell the browser the token if that is new."""
        if "data" not in vars(self):
            return
        if self._outdated:
            self._store.delete(self._outdated)
        if self.data != self._before and (self.data or self._token):
            self._save(response)
        elif self._outdated:
            response.delete_cookie(COOKIE)

    def _save(self, response):
        token = self._store.save(self._token, self.data)
        if token != self._token:
            secure = self._request.scheme == "https"
            response.set_cookie(COOKIE, token, httponly=True, samesite="Lax", secure=secure)


def token_in(request):
    """Return the token in the request's cookie, None where there is none to be read."""
    try:
        return request.cookies.get(COOKIE)
    except UnicodeDecodeError:
        return None


class SessionWrapper(ApplicationWrapper):
    """Give every request its session, as TurboGears' own wrapper does with Beaker's."""

    def __init__(self, next_handler, config):
        super().__init__(next_handler, config)
        self.store = config["tg.app_globals"].larder.sessions

    def __call__(self, controller, environ, context):
        session = context.session = LarderSession(self.store, context.request)
        response = self.next_handler(controller, environ, context)
        session.keep(response)
        return response
