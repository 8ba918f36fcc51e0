"""The guest's session: Pyramid's ISession, stored in the larder."""

from copy import deepcopy
from time import time

from pyramid.interfaces import ISession
from zope.interface import implementer

COOKIE = "larder_session"


@implementer(ISession)
class LarderSession(dict):
    """The session's data. Pyramid creates the object on first access, which loads the data."""

    def __init__(self, request):
        self._store = request.larder.sessions
        token = request.cookies.get(COOKIE)
        data = self._store.load(token) if token else None
        super().__init__(data or {})
        # An unknown token is never used.
        self.token = self._sent_token = None if data is None else token
        self._before = deepcopy(data or {})
        self.new = data is None
        self.created = int(time())  # of this object only; the larder does not store it
        request.add_response_callback(self.save)

    def changed(self):
        """Do nothing: changes are found by comparison at the end."""

    def invalidate(self):
        """Delete the session here and in the larder; later data gets a new token."""
        if self.token:
            self._store.delete(self.token)
        self.token = None
        self.clear()

    def rename(self):
        """Replace the token and keep the data, so that a token planted before is worthless."""
        if self.token:
            self.token = self._store.rename(self.token)

    def flash(self, msg, queue="", allow_duplicate=True):
        messages = self.setdefault("flash" + queue, [])
        if allow_duplicate or msg not in messages:
            messages.append(msg)

    def pop_flash(self, queue=""):
        return self.pop("flash" + queue, [])

    def peek_flash(self, queue=""):
        return self.get("flash" + queue, [])

    def save(self, request, response):
        """Store the changes, and send a new token to the browser."""
        if self and self != self._before:
            self.token = self._store.save(self.token, dict(self))
        if self.token and self.token != self._sent_token:
            secure = request.scheme == "https"
            response.set_cookie(COOKIE, self.token, httponly=True, samesite="Lax", secure=secure)
        elif self._sent_token and not self.token:
            response.delete_cookie(COOKIE)
