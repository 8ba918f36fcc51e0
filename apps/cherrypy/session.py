"""The guest's session: CherryPy's Session over the larder's store."""

import secrets
from copy import deepcopy
from datetime import datetime

import cherrypy
from cherrypy.lib.sessions import Session

COOKIE = "larder_session"


class LarderSession(Session):
    """The session's data, fetched from the larder when first asked for."""

    store = None  # given by the configuration: tools.sessions.store
    outdated = None
    kept = None

    @property
    def csrf_token(self):
        """The token that every form of this session carries, made when first asked for."""
        return self.setdefault("csrf_token", secrets.token_hex(16))

    def renew(self):
        """Go on under new tokens, so that one planted before sign-in is worth nothing."""
        self.regenerate()
        self["csrf_token"] = secrets.token_hex(16)

    def _regenerate(self):
        # CherryPy would delete and replace the token at once; the larder is asked at the end.
        self.outdated, self.id = self.id, None

    def _exists(self):
        return True  # whether it does shows when somebody looks into the session

    def _load(self):
        self.kept = self.store.load(self.id) if self.id else None
        if self.kept is None:
            self.id = None  # a token the larder does not know is never adopted
        return deepcopy(self.kept or {}), datetime.max

    def _save(self, expiration_time):
        known = self.id
        if known and not self._data:
            self.outdated, self.id = known, None
        elif self._data and (self._data != self.kept or not known):
            self.id = self.store.save(known, self._data)
        if self.outdated:
            self.store.delete(self.outdated)
        if self.id != known or self.outdated:
            self._tell_browser()

    def _tell_browser(self):
        # CherryPy's own cookie knows no SameSite, and Secure only by configuration.
        cookie = cherrypy.response.cookie
        cookie[COOKIE] = self.id or ""
        cookie[COOKIE].update({"path": "/", "httponly": True, "samesite": "Lax"})
        if cherrypy.request.scheme == "https":
            cookie[COOKIE]["secure"] = True
        if not self.id:
            cookie[COOKIE]["max-age"] = "0"


def keep_cookie_back():
    """Take back the cookie that tools.sessions sets on every reply, used session or not."""
    cherrypy.response.cookie.clear()
    cherrypy.session.id_observers.clear()


keep_cookie_back.priority = 60  # tools.sessions begins at 50
