"""The guest's session: CherryPy's Session over the larder's store."""

import secrets
from copy import deepcopy
from datetime import datetime

import cherrypy
from cherrypy.lib import sessions

COOKIE = "larder_session"


class LarderSession(sessions.Session):
    """The session's data, loaded from the larder when first asked for."""

    store = None  # given by the configuration: tools.sessions.store
    stored = None

    @property
    def token(self):
        """The token under which the larder knows the session, or None."""
        if not self.loaded:
            self.load()
        return self.id

    @property
    def csrf_token(self):
        """The token that every form of this session carries, made when first asked for."""
        return self.setdefault("csrf_token", secrets.token_hex(16))

    def renew(self):
        """Replace both tokens, so that one planted before sign-in is worth nothing."""
        self.regenerate()
        self["csrf_token"] = secrets.token_hex(16)

    def _regenerate(self):
        if self.token:
            self._send(self.store.rename(self.token))

    def _exists(self):
        return True  # whether it does shows when somebody looks into the session

    def _load(self):
        self.stored = self.store.load(self.id) if self.id else None
        if self.stored is None:
            self._id = None  # a token that the larder does not know is never adopted
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
        """Send the browser another token."""
        self.id = token
        secure = cherrypy.request.scheme == "https"
        sessions.set_response_cookie("/", None, COOKIE, None, secure=secure, httponly=True)
        cherrypy.response.cookie[COOKIE]["samesite"] = "Lax"  # of which CherryPy knows nothing
