"""One request, read from its environ: path, query, form, JSON, cookie and session."""

import hmac
import json
from http.cookies import SimpleCookie
from urllib.parse import parse_qsl

from multipart import parse_form_data

from problems import Problem
from session import Session

BODY_LIMIT_BYTES = 2 * 1024 * 1024 + 64 * 1024  # a photo of 2 MiB, and its form


class Request:
    """A request with the objects that handlers need."""

    def __init__(self, environ, site):
        self.environ = environ
        self.settings = site.settings
        self.larder = site.larder
        self.pages = site.pages
        self._form_and_files = None
        self._session = None
        self.method = environ["REQUEST_METHOD"]
        self.path = self.decode_path(environ["PATH_INFO"].encode("latin-1"))

    def decode_path(self, path):
        """Return the path as text."""
        return path.decode()

    @property
    def for_programs(self):
        """Whether the request is for the API."""
        return self.path.startswith("/api/")

    def header(self, name):
        """Return a header's value, or "" if the header is missing."""
        return self.environ.get("HTTP_" + name.upper().replace("-", "_"), "")

    @property
    def query(self):
        """The query parameters; the last value of a repeated parameter counts."""
        return dict(parse_qsl(self.environ.get("QUERY_STRING", ""), keep_blank_values=True))

    @property
    def content_length(self):
        """The number of bytes in the body."""
        return int(self.environ.get("CONTENT_LENGTH") or 0)

    @property
    def media_type(self):
        """The media type of the body, without parameters."""
        return self.environ.get("CONTENT_TYPE", "").partition(";")[0].strip()

    @property
    def prefers_json(self):
        """Whether the client asks for JSON and not for HTML."""
        accept = self.header("Accept")
        return "application/json" in accept and "text/html" not in accept

    def holds(self, etag, modified=None):
        """Return whether the client has this version: its entity tag, or its date."""
        known = self.header("If-None-Match") or self.header("If-Modified-Since")
        return known != "" and known in (etag, modified)

    def may_change(self, etag):
        """Return whether If-Match names this version."""
        return self.header("If-Match") == "*" or etag in self.header("If-Match")

    def refuse_oversize(self):
        """Reject a body over the limit before reading it."""
        if self.content_length > BODY_LIMIT_BYTES:
            raise Problem(413)

    def parse_form(self):
        """Return the fields and the files of the form."""
        return parse_form_data(self.environ)

    @property
    def form(self):
        """The fields of the form."""
        return self.form_and_files[0]

    @property
    def files(self):
        """The files of the form."""
        return self.form_and_files[1]

    @property
    def form_and_files(self):
        """The fields and the files of the form, parsed on first access."""
        if self._form_and_files is None:
            self._form_and_files = self.parse_form()
        return self._form_and_files

    def json(self):
        """Return the decoded JSON body. Raise Problem (415 or 400) for any other body."""
        if self.media_type != "application/json":
            raise Problem(415)
        try:
            return json.loads(self.environ["wsgi.input"].read(self.content_length))
        except ValueError as error:
            raise Problem(400) from error

    @property
    def cookies(self):
        """The cookies of the request, by name."""
        cookies = SimpleCookie(self.header("Cookie"))
        return {name: cookie.value for name, cookie in cookies.items()}

    @property
    def session(self):
        """The guest's session, loaded from the larder on first access."""
        # Not cached_property: before Python 3.12 its lock makes all other requests wait.
        if self._session is None:
            self._session = Session(self.larder, self.cookies.get("larder_session"))
        return self._session

    def check_csrf(self):
        """Reject a form without the session's token."""
        known = self.session.get("csrf_token", "")
        sent = self.form.get("csrf_token", "")
        if not known or not hmac.compare_digest(known.encode(), sent.encode()):
            raise Problem(403)

    def save_session(self, reply):
        """Store the session's changes, and send a new token to the browser."""
        if self._session is not None:
            secure = self.environ["wsgi.url_scheme"] == "https"
            reply.headers += self._session.save(secure)
