"""The guest's session, tg.session: Beaker's, stored in the larder."""

import secrets

from beaker.session import Session
from tg import app_globals as g
from tg import request


class LarderSession(Session):
    """Beaker's session with the larder as its store, which mints the tokens."""

    def load(self):
        """Load the data; a token that the larder does not know is never taken on."""
        if self.is_new:  # invalidate() calls load()
            return
        self.request["set_cookie"] = True  # the wrapper asks; no cookie is written before _use()
        data = g.larder.sessions.load(self.id)
        if data is None:
            self.invalidate()
        else:
            self.update(data)

    def save(self, accessed_only=False):
        """Store the data, without Beaker's own entries, and send a new token to the browser."""
        data = {name: value for name, value in self.items() if not name.startswith("_")}
        if data:
            self._use(g.larder.sessions.save(None if self.is_new else self.id, data))

    def regenerate_id(self):
        """Replace both tokens, so that a token planted before sign-in is worthless."""
        self._use(g.larder.sessions.rename(self.id))
        self["csrf_token"] = secrets.token_hex(16)

    def delete(self):
        """Delete the session here and in the larder."""
        g.larder.sessions.delete(self.id)
        super().delete()

    def _use(self, token):
        if token != self.id:
            self.id, self.is_new = token, False
            self.secure = request.scheme == "https"
            self.path = "/"  # Beaker writes the cookie anew
