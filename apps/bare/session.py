"""The guest's session: a dict stored in the larder under an opaque token in a cookie."""

import json
import secrets

COOKIE = "larder_session={token}; Path=/; HttpOnly; SameSite=Lax"


class Session(dict):
    """The session's data, empty if the larder does not know the token."""

    def __init__(self, larder, token):
        data = larder.sessions.load(token) if token else None
        super().__init__(data or {})
        self.token = None if data is None else token
        self._larder = larder
        self._sent_token = self.token
        self._before = json.dumps(self)

    @property
    def csrf_token(self):
        """The CSRF token of this session's forms, created on first access."""
        if "csrf_token" not in self:
            self["csrf_token"] = secrets.token_hex(16)
        return self["csrf_token"]

    def renew(self):
        """Replace both tokens, so that a token planted before sign-in is worthless."""
        if self.token:
            self.token = self._larder.sessions.rename(self.token)
        self["csrf_token"] = secrets.token_hex(16)

    def end(self):
        """Delete the session here and in the larder."""
        if self.token:
            self._larder.sessions.delete(self.token)
        self.token = None
        self.clear()

    def save(self, secure):
        """Store the changes, and return the headers that set or delete the cookie."""
        if self and json.dumps(self) != self._before:
            self.token = self._larder.sessions.save(self.token, dict(self))
        if self.token == self._sent_token:
            return []
        cookie = COOKIE.format(token=self.token or "")
        if not self.token:
            cookie += "; Max-Age=0"
        return [("Set-Cookie", cookie + "; Secure" if secure else cookie)]
