"""Sessions as zope.session has them, kept by the larder."""

import json
import secrets

import grok
import transaction
from grokcore.message import IMessageSource, Message
from zope.component import getUtility
from zope.security.management import getInteraction
from zope.session.http import CookieClientIdManager
from zope.session.interfaces import IClientIdManager, ISession, ISessionDataContainer

from interfaces import ILarder


class SessionCookie(CookieClientIdManager, grok.GlobalUtility):
    """The cookie that tells guests apart by a token which only the larder makes."""

    grok.provides(IClientIdManager)

    def __init__(self):
        super().__init__(namespace="larder_session")
        self.httpOnly = True

    def getClientId(self, request):
        return self.getRequestId(request) or ""

    def getRequestId(self, request):
        return request.getCookies().get(self.namespace)

    def setRequestId(self, request, id):
        super().setRequestId(request, id)
        secure = request.environment["wsgi.url_scheme"] == "https"
        request.response.setCookie(self.namespace, id, samesite="Lax", secure=secure)


class Sessions(grok.GlobalUtility):
    """Where zope.session finds a guest's data: loaded once for each transaction, when asked for."""

    grok.implements(ISessionDataContainer)

    def __getitem__(self, token):
        """Return the data of a token by package; ours is ISession(request)["larder"]."""
        now = transaction.get()
        try:
            return now.data(self)
        except KeyError:
            session = Session(token)
            now.set_data(self, {"larder": session})
            now.addBeforeCommitHook(session.keep)
            return now.data(self)


class Session(dict):
    """A guest's session; an empty one where the larder knows no such token."""

    def __init__(self, token):
        data = getUtility(ILarder).sessions.load(token) if token else None
        super().__init__(data or {})
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

    def keep(self):
        """Store what changed, and tell the browser the token if that is another now.

        A reply to an error aborts the transaction and never comes here.
        """
        sessions, cookie = getUtility(ILarder).sessions, getUtility(IClientIdManager)
        request = getInteraction().participations[0]
        known = self._outdated or self._token
        if self and json.dumps(self) != self._before:
            self._token = sessions.save(self._token, dict(self))
        if self._outdated:
            sessions.delete(self._outdated)
        if self._token is None and known:
            request.response.expireCookie(cookie.namespace, path="/")
        elif self._token != known:
            cookie.setRequestId(request, self._token)


class FlashMessages(grok.GlobalUtility):
    """Where view.flash() puts its messages: plain texts, for other kitchens to read."""

    grok.implements(IMessageSource)
    grok.name("session")

    @property
    def _session(self):
        return ISession(getInteraction().participations[0])["larder"]

    def send(self, message, type="message"):
        self._session.setdefault("flash", []).append(message)

    def list(self, type=None):
        return [Message(text) for text in self._session.get("flash", [])]

    def delete(self, message):
        """Forget a message that was shown."""
        self._session["flash"].remove(message.message)
        if not self._session["flash"]:
            del self._session["flash"]
