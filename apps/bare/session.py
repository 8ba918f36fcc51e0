"""The guest's session: a dict whose home is the larder, found by an opaque token in a cookie."""

import json
import secrets

COOKIE = "larder_session={token}; Path=/; HttpOnly; SameSite=Lax"


class Session(dict):
    """The session's data; an empty one where the larder knows no such token."""

    def __init__(self, larder, token):
        data = larder.sessions.load(token) if token else None
        super().__init__(data or {})
        self._larder = larder
        self._token = None if data is None else token
        self._before = json.dumps(self)
        self._outdated = None

    @property
    def csrf_token(self):
        """The token that every form of this session carries, made when first asked for."""
        if "csrf_token" not in self:
            self["csrf_token"] = secrets.token_hex(16)
        return self["csrf_token"]

    def renew(self):
        """Go on under new tokens, so that one planted before sign-in is worth nothing."""
        self._outdated, self._token = self._token, None
        self["csrf_token"] = secrets.token_hex(16)

    def end(self):
        """Forget everything, here and in the larder."""
        self._outdated, self._token = self._token, None
        self.clear()

    def keep(self, secure):
        """Store what changed and return the headers that tell the browser so."""
        known, self._token = self._token, self._stored()
        if self._outdated:
            self._larder.sessions.delete(self._outdated)
        if self._token == known and not self._outdated:
            return []
        cookie = COOKIE.format(token=self._token or "")
        if not self._token:
            cookie += "; Max-Age=0"
        return [("Set-Cookie", cookie + "; Secure" if secure else cookie)]

    def _stored(self):
        if json.dumps(self) == self._before or not self:
            return self._token
        return self._larder.sessions.save(self._token, dict(self))
