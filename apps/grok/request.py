"""Zope's request, changed so that it accepts all bytes that a client may send."""

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
# Zope would silently drop the invalid parts of a form.
zope.publisher.browser.multipart = SimpleNamespace(
    parse_form_data=partial(multipart.parse_form_data, ignore_errors=False)
)
# Zope skips empty steps and has special steps such as /@@view, /++namespace++ and /index, the name
# of every default view. This site rejects them.
ADDRESS = re.compile(r"/?|(/(?!@@|\+\+|(\.\.?|index)(/|$))[^/]+)+")


class Request(BrowserRequest):
    """A request whose form, cookies and path contain only plain texts and files."""

    _typeFormat = re.compile("(?!)")  # a field's name does not select a type, as "page:int" would

    def __init__(self, body_instream, environ, response=None):
        environ = _tidied(environ)
        if environ["CONTENT_LENGTH"] == "0":
            body_instream = BytesIO()  # Zope would read until the connection is closed
        super().__init__(body_instream, environ, response)
        self.charsets = ["utf-8", "iso-8859-1"]  # whatever Accept-Charset says
        if self.method == "HEAD":
            self.method = "GET"  # answered like GET; reply.py removes the body

    @property
    def for_programs(self):
        """Return whether the request is for the API."""
        return self.environment["PATH_INFO"].startswith("/api/")

    def processInputs(self):
        """Reject invalid requests, and read the form; the publisher calls this first."""
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
        """Traverse to the view; Zope looks up default views for these methods only."""
        found = super().traverse(obj)
        if self.method in ("GET", "POST"):
            return found
        found, names = self.publication.getDefaultTraversal(self, found)
        for name in names:
            found = self.publication.traverseName(self, found, name)
        return found

    def _parseCookies(self, text, result=None):
        """Parse each cookie separately, so that a malformed cookie hides no other."""
        for cookie in text.split(";"):
            with suppress(UnicodeDecodeError):
                super()._parseCookies(cookie, result)

    def _authUserPW(self):
        """Return no Basic credentials, which Zope would parse, and fail on, in every request."""


def _tidied(environ):
    """Return an environ without the values on which Zope fails."""
    path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
    length = environ.get("CONTENT_LENGTH") or "0"
    environ = {
        **environ,
        "PATH_INFO": path.encode().decode("latin-1"),
        "CONTENT_LENGTH": length if length.isdecimal() else "0",
        "SERVER_URL": "",  # links and redirects are paths: the Host header is not trusted
        "HTTPS": "on" if environ["wsgi.url_scheme"] == "https" else "off",
    }
    date = environ.get("HTTP_IF_MODIFIED_SINCE", "")
    if "HTTP_IF_NONE_MATCH" in environ or not _is_date(date):  # tags come before dates (13.1.3)
        environ.pop("HTTP_IF_MODIFIED_SINCE", None)
    return environ


def _is_date(text):
    """Return whether a text is a date in the format that RFC 9110 requires of senders."""
    try:
        return bool(datetime.strptime(text, "%a, %d %b %Y %H:%M:%S GMT"))
    except ValueError:
        return False


def _texts_and_files(form):
    """Return texts and files by name; the last value of a repeated field counts (Zope: a list)."""
    last = {n: v[-1] if isinstance(v, (list, tuple)) else v for n, v in form.items()}
    texts = {name: value for name, value in last.items() if isinstance(value, str)}
    files = {name: value for name, value in last.items() if isinstance(value, FileUpload)}
    return texts, files
