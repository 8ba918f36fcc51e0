"""Fixtures of our own, beside those that py4web brings."""

import secrets
from hashlib import sha1

from py4web import Flash, abort, request, response
from py4web.core import Fixture
from py4web.utils.form import Form

from .conditional import is_held
from .hardening import read_form


class SessionFlash(Flash):
    """py4web's flash messages, but in the session: its own ride in a second cookie."""

    def __init__(self, session):
        self.session = session
        self.__prerequisites__ = [session]

    def on_request(self, context):
        """Look for nothing: the session is there."""

    def set(self, message):
        """Keep a message for the next page."""
        self.session["flash"] = [*self.session.get("flash", []), message]

    def on_success(self, context):
        """Hand the messages to the template, once."""
        if isinstance(context["output"], dict):
            context["template_inject"]["flash"] = self.session.get("flash", [])
            del self.session["flash"]


class FormKey(Fixture):
    """The protection of py4web's Form, for forms that templates write out by hand."""

    def __init__(self, session):
        self.session = session
        self.__prerequisites__ = [session]

    def on_request(self, context):
        """Refuse a form that came without the session's key."""
        read_form()
        if request.method == "POST" and not self._form().accepted:
            abort(403)

    def on_success(self, context):
        """Hand a key to a template whose forms need one."""
        output = context["output"]
        if isinstance(output, dict) and output.get("forms", True):
            if "_formkey" not in self.session:
                self.renew()
            context["template_inject"]["formkey"] = self.session["formkey"]

    def renew(self):
        """Make the secret that Form signs with; what it signs is good for all of the session."""
        self.session["_formkey"] = secrets.token_hex(32)
        self.session["formkey"] = self._form(auto_process=False).formkey

    def _form(self, **options):
        return Form([], form_name="larder", csrf_session=self.session, **options)


class Tagged(Fixture):
    """An entity tag for a page: only around the template is there a page to make it of."""

    def on_success(self, context):
        """Mark the page; send nothing to a guest who holds it already."""
        page = context["output"].encode()
        etag = f'"{sha1(page, usedforsecurity=False).hexdigest()}"'
        response.headers["ETag"] = etag
        if is_held(etag):
            response.status = 304
            context["output"] = ""


class NotStored(Fixture):
    """Keep a page that shows a session's own data out of every cache, and of Back."""

    def on_success(self, context):
        """Tell the browser."""
        response.headers["Cache-Control"] = "no-store"
