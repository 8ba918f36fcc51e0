"""The guest's session: py4web's fixture with a storage in the larder."""

import json
from threading import local

from py4web import Session, request, response

NAME = "larder_session"
OWN_FIELDS = {"uuid", "timestamp", "secure", "cookie_name"}  # py4web's, in every session


class LarderStorage:
    """Store sessions in the larder, in the format of all apps, under tokens of the larder."""

    def __init__(self, sessions):
        self.rename, self.delete = sessions.rename, sessions.delete
        self.sessions = sessions
        self.created = local()  # the token that this thread has just created

    def get(self, key):
        """Return a session as JSON with the fields that py4web expects, or None."""
        token = key.decode()
        data = self.sessions.load(token)
        own = {"uuid": token, "secure": request.url.startswith("https"), "cookie_name": NAME}
        return None if data is None else json.dumps({**data, **own})

    def create(self, data):
        """Store a new session, and return its token."""
        self.created.token = self.sessions.save(None, without_own_fields(data))
        return self.created.token

    def set(self, key, value, expiration=None):
        """Store a session, unless it was just created; the larder sets the expiration."""
        if key != self.created.__dict__.pop("token", None):
            self.sessions.save(key, without_own_fields(json.loads(value)))


def without_own_fields(data):
    """Return a session's data without the fields that py4web adds."""
    return {name: data[name] for name in data.keys() - OWN_FIELDS}


class LarderSession(Session):
    """py4web's session under a token that the larder creates."""

    def load(self):
        """Load the session of the cookie only."""
        super().load()
        if not request.get_cookie(NAME):
            self.local.data.clear()

    def save(self):
        """Store the session, or delete the cookie of a session that was cleared."""
        if not self.local.data:
            response.delete_cookie(NAME, path="/")
            return
        if "uuid" not in self:
            self["uuid"] = self.params.storage.create(self.local.data)
        super().save()

    def renew(self):
        """Replace the token, so that a token planted before sign-in is worthless."""
        self["uuid"] = self.params.storage.rename(self["uuid"])

    def clear(self):
        """Delete the session here and in the larder."""
        self.params.storage.delete(self["uuid"])
        super().clear()
