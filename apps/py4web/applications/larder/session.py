"""The guest's session: py4web's own fixture, at home in the larder.

py4web's storages keep a text under an id that py4web chooses, and only sessions that py4web made
hold what it looks for in them. The larder chooses its tokens, and sessions come from every kitchen.
"""

from py4web import Session, request, response

from .hardening import sent_cookie


class LarderSession(Session):
    """Fetched before the action; stored after it when something was set or deleted."""

    def load(self):
        """Fetch what the larder keeps under the cookie's token."""
        local, token = self.local, sent_cookie(self.params.name)
        found = self.params.storage.load(token) if token else None
        local.changed, local.data = False, found or {}
        # A token that the larder does not know is never adopted.
        local.token = local.sent_token = None if found is None else token

    @property
    def token(self):
        """The token under which the larder knows the session, or None."""
        return self.local.token

    @property
    def sent_token(self):
        """The token that the browser sent, or None: a session that is new has no cart to count."""
        return self.local.sent_token

    def save(self):
        """Store what changed, and tell the browser its token if that is new."""
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
        """Replace the token, so that one planted before sign-in is worth nothing."""
        if self.token:
            self.local.token = self.params.storage.rename(self.token)

    def clear(self):
        """Delete everything, here and in the larder."""
        if self.token:
            self.params.storage.delete(self.token)
        self.local.token = None
        super().clear()

    def _set_cookie(self, token):
        secure = request.environ["wsgi.url_scheme"] == "https"
        options = {"secure": secure, "httponly": True, "same_site": self.params.same_site}
        response.set_cookie(self.params.name, token, path="/", **options)
