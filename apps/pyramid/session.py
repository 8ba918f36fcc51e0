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
        self._token = token_in(request)
        kept = self._store.load(self._token) if self._token else None
        if kept is None:
            self._token = None  # a token the larder does not know is never adopted
        super().__init__(kept or {})
        self._before = deepcopy(kept or {})
        self._outdated_token = None
        self.new = kept is None
        self.created = int(time())  # of this object: the larder does not tell
        request.add_response_callback(self.keep)

    def changed(self):
        """Do nothing: what changed shows at the end, by comparison."""

    def invalidate(self):
        """Forget everything, here and in the larder; what comes now gets a new token."""
        self._outdated_token = self._outdated_token or self._token
        self._token = None
        self.clear()

    def flash(self, msg, queue="", allow_duplicate=True):
        messages = self.setdefault("flash" + queue, [])
        if allow_duplicate or msg not in messages:
            messages.append(msg)

    def pop_flash(self, queue=""):
        return self.pop("flash" + queue, [])

    def peek_flash(self, queue=""):
        return self.get("flash" + queue, [])

    def keep(self, request, response):
        """Keep what changed, and tell the browser the token if that is new."""
        if self._outdated_token:
            self._store.delete(self._outdated_token)
        if self and (self != self._before or not self._token):
            self._keep_data(request, response)
        elif self._outdated_token:
            response.delete_cookie(COOKIE)

    def _keep_data(self, request, response):
        token = self._store.save(self._token, dict(self))
        if token != self._token:
            secure = request.scheme == "https"
            response.set_cookie(COOKIE, token, httponly=True, samesite="Lax", secure=secure)


def token_in(request):
    """Return the token in the request's cookie, None where there is none to be read."""
    try:
        return request.cookies.get(COOKIE)
    except UnicodeDecodeError:
        return None


class LarderCSRFStoragePolicy(SessionCSRFStoragePolicy):
    """Pyramid's policy, where a form without a session is refused and does not begin one."""

    def check_csrf_token(self, request, supplied_token):
        # A token that comes as a file is no text, and Pyramid would fail on it.
        if self.key not in request.session or not isinstance(supplied_token, str):
            return False
        return super().check_csrf_token(request, supplied_token)
