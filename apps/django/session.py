"""The guest's session: Django's session engine and message storage over the larder's store."""

import re

from django.conf import settings
from django.contrib.messages.constants import INFO
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.session import SessionStorage
from django.contrib.sessions import middleware
from django.contrib.sessions.backends.base import SessionBase
from django.middleware.csrf import CSRF_SESSION_KEY

from larder import larder

# Django's own shape; with any other, made by another framework, it would refuse its own forms.
CSRF_SECRET = re.compile("[A-Za-z0-9]{32}")


class SessionStore(SessionBase):
    """A session in the larder, where the CSRF secret has a name that is not Django's."""

    def load(self):
        """Return the data; a token that the larder does not know is never adopted."""
        data = larder.sessions.load(self.session_key)
        if data is None:
            self._session_key = None
            return {}
        secret = data.pop("csrf_token", None)
        if isinstance(secret, str) and CSRF_SECRET.fullmatch(secret):
            data[CSRF_SESSION_KEY] = secret
        return data

    @property
    def token(self):
        """The token under which the larder knows the session, or None."""
        self._get_session()  # looks the token up
        return self.session_key

    def save(self, must_create=False):
        """Store the data; the larder stores nothing when the guest signed out meanwhile."""
        data = dict(self._get_session(no_load=must_create))
        if CSRF_SESSION_KEY in data:
            data["csrf_token"] = data.pop(CSRF_SESSION_KEY)
        self._session_key = larder.sessions.save(None if must_create else self.session_key, data)

    def cycle_key(self):
        """Replace the token; the session stays, and the cart that belongs to it."""
        if self.token:
            self._session_key = larder.sessions.rename(self.token)
        self.modified = True

    def create(self):
        """Begin a session; the larder makes its token when the data is stored."""
        self._session_key = None
        self.modified = True

    def delete(self, session_key=None):
        """Forget a session, by default this one."""
        if session_key := session_key or self.session_key:
            larder.sessions.delete(session_key)

    def exists(self, session_key):
        """Whether the larder knows a token."""
        return larder.sessions.load(session_key) is not None

    @classmethod
    def clear_expired(cls):
        """Leave it to the larder, which does so whenever a session begins."""


class SessionMiddleware(middleware.SessionMiddleware):
    """Django's own, where SESSION_COOKIE_SECURE is one answer for http and https."""

    def process_response(self, request, response):
        response = super().process_response(request, response)
        cookie = response.cookies.get(settings.SESSION_COOKIE_NAME)
        if cookie is not None and request.is_secure():
            cookie["secure"] = True
        return response


class FlashStorage(SessionStorage):
    """Django's messages in the session, kept as plain texts: the site knows no levels."""

    session_key = "flash"

    def serialize_messages(self, messages):
        return [message.message for message in messages]

    def deserialize_messages(self, data):
        return [Message(INFO, text) for text in data or []]
