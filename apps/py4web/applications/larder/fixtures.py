"""The site's own py4web fixtures."""

import secrets
from hashlib import sha1

from py4web import Flash, abort, request, response
from py4web.core import Fixture
from py4web.utils.form import Form

from .conditional import is_held
from .hardening import read_form


class SessionFlash(Flash):
    """py4web's flash messages in the session, instead of a second cookie."""

    def __init__(self, session):
        self.session = session
        self.__prerequisites__ = [session]

    def on_request(self, context):
        """Do nothing: the messages are in the session."""

    def set(self, message):
        """Store a message for the next page."""
        self.session["flash"] = [*self.session.get("flash", []), message]

    def on_success(self, context):
        """Pass the messages to the template, and delete them."""
        if isinstance(context["output"], dict):
            context["template_inject"]["flash"] = self.session.get("flash", [])
            del self.session["flash"]


class FormKey(Fixture):
    """The CSRF protection of py4web's Form, for forms that are written in templates."""

    def __init__(self, session):
        self.session = session
        self.__prerequisites__ = [session]

    def on_request(self, context):
        """Reject a form without the session's key."""
        read_form()
        if request.method == "POST" and not self._form().accepted:
            abort(403)

    def on_success(self, context):
        """Pass a key to a template whose forms need a key."""
        output = context["output"]
        if isinstance(output, dict) and output.get("forms", True):
            if "_formkey" not in self.session:
                self.renew()
            context["template_inject"]["formkey"] = self.session["formkey"]

    def renew(self):
        """Create the secret with which Form signs; signatures are valid for the whole session."""
        self.session["_formkey"] = secrets.token_hex(32)
        self.session["formkey"] = self._form(auto_process=False).formkey

    def _form(self, **options):
        return Form([], form_name="larder", csrf_session=self.session, **options)


class Tagged(Fixture):
    """An entity tag of a page; a fixture before the template gets the rendered page."""

    def on_success(self, context):
        """Set the page's tag, or answer 304 if the client has this version."""
        page = context["output"].encode()
        etag = f'"{sha1(page, usedforsecurity=False).hexdigest()}"'
        response.headers["ETag"] = etag
        if is_held(etag):
            response.status = 304
            context["output"] = ""


class NotStored(Fixture):
    """Forbid caches and browsers to store a page that shows a session's own data."""

    def on_success(self, context):
        """Set Cache-Control."""
        response.headers["Cache-Control"] = "no-store"
