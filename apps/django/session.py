"""The guest's session: Django's session engine and message storage, stored in the larder."""

import re

from django.conf import settings
from django.contrib.messages.constants import INFO
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.session import SessionStorage
from django.contrib.sessions import middleware
from django.contrib.sessions.backends.base import SessionBase
from django.middleware.csrf import CSRF_SESSION_KEY

from larder import larder

# Django's own format; with another framework's format Django would reject its own forms.
CSRF_SECRET = re.compile("[A-Za-z0-9]{32}")


class SessionStore(SessionBase):
    """A session in the larder, where the CSRF secret has another name than in Django."""

    def load(self):
        """Return the data; an unknown token is never used."""
        data = larder.sessions.load(self.session_key)
        if data is None:
            self._session_key = None
            return {}
        secret = data.pop("csrf_token", None)
        if isinstance(secret, str) and CSRF_SECRET.fullmatch(secret):
            data[CSRF_SESSION_KEY] = secret
        return data

    def save(self, must_create=False):
        """Store the data, or nothing if the guest has signed out meanwhile."""
        data = dict(self._get_session(no_load=must_create))
        if CSRF_SESSION_KEY in data:
            data["csrf_token"] = data.pop(CSRF_SESSION_KEY)
        self._session_key = larder.sessions.save(None if must_create else self.session_key, data)

    def cycle_key(self):
        """Replace the token, and keep the session and its cart."""
        self._session_key = larder.sessions.rename(self.session_key)
        self.modified = True

    def create(self):
        """Start a session; the larder creates its token when the data is stored."""
        self._session_key = None
        self.modified = True

    def delete(self, session_key=None):
        """Delete a session, by default this session."""
        if session_key := session_key or self.session_key:
            larder.sessions.delete(session_key)

    def exists(self, session_key):
        """Return whether the larder knows a token."""
        return larder.sessions.load(session_key) is not None

    @classmethod
    def clear_expired(cls):
        """Do nothing: the larder purges expired sessions when it creates a session."""


class SessionMiddleware(middleware.SessionMiddleware):
    """Django's middleware, with Secure by request; SESSION_COOKIE_SECURE applies to all."""

    def process_response(self, request, response):
        response = super().process_response(request, response)
        cookie = response.cookies.get(settings.SESSION_COOKIE_NAME)
        if cookie is not None and request.is_secure():
            cookie["secure"] = True
        return response


class FlashStorage(SessionStorage):
    """Django's messages in the session, stored as plain texts without levels."""

    session_key = "flash"

    def serialize_messages(self, messages):
        return [message.message for message in messages]

    def deserialize_messages(self, data):
        return [Message(INFO, text) for text in data or []]
