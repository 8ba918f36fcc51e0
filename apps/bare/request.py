"""One request, read from its environ: path, query, form, JSON, cookie and session."""

import hmac
import json
from urllib.parse import parse_qsl

from multipart import MultipartError, parse_form_data, parse_options_header

from problems import Problem
from session import Session

BODY_LIMIT_BYTES = 2 * 1024 * 1024 + 64 * 1024
FIELD_LIMIT = 1000
CHARSETS = ("utf-8", "utf8", "us-ascii")


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
        self.path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace") or "/"

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
    def _content_length(self):
        length = self.environ.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal():
            raise Problem(400)
        return int(length)

    def refuse_oversize(self):
        """Reject a body over the limit before reading it."""
        if self._content_length > BODY_LIMIT_BYTES:
            raise Problem(413)

    def _parsed(self):
        if self._form_and_files is None:
            _, options = parse_options_header(self.environ.get("CONTENT_TYPE", ""))
            if options.get("charset", "utf-8").lower() not in CHARSETS:
                raise Problem(400)
            try:
                self._form_and_files = parse_form_data(
                    self.environ, ignore_errors=False, part_limit=FIELD_LIMIT
                )
            except (MultipartError, UnicodeError, LookupError) as error:  # LookupError: bad charset
                raise Problem(400) from error
        return self._form_and_files

    @property
    def form(self):
        """The fields of the form."""
        return self._parsed()[0]

    @property
    def files(self):
        """The files of the form."""
        return self._parsed()[1]

    def json(self):
        """Return the decoded JSON body. Raise Problem (415 or 400) for any other body."""
        media_type = self.environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise Problem(415)
        try:
            return json.loads(self.environ["wsgi.input"].read(self._content_length))
        except (ValueError, RecursionError) as error:
            raise Problem(400) from error

    @property
    def cookies(self):
        """The cookies of the request, by name.

        http.cookies is not used: SimpleCookie drops all cookies if one of them is malformed.
        """
        pairs = (pair.partition("=") for pair in self.header("Cookie").split(";"))
        return {name.strip(): value.strip() for name, _, value in pairs}

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
