"""The guest's session: CherryPy's Session, stored in the larder."""

import secrets
from copy import deepcopy
from datetime import datetime

import cherrypy
from cherrypy.lib import sessions

COOKIE = "larder_session"


class LarderSession(sessions.Session):
    """The session's data, loaded from the larder on first access."""

    store = None  # set by the configuration: tools.sessions.store
    stored = None

    @property
    def token(self):
        """The token of the session in the larder, or None."""
        if not self.loaded:
            self.load()
        return self.id

    @property
    def csrf_token(self):
        """The CSRF token of this session's forms, created on first access."""
        return self.setdefault("csrf_token", secrets.token_hex(16))

    def renew(self):
        """Replace both tokens, so that a token planted before sign-in is worthless."""
        self.regenerate()
        self["csrf_token"] = secrets.token_hex(16)

    def _regenerate(self):
        if self.token:
            self._send(self.store.rename(self.token))

    def _exists(self):
        return True  # this is known only after the session is loaded

    def _load(self):
        self.stored = self.store.load(self.id) if self.id else None
        if self.stored is None:
            self._id = None  # an unknown token is never used
        return deepcopy(self.stored or {}), datetime.max

    def _save(self, expiration_time):
        if self._data and self._data != self.stored:
            token = self.store.save(self.token, self._data)
            if token != self.token:
                self._send(token)

    def _delete(self):
        if self.token:
            self.store.delete(self.token)
        self._data = {}
        self._send("")
        cherrypy.response.cookie[COOKIE]["max-age"] = 0

    def _send(self, token):
        """Send a new token to the browser."""
        self.id = token
        secure = cherrypy.request.scheme == "https"
        sessions.set_response_cookie("/", None, COOKIE, None, secure=secure, httponly=True)
        cherrypy.response.cookie[COOKIE]["samesite"] = "Lax"  # unsupported by CherryPy
