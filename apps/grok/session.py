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

    def getClientId(self, request):
        return self.getRequestId(request) or ""

    def getRequestId(self, request):
        return request.getCookies().get(self.namespace)

    def setRequestId(self, request, id):
        """Set the cookie; zope.session would add a Cache-Control of its own."""
        secure = request.environment["wsgi.url_scheme"] == "https"
        request.response.setCookie(
            self.namespace, id, path="/", httponly=True, samesite="Lax", secure=secure
        )


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
            now.addBeforeCommitHook(session.save)
            return now.data(self)


class Session(dict):
    """A guest's session; an empty one where the larder knows no such token."""

    def __init__(self, token):
        data = getUtility(ILarder).sessions.load(token) if token else None
        super().__init__(data or {})
        self.token = self._sent_token = None if data is None else token
        self._before = json.dumps(self)

    @property
    def csrf_token(self):
        """The token that every form of this session carries, made when first asked for."""
        if "csrf_token" not in self:
            self["csrf_token"] = secrets.token_hex(16)
        return self["csrf_token"]

    def renew(self):
        """Replace both tokens, so that one planted before sign-in is worth nothing."""
        if self.token:
            self.token = getUtility(ILarder).sessions.rename(self.token)
        self["csrf_token"] = secrets.token_hex(16)

    def end(self):
        """Delete everything, here and in the larder."""
        if self.token:
            getUtility(ILarder).sessions.delete(self.token)
        self.token = None
        self.clear()

    def save(self):
        """Store what changed, and send the browser the token if the browser has another one.

        A reply to an error aborts the transaction and never comes here.
        """
        if self and json.dumps(self) != self._before:
            self.token = getUtility(ILarder).sessions.save(self.token, dict(self))
        if self.token == self._sent_token:
            return
        request, cookie = getInteraction().participations[0], getUtility(IClientIdManager)
        if self.token:
            cookie.setRequestId(request, self.token)
        else:
            request.response.expireCookie(cookie.namespace, path="/")


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
