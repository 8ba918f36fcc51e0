"""What comes in: Zope's request, made to take whatever bytes a guest sends."""

import re
from contextlib import suppress
from datetime import datetime
from functools import partial
from io import BytesIO
from types import SimpleNamespace

import multipart
import zope.publisher.browser
from zope.component import getUtility
from zope.publisher.browser import BrowserRequest, FileUpload
from zope.publisher.interfaces import BadRequest, NotFound

from interfaces import ILarder
from refusals import BodyTooLarge

BODY_LIMIT_BYTES = 2 * 1024 * 1024 + 64 * 1024
CHARSETS = ("utf-8", "utf8", "us-ascii")
# Zope would drop what cannot be read of a form, and tell nobody.
zope.publisher.browser.multipart = SimpleNamespace(
    parse_form_data=partial(multipart.parse_form_data, ignore_errors=False)
)
# Zope walks past empty steps, and has steps of its own, as /@@view, /++namespace++ and /index, the
# name of every default view: not here.
ADDRESS = re.compile(r"/?|(/(?!@@|\+\+|(\.\.?|index)(/|$))[^/]+)+")


class Request(BrowserRequest):
    """A request whose form, cookies and path are plain texts, and files."""

    _typeFormat = re.compile("(?!)")  # no field's name asks for a type, as "page:int" would

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
        if self.method == "GET":
            super().processInputs()
        elif not self.for_programs:
            self._read_form()
        self.form, self.files = _texts_and_files(self.form)

    def _read_form(self):
        _, options = multipart.parse_options_header(self.getHeader("Content-Type", ""))
        if options.get("charset", "utf-8").lower() not in CHARSETS:
            raise BadRequest("a form in a charset other than UTF-8")
        try:
            super().processInputs()
        except (LookupError, OSError, ValueError) as error:  # OSError: too many parts, each a file
            raise BadRequest(str(error)) from error

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
        """Read each cookie by itself: one that is malformed hides no other."""
        for cookie in text.split(";"):
            with suppress(UnicodeDecodeError):
                super()._parseCookies(cookie, result)

    def _authUserPW(self):
        """Know no Basic credentials, which Zope would read, and stumble over, on every request."""


def _tidied(environ):
    """Return an environ without what Zope stumbles over."""
    path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
    length = environ.get("CONTENT_LENGTH") or "0"
    environ = {
        **environ,
        "PATH_INFO": path.encode().decode("latin-1"),
        "CONTENT_LENGTH": length if length.isdecimal() else "0",
        "SERVER_URL": "",  # links and redirects are paths: a Host is not believed
        "HTTPS": "on" if environ["wsgi.url_scheme"] == "https" else "off",
    }
    date = environ.get("HTTP_IF_MODIFIED_SINCE", "")
    if "HTTP_IF_NONE_MATCH" in environ or not _is_date(date):  # tags go before dates (13.1.3)
        environ.pop("HTTP_IF_MODIFIED_SINCE", None)
    return environ


def _is_date(text):
    """Whether a text is a date as RFC 9110 has a sender write it."""
    try:
        return bool(datetime.strptime(text, "%a, %d %b %Y %H:%M:%S GMT"))
    except ValueError:
        return False


def _texts_and_files(form):
    """Return both by name; of a repeated field, which Zope makes a list, the last."""
    last = {n: v[-1] if isinstance(v, (list, tuple)) else v for n, v in form.items()}
    texts = {name: value for name, value in last.items() if isinstance(value, str)}
    files = {name: value for name, value in last.items() if isinstance(value, FileUpload)}
    return texts, files
