"""The guest's session: Flask's session interface over the larder's store."""

from copy import deepcopy

from flask import request
from flask.sessions import SessionInterface, SessionMixin
from werkzeug.utils import cached_property


class LarderSession(SessionMixin):
    """The session's data, fetched from the larder when first asked for."""

    def __init__(self, store, token):
        self._store = store
        self._token = self._sent_token = token

    @cached_property
    def _kept(self):
        kept = self._store.load(self._token) if self._token else None
        if kept is None:
            # A token that the larder does not know is never adopted.
            self._token = self._sent_token = None
        return kept or {}

    @property
    def token(self):
        """The token under which the larder knows the session, or None."""
        self._kept  # noqa: B018  # looks the token up first
        return self._token

    @cached_property
    def _data(self):
        # Flask's flash() keeps pairs of category and text where the site keeps texts.
        data = deepcopy(self._kept)
        texts = data.pop("flash", [])
        return {**data, "_flashes": [("message", text) for text in texts]} if texts else data

    def as_kept(self):
        """Return the data in the shape that every framework's app understands."""
        data = dict(self._data)
        flashes = data.pop("_flashes", [])
        return {**data, "flash": [text for _category, text in flashes]} if flashes else data

    @property
    def modified(self):
        """Whether there is something to save; the larder is not asked to find out."""
        return "_data" in self.__dict__ and self.as_kept() != self._kept

    def renew(self):
        """Replace the token, so that one planted before sign-in is worth nothing."""
        if self.token:
            self._token = self._store.rename(self.token)

    def save(self):
        """Store the data; return the token if the browser does not have it yet, else None."""
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
    """Keep sessions in the larder, and no more than an opaque token in the cookie."""

    def __init__(self, store):
        self._store = store

    def get_cookie_secure(self, app):
        """Whether this very request came by https."""
        return request.is_secure

    def open_session(self, app, request):
        """Return the guest's session, not fetched yet."""
        return LarderSession(self._store, request.cookies.get(self.get_cookie_name(app)))

    def save_session(self, app, session, response):
        """Keep what changed, and tell the browser the token if that is new."""
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
