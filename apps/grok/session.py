"""zope.session's sessions, stored in the larder."""

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
    """The cookie with the session's token, which only the larder creates."""

    grok.provides(IClientIdManager)

    def __init__(self):
        super().__init__(namespace="larder_session")

    def getClientId(self, request):
        return self.getRequestId(request) or ""

    def getRequestId(self, request):
        return request.getCookies().get(self.namespace)

    def setRequestId(self, request, id):
        """Set the cookie; zope.session would add its own Cache-Control."""
        secure = request.environment["wsgi.url_scheme"] == "https"
        request.response.setCookie(
            self.namespace, id, path="/", httponly=True, samesite="Lax", secure=secure
        )


class Sessions(grok.GlobalUtility):
    """The data container of zope.session; a session is loaded once per transaction, on access."""

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
    """A guest's session, empty if the larder does not know the token."""

    def __init__(self, token):
        data = getUtility(ILarder).sessions.load(token) if token else None
        super().__init__(data or {})
        self.token = self._sent_token = None if data is None else token
        self._before = json.dumps(self)

    @property
    def csrf_token(self):
        """The CSRF token of this session's forms, created on first access."""
        if "csrf_token" not in self:
            self["csrf_token"] = secrets.token_hex(16)
        return self["csrf_token"]

    def renew(self):
        """Replace both tokens, so that a token planted before sign-in is worthless."""
        if self.token:
            self.token = getUtility(ILarder).sessions.rename(self.token)
        self["csrf_token"] = secrets.token_hex(16)

    def end(self):
        """Delete the session here and in the larder."""
        if self.token:
            getUtility(ILarder).sessions.delete(self.token)
        self.token = None
        self.clear()

    def save(self):
        """Store the changes, and send a new token to the browser.

        An error reply aborts the transaction, so this method does not run.
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
    """The message source of view.flash(), with plain texts that all apps can read."""

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
        """Delete a message that was shown."""
        self._session["flash"].remove(message.message)
        if not self._session["flash"]:
            del self._session["flash"]
