"""Fixtures of our own, beside those that py4web brings."""

import secrets
from hashlib import sha1

from ombott import HTTPError
from ombott.request_pkg.errors import BodySizeError
from py4web import Flash, abort, request, response
from py4web.core import Fixture
from py4web.utils.form import Form

from .conditional import is_held

MOST_FIELDS = 1_000


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


def read_form():
    """Parse the form, which ombott keeps; refuse what is none, for its parsers raise anything."""
    kind = request.ctype[0]
    if request.method == "POST" and kind == "application/json":
        abort(415)
    try:
        if not kind.startswith("multipart/") and request.body.read().count(b"&") > MOST_FIELDS:
            abort(413)
        request.POST  # noqa: B018  # reading it parses it
    except HTTPError:
        raise
    except BodySizeError as error:
        raise HTTPError(413, exception=error) from error
    except Exception as error:
        raise HTTPError(400, exception=error) from error


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
