"""What comes in: Zope's request, made to take whatever bytes a guest sends."""

import re
from io import BytesIO
from urllib.parse import urlsplit

from zope.component import getUtility
from zope.publisher.browser import BrowserRequest, FileUpload
from zope.publisher.interfaces import BadRequest, NotFound

from interfaces import ILarder
from refusals import BodyTooLarge

BODY_LIMIT_BYTES = 2 * 1024 * 1024 + 64 * 1024
# Zope walks past empty steps, and has steps of its own, as /@@view and /++namespace++: not here.
ADDRESS = re.compile(r"/?|(/(?!@@|\+\+|\.\.?(/|$))[^/]+)+")


class Request(BrowserRequest):
    """A request whose form, cookies and path are plain texts, and files."""

    def __init__(self, body_instream, environ, response=None):
        environ = _tidied(environ)
        if environ["CONTENT_LENGTH"] == "0":
            body_instream = BytesIO()  # Zope would read on until the line is closed
        super().__init__(body_instream, environ, response)
        self.charsets = ["utf-8", "iso-8859-1"]  # whatever Accept-Charset says
        if self.method == "HEAD":
            self.method = "GET"  # answered alike; reply.py takes the body off

    @property
    def for_programs(self):
        """Whether a program asks, and not a person at a browser."""
        return self.environment["PATH_INFO"].startswith("/api/")

    def processInputs(self):
        """Refuse what no view should see, and read the form: the publisher's first step."""
        getUtility(ILarder).begin_request()
        if not ADDRESS.fullmatch(self.environment["PATH_INFO"]):
            raise NotFound(None, self.environment["PATH_INFO"])
        if int(self.environment["CONTENT_LENGTH"]) > BODY_LIMIT_BYTES:
            raise BodyTooLarge
        try:
            urlsplit(self.getURL())  # a Host that is none
            super().processInputs()
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            # A field's name may ask for a type, as in "guest:int", that its text does not fit.
            raise BadRequest(str(error)) from error
        self.form, self.files = _texts_and_files(self.form)
        self.setPathSuffix(())  # a field named "x:method" would choose the view

    def traverse(self, obj):
        """Walk to the view; for other methods than these Zope looks for no default one."""
        found = super().traverse(obj)
        if self.method in ("GET", "POST"):
            return found
        found, names = self.publication.getDefaultTraversal(self, found)
        for name in names:
            found = self.publication.traverseName(self, found, name)
        return found

    def _parseCookies(self, text, result=None):
        try:
            return super()._parseCookies(text, result)
        except UnicodeDecodeError:
            return result

    def _authUserPW(self):
        """Know no Basic credentials, which Zope would read, and stumble over, on every request."""


def _tidied(environ):
    """Return an environ without what Zope stumbles over before it handles errors."""
    path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
    length = environ.get("CONTENT_LENGTH") or "0"
    return {
        **environ,
        "PATH_INFO": path.encode().decode("latin-1"),
        "CONTENT_LENGTH": length if length.isdecimal() else "0",
        "HTTPS": "on" if environ["wsgi.url_scheme"] == "https" else "off",
    }


def _texts_and_files(form):
    """Return both by name; of a repeated field, which Zope makes a list, the last."""
    last = {n: v[-1] if isinstance(v, (list, tuple)) else v for n, v in form.items()}
    texts = {name: value for name, value in last.items() if isinstance(value, str)}
    files = {name: value for name, value in last.items() if isinstance(value, FileUpload)}
    return texts, files
