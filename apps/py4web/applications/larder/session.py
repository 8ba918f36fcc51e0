"""The guest's session: py4web's own fixture, at home in the larder.

py4web's storages keep a text under an id that py4web chooses, and only sessions that py4web made
hold what it looks for in them. The larder chooses its tokens, and sessions come from every kitchen.
"""

from http.cookies import CookieError

from py4web import Session, request, response


class LarderSession(Session):
    """Fetched before the action; stored after it when something was set or deleted."""

    def load(self):
        """Fetch what the larder keeps under the cookie's token."""
        local = self.local
        local.changed, local.token, local.outdated = False, self._cookie(), None
        # For a token it does not know the larder will give another when there is data to save.
        local.data = (local.token and self.params.storage.load(local.token)) or {}

    def save(self):
        """Keep the data, or nothing of it when it is empty, and tell the browser a new token."""
        local, store = self.local, self.params.storage
        known = local.token
        if local.data:
            local.token = store.save(known, local.data)
        if local.outdated:
            store.delete(local.outdated)
        if local.token != known:
            self._set_cookie(local.token)
        elif local.outdated:
            response.delete_cookie(self.params.name, path="/")

    def renew(self):
        """Go on under a new token and a new form key: those from before are worth nothing."""
        del self["_formkey"]
        self.local.outdated, self.local.token = self.local.token, None

    def clear(self):
        """Forget everything, here and in the larder."""
        self.renew()
        super().clear()

    def _cookie(self):
        try:
            return request.get_cookie(self.params.name)
        except CookieError:  # another cookie beside it is malformed, which ombott lets through
            return None

    def _set_cookie(self, token):
        secure = request.environ["wsgi.url_scheme"] == "https"
        options = {"secure": secure, "httponly": True, "same_site": self.params.same_site}
        response.set_cookie(self.params.name, token, path="/", **options)
