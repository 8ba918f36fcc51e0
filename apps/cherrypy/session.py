"""The guest's session: CherryPy's Session over the larder's store."""

import secrets
from copy import deepcopy
from datetime import datetime

import cherrypy
from cherrypy.lib import sessions

COOKIE = "larder_session"


class LarderSession(sessions.Session):
    """The session's data, fetched from the larder when first asked for."""

    store = None  # given by the configuration: tools.sessions.store
    kept = None
    outdated = None

    @property
    def csrf_token(self):
        """The token that every form of this session carries, made when first asked for."""
        return self.setdefault("csrf_token", secrets.token_hex(16))

    def renew(self):
        """Go on under new tokens, so that one planted before sign-in is worth nothing."""
        self.regenerate()
        self["csrf_token"] = secrets.token_hex(16)

    def _regenerate(self):
        self.outdated = self.id  # the larder is asked for another when the session is saved

    def _exists(self):
        return True  # whether it does shows when somebody looks into the session

    def _load(self):
        self.kept = self.store.load(self.id) if self.id else None
        return deepcopy(self.kept or {}), datetime.max

    def _save(self, expiration_time):
        if not self._data and self.kept is not None:
            self._end()
        elif self._data and (self.outdated or self._data != self.kept):
            self._keep()

    def _keep(self):
        # A token the larder does not know is never adopted.
        known = None if self.outdated or self.kept is None else self.id
        token = self.store.save(known, self._data)
        if self.outdated:
            self.store.delete(self.outdated)
        if token != known:
            self.id = token
            self._tell_browser()

    def _end(self):
        self.store.delete(self.id)
        self.id = ""
        self._tell_browser()
        cherrypy.response.cookie[COOKIE]["max-age"] = 0

    def _tell_browser(self):
        secure = cherrypy.request.scheme == "https"
        sessions.set_response_cookie(name=COOKIE, timeout=None, secure=secure, httponly=True)
        cherrypy.response.cookie[COOKIE]["samesite"] = "Lax"  # of which CherryPy knows nothing
