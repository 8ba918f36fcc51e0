"""The guest's session: Pyramid's ISession over the larder's store."""

from copy import deepcopy
from time import time

from pyramid.csrf import SessionCSRFStoragePolicy
from pyramid.interfaces import ISession
from zope.interface import implementer

COOKIE = "larder_session"


@implementer(ISession)
class LarderSession(dict):
    """The session's data. Pyramid makes it, and so asks the larder, when first asked for it."""

    def __init__(self, request):
        self._store = request.larder.sessions
        token = token_in(request)
        data = self._store.load(token) if token else None
        super().__init__(data or {})
        # A token that the larder does not know is never adopted.
        self.token = self._sent_token = None if data is None else token
        self._before = deepcopy(data or {})
        self.new = data is None
        self.created = int(time())  # of this object: the larder does not store it
        request.add_response_callback(self.save)

    def changed(self):
        """Do nothing: what changed shows at the end, by comparison."""

    def invalidate(self):
        """Delete everything, here and in the larder; data set from now on gets a new token."""
        if self.token:
            self._store.delete(self.token)
        self.token = None
        self.clear()

    def rename(self):
        """Replace the token and keep the data, so that a token planted before is worth nothing."""
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
        """Store what changed, and send the browser the token if that is new."""
        if self and self != self._before:
            self.token = self._store.save(self.token, dict(self))
        if self.token and self.token != self._sent_token:
            secure = request.scheme == "https"
            response.set_cookie(COOKIE, self.token, httponly=True, samesite="Lax", secure=secure)
        elif self._sent_token and not self.token:
            response.delete_cookie(COOKIE)


def token_in(request):
    """Return the token in the request's cookie, None if there is none.

    Not by request.cookies: in WebOb, a malformed cookie of other software hides the next ones.
    """
    pairs = (pair.partition("=") for pair in request.headers.get("Cookie", "").split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs}.get(COOKIE)


class LarderCSRFStoragePolicy(SessionCSRFStoragePolicy):
    """Pyramid's policy, where a form without a session is refused and does not begin one."""

    def check_csrf_token(self, request, supplied_token):
        # A token that comes as a file is no text, and Pyramid would fail on it.
        if self.key not in request.session or not isinstance(supplied_token, str):
            return False
        return super().check_csrf_token(request, supplied_token)
