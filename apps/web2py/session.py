"""The guest's session: web2py's class, stored in the larder.

web2py stores sessions in files, in a cookie or in a database. The database may be any object that
looks like its DAL, but must store pickles, under ids of the form number:key, in a cookie named
after the application. The larder stores JSON under its own tokens, so it is a fourth kind of store.
"""

import json

from gluon import current
from gluon.globals import Session
from gluon.storage import Storage
from gluon.utils import web2py_uuid

COOKIE = "larder_session"
# Values that web2py itself stores in a session; reading them must not load the session.
NOTES = ("_forget", "_same_site", "_secure")


class LarderSession(Session):
    """A session that is loaded on first access, and stored after the view, as web2py's own is."""

    def connect(self, request=None, response=None, db=None, **_options):
        """Store the session's storage; web2py also calls this before the models, without a db."""
        response.session_store = db

    def __getattr__(self, name):
        self._fetch(name)
        return self.get(name)

    def __setattr__(self, name, value):
        self._fetch(name)
        self[name] = value

    def _fetch(self, name):
        request, response = current.request, current.response
        if name in NOTES or not response.session_store or response.session_hash:
            return
        cookie = request.cookies.get(COOKIE)
        data = response.session_store.load(cookie.value) if cookie else None
        self.update(data or {})
        # An unknown token is never used.
        response.session_id = response.session_sent_id = None if data is None else cookie.value
        response.session_hash = json.dumps(self)

    @property
    def token(self):
        """The token of the session in the larder, or None."""
        self._fetch("token")
        return current.response.session_id

    def renew(self):
        """Replace the token and the form keys, so that earlier ones are worthless."""
        self._formkeys = {name: web2py_uuid() for name in self._formkeys or {}}
        if self.token:
            response = current.response
            response.session_id = response.session_store.rename(self.token)

    def clear(self):
        """Delete the session here and in the larder."""
        response = current.response
        if self.token:
            response.session_store.delete(self.token)
        response.session_id = None
        Storage.clear(self)

    def _try_store_in_db(self, request, response):
        if not response.session_hash or self._forget:
            return
        if self and json.dumps(self) != response.session_hash:
            store = response.session_store
            response.session_id = store.save(response.session_id, dict(self))
        if response.session_id != response.session_sent_id:
            self._set_cookie(request, response)

    def _try_store_in_cookie_or_file(self, request, response):
        """Do nothing: the session is in neither."""

    def _set_cookie(self, request, response):
        # web2py itself sets the attributes of the cookie with this name: HttpOnly, SameSite=Lax.
        response.session_id_name = COOKIE
        response.cookies[COOKIE] = response.session_id or ""
        cookie = response.cookies[COOKIE]
        cookie["path"] = "/"
        cookie["secure"] = request.env.wsgi_url_scheme == "https"
        if not response.session_id:
            cookie["max-age"] = 0
