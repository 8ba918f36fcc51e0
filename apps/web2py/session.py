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


class LarderSession(Session):
    """A session that is loaded from the larder, and stored after the action, as web2py's own is."""

    token = property(lambda self: current.response.session_id, doc="The token, or None.")

    def connect(self, request=None, response=None, db=None, **_options):
        """Load the session. web2py itself calls this before the models, without a store."""
        response.session_store = db
        if db is None or COOKIE not in request.cookies:
            return
        token = request.cookies[COOKIE].value
        data = db.load(token)
        if data is not None:  # an unknown token is never used
            response.session_id = response.session_sent_id = token
            self.update(data)
        response.session_hash = json.dumps(self)

    def renew(self):
        """Replace the token and the form key, so that earlier ones are worthless."""
        self._formkeys = {name: web2py_uuid() for name in self._formkeys or {}}
        response = current.response
        response.session_id = response.session_store.rename(response.session_id)

    def clear(self):
        """Delete the session here and in the larder."""
        response = current.response
        response.session_store.delete(response.session_id)
        response.session_id = None
        Storage.clear(self)

    def _try_store_in_db(self, request, response):
        """Store the session, and send a new token to the browser."""
        if not response.session_store or self._forget:
            return
        if self and json.dumps(self) != response.session_hash:
            response.session_id = response.session_store.save(response.session_id, dict(self))
        if response.session_id != response.session_sent_id:
            self._send_token(request, response)

    def _send_token(self, request, response):
        # web2py itself sets the attributes of the cookie with this name: HttpOnly, SameSite=Lax.
        response.session_id_name = COOKIE
        response.cookies[COOKIE] = response.session_id or ""
        cookie = response.cookies[COOKIE]
        cookie["path"] = "/"
        cookie["secure"] = request.is_https
        if not response.session_id:
            cookie["max-age"] = 0

    def _try_store_in_cookie_or_file(self, request, response):
        """Do nothing: the session is in neither."""
