"""The guest's session: Flask's session interface, stored in the larder."""

from copy import deepcopy

from flask import request
from flask.sessions import SessionInterface, SessionMixin
from werkzeug.utils import cached_property


class LarderSession(SessionMixin):
    """The session's data, loaded from the larder on first access."""

    def __init__(self, store, token):
        self._store = store
        self._token = self._sent_token = token

    @cached_property
    def _kept(self):
        kept = self._store.load(self._token) if self._token else None
        if kept is None:
            # An unknown token is never used.
            self._token = self._sent_token = None
        return kept or {}

    @property
    def token(self):
        """The token of the session in the larder, or None."""
        self._kept  # noqa: B018  # loads the session first
        return self._token

    @cached_property
    def _data(self):
        # Flask's flash() stores pairs of category and text; the site stores texts.
        data = deepcopy(self._kept)
        texts = data.pop("flash", [])
        return {**data, "_flashes": [("message", text) for text in texts]} if texts else data

    def as_kept(self):
        """Return the data in the format of all apps."""
        data = dict(self._data)
        flashes = data.pop("_flashes", [])
        return {**data, "flash": [text for _category, text in flashes]} if flashes else data

    @property
    def modified(self):
        """Return whether there are changes to save, without loading the session."""
        return "_data" in self.__dict__ and self.as_kept() != self._kept

    def renew(self):
        """Replace the token, so that a token planted before sign-in is worthless."""
        if self.token:
            self._token = self._store.rename(self.token)

    def save(self):
        """Store the data. Return the token if the browser does not have it yet, else None."""
        self._token = self._store.save(self.token, self.as_kept())
        return self._token if self._token != self._sent_token else None

    def __getitem__(self, key):
        return self._data[key]

    def __setitem__(self, key, value):
        self._data[key] = value

    def __delitem__(self, key):
        del self._data[key]

    def __iter__(self):
        return iter(self._data)

    def __len__(self):
        return len(self._data)


class LarderSessionInterface(SessionInterface):
    """Store sessions in the larder, and only an opaque token in the cookie."""

    def __init__(self, store):
        self._store = store

    def get_cookie_secure(self, app):
        """Return whether this request came by HTTPS."""
        return request.is_secure

    def open_session(self, app, request):
        """Return the guest's session without loading it."""
        return LarderSession(self._store, request.cookies.get(self.get_cookie_name(app)))

    def save_session(self, app, session, response):
        """Store the changes, and send a new token to the browser."""
        if session.accessed:
            response.vary.add("Cookie")
        if not session.modified:
            return
        if not session:
            self._end(app, session, response)
            return
        if token := session.save():
            response.set_cookie(self.get_cookie_name(app), token, **self._cookie_options(app))

    def _end(self, app, session, response):
        if session.token:
            self._store.delete(session.token)
        response.delete_cookie(self.get_cookie_name(app), **self._cookie_options(app))

    def _cookie_options(self, app):
        return {
            "domain": self.get_cookie_domain(app),
            "path": self.get_cookie_path(app),
            "secure": self.get_cookie_secure(app),
            "httponly": self.get_cookie_httponly(app),
            "samesite": self.get_cookie_samesite(app),
        }
