"""The guest's session: CherryPy's Session, stored in the larder."""

import secrets
from datetime import datetime

from cherrypy.lib import sessions


class LarderSession(sessions.Session):
    """A session that the larder stores."""

    store = None  # set by the configuration: tools.sessions.store

    @property
    def csrf_token(self):
        """The CSRF token of this session's forms, created on first access."""
        return self.setdefault("csrf_token", secrets.token_hex(16))

    def regenerate(self):
        """Replace both tokens, so that a token planted before sign-in is worthless."""
        # CherryPy would delete the session, and with the session its cart.
        self.id = self.store.rename(self.id)
        self["csrf_token"] = secrets.token_hex(16)

    def _exists(self):
        # CherryPy also asks for the token that it has just made.
        return self.id == self.originalid and self.store.load(self.id) is not None

    def _load(self):
        data = self.store.load(self.id)
        return None if data is None else (data, datetime.max)

    def _save(self, expiration_time):
        # The larder chooses the token of a new session.
        self.id = self.store.save(self.id, self._data)

    def _delete(self):
        self.store.delete(self.id)
