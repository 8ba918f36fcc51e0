"""The guest's session: py4web's fixture, stored in the larder.

py4web's storages store a text under an id that py4web chooses, and accept only sessions that
py4web created. The larder chooses its own tokens, and all apps create sessions.
"""

from py4web import Session, request, response

from .hardening import sent_cookie


class LarderSession(Session):
    """A session that is loaded before the action, and stored after it if it has changed."""

    def load(self):
        """Load the data that the larder stores under the cookie's token."""
        local, token = self.local, sent_cookie(self.params.name)
        found = self.params.storage.load(token) if token else None
        local.changed, local.data = False, found or {}
        # An unknown token is never used.
        local.token = local.sent_token = None if found is None else token

    @property
    def token(self):
        """The token of the session in the larder, or None."""
        return self.local.token

    @property
    def sent_token(self):
        """The token of the cookie, or None; a new session has no cart to count."""
        return self.local.sent_token

    def save(self):
        """Store the changes, and send a new token to the browser."""
        local = self.local
        if local.data or local.token:
            local.token = self.params.storage.save(local.token, local.data)
        if local.token == local.sent_token:
            return
        if local.token:
            self._set_cookie(local.token)
        else:
            response.delete_cookie(self.params.name, path="/")

    def renew(self):
        """Replace the token, so that a token planted before sign-in is worthless."""
        if self.token:
            self.local.token = self.params.storage.rename(self.token)

    def clear(self):
        """Delete the session here and in the larder."""
        if self.token:
            self.params.storage.delete(self.token)
        self.local.token = None
        super().clear()

    def _set_cookie(self, token):
        secure = request.environ["wsgi.url_scheme"] == "https"
        options = {"secure": secure, "httponly": True, "same_site": self.params.same_site}
        response.set_cookie(self.params.name, token, path="/", **options)
