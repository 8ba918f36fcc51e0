"""Hardening: requests that CherryPy trusts too much, or on which it fails."""

import inspect
import re
from contextlib import suppress
from copy import deepcopy
from datetime import datetime
from functools import cache
from http.cookies import CookieError, SimpleCookie
from tempfile import SpooledTemporaryFile
from urllib.parse import parse_qsl

import cherrypy
from cherrypy import _cpreqbody
from cherrypy.lib import httputil

from session import LarderSession

# Any other first character could select an attribute of Python itself: /cart/__class__.
ADDRESS = re.compile(r"/|(/(?!index(/|$))[^\W_][^/]*)+")
PHOTO_NAME = re.compile(r"[0-9a-f]{32}\.(png|jpg|webp)")
# One valid range; to any other Range header the answer is the whole file.
RANGE = re.compile(r"bytes=([0-9]{1,18}-[0-9]{0,18}|-[1-9][0-9]{0,17})")
ADDRESS_LIMIT_BYTES = 1024
HEADER_LIMIT_BYTES = 8 * 1024
PART_HEADERS_LIMIT_BYTES = 1024  # enough for the longest possible file name
FILE_MEMORY_BYTES = 64 * 1024
# The errors that CherryPy's body parsers raise for an invalid body.
UNREADABLE = (ValueError, LookupError, EOFError, RecursionError, UnboundLocalError)


def harden(application):
    """Replace the parts of CherryPy that are too lenient, in the application's configuration."""
    application.request_class = StrictRequest
    # CherryPy looks up the configuration of an address for each of its segments.
    application.wsgiapp.pipeline.append(("short_addresses", ShortAddresses))
    application.relative_urls = "server"  # addresses: redirects do not repeat the Host header
    application.merge(
        {
            "/": {
                "request.dispatch": WholeAddress(),
                "request.body.part_class": PlainPart,
                "tools.sessions.storage_class": ThriftySession,
                "tools.json_in.content_type": "application/json",  # media-types: no JavaScript
                "tools.prepare_body.on": True,
                "tools.read_body.on": True,
                "tools.fit_arguments.on": True,
                "hooks.before_finalize.2": drop_cookie,
                "hooks.after_error_response.2": drop_cookie,
            },
            "/photos": {"tools.check_photo_name.on": True, "tools.etags.on": True},
            # conditions: files have no tag, but "*" matches any file.
            "/static": {"tools.etags.on": True},
            "/api/openapi.json": {"tools.etags.on": True},
        }
    )


class ShortAddresses:
    """WSGI middleware that treats an overlong address as unknown (limits)."""

    def __init__(self, next_application):
        self.next_application = next_application

    def __call__(self, environ, start_response):
        if len(environ["PATH_INFO"]) > ADDRESS_LIMIT_BYTES:
            environ["PATH_INFO"] = "/-"
        return self.next_application(environ, start_response)


class WholeAddress(cherrypy.dispatch.MethodDispatcher):
    """CherryPy's dispatcher by method; the whole address must match (addresses, identifiers).

    CherryPy would pass the rest of an address to the last resource that it found.
    """

    def find_handler(self, path):
        resource, rest = super().find_handler(path if ADDRESS.fullmatch(path) else "/-")
        return (None, []) if rest else (resource, rest)

    def __call__(self, path_info):
        super().__call__(path_info)
        handler = cherrypy.request.handler
        if not isinstance(handler, cherrypy.HTTPError):
            # Bound here: otherwise a query parameter would replace an argument from the address.
            handler.kwargs = dict(cherrypy.request.params)


class StrictRequest(cherrypy.Application.request_class):
    """CherryPy's request; the site's error page answers an invalid request."""

    refusal = None

    def process_headers(self):
        # Replaces CherryPy's method, which decodes encoded words (RFC 2047; HTTP has none),
        # and uses the Host header in addresses. For a target without a leading slash, CherryPy
        # would find no configuration and no error page. CherryPy also merges two slashes into
        # one (addresses, charsets, limits).
        path = self.wsgi_environ["PATH_INFO"] or "/"
        if not path.startswith("/") or "//" in path:
            self.refusal = cherrypy.NotFound()
        for name, value in self.header_list:
            if len(value) > HEADER_LIMIT_BYTES:
                self.refusal = cherrypy.HTTPError(431)
            else:
                self.headers[name] = value.strip()
        if self.protocol >= (1, 1) and "Host" not in self.headers:
            self.refusal = self.refusal or cherrypy.HTTPError(400)
        self.protocol = (1, 1)  # methods: a redirect is a 303 for HTTP/1.0, too
        self.base = f"{self.scheme}://{self.local.name}"
        self.cookie = TolerantCookie(self.headers.get("Cookie", ""))
        if self.method != "PATCH":
            self.headers.pop("If-Match", None)  # it protects changes, but CherryPy also rejects GET
        forgive(self.headers)

    def get_resource(self, path):
        super().get_resource("/" if self.refusal else path)
        if self.refusal:
            self.handler, self.process_request_body = self.refusal, False

    def process_query_string(self):
        # CherryPy splits at semicolons and makes lists of repeated fields (forms).
        self.params.update(parse_qsl(self.query_string, keep_blank_values=True))


class TolerantCookie(SimpleCookie):
    """Cookies, parsed one by one: SimpleCookie drops all of them if one is malformed (limits)."""

    def load(self, rawdata):
        for pair in rawdata.split(";"):
            name, _, value = pair.partition("=")
            with suppress(CookieError):
                self[name.strip()] = value.strip()


def forgive(headers):
    """Normalise headers that CherryPy takes literally (media-types, conditions, limits)."""
    headers["Accept"] = prefer(headers)
    headers.pop("Accept-Charset", None)  # RFC 9110, 12.5.2: deprecated; every page is UTF-8
    if "Content-Type" in headers:
        # CherryPy splits the header at commas, and reads the first type that is not empty.
        whole = httputil.RE_HEADER_SPLIT.sub("+", headers["Content-Type"])
        kind, semicolon, parameters = whole.partition(";")
        headers["Content-Type"] = kind.lower() + semicolon + parameters
    if "If-None-Match" in headers:
        headers["If-None-Match"] = headers["If-None-Match"].replace("W/", "")  # 13.1.2: weak
        headers.pop("If-Modified-Since", None)  # 13.1.3
    if "If-Range" in headers or not RANGE.fullmatch(headers.get("Range", "")):
        headers.pop("Range", None)  # 14.2: a server may ignore it
    headers.pop("If-Unmodified-Since", None)  # CherryPy would compare the dates as texts
    headers.pop("Content-Disposition", None)  # a header of parts and replies, never of a request
    # RFC 9112, 6.3: without a length there is no body. CherryPy would answer 411, or read forever.
    headers["Content-Length"] = headers.get("Content-Length") or "0"
    headers.pop("Transfer-Encoding", None)  # the server handles it


def prefer(headers):
    """Return the media type that Accept ranks first; CherryPy ignores specific ranges."""
    headers["Accept"] = headers.get("Accept", "").lower()
    with suppress(cherrypy.HTTPError):  # a malformed Accept is ignored
        qualities = {each.value: each.qvalue for each in headers.elements("Accept")}
        if quality(qualities, "application/json") > quality(qualities, "text/html"):
            return "application/json"
    return "text/html"


def quality(qualities, kind):
    """Return the quality of a media type by the most specific matching range."""
    for each in (kind, kind.partition("/")[0] + "/*", "*/*"):
        if each in qualities:
            return qualities[each]
    return 0


class ThriftySession(LarderSession):
    """The larder's session; it has no token until there is something to store (thrift)."""

    stored = None

    @property
    def csrf_token(self):
        return LateToken(super())

    def _regenerate(self):
        self._id = None

    def _exists(self):
        self.stored = self.store.load(self.id)
        return self.stored is not None

    def _load(self):
        return None if self.stored is None else (deepcopy(self.stored), datetime.max)

    def _save(self, expiration_time):
        if self._data != (self.stored or {}):
            super()._save(expiration_time)


class LateToken:
    """The CSRF token of a session, created when a page shows it."""

    def __init__(self, session):
        self._session = session

    def __str__(self):
        return self._session.csrf_token


def drop_cookie():
    """Remove the cookie that tools.sessions sets on every reply, unless it changes (thrift)."""
    cookie = cherrypy.response.cookie
    for name in [*cookie]:
        session = cherrypy.session
        if session.id in (None, session.originalid) and not cookie[name]["expires"]:
            del cookie[name]


drop_cookie.priority = 60  # after the session is saved


@cherrypy.tools.register("on_start_resource", priority=80)
def prepare_body():
    """Reject a body that is too large before reading it, and select the body processors (forms)."""
    body = cherrypy.request.body
    if body.length > body.maxbytes:
        raise cherrypy.HTTPError(413)
    body.processors = {
        "application/x-www-form-urlencoded": process_urlencoded,
        "multipart/form-data": process_form_data,
    }


def process_urlencoded(entity):
    """Parse an urlencoded form; CherryPy's parser loses percent signs and splits at semicolons."""
    text = entity.fp.read().decode()
    entity.params.update(parse_qsl(text, keep_blank_values=True))


def process_form_data(entity):
    """Parse a multipart form; the last value of a repeated field counts."""
    entity.fp = LastLineReader(entity.fp)
    _cpreqbody.process_multipart(entity)
    boundary = entity.content_type.params["boundary"].strip('"')
    if entity.fp.last.strip() != f"--{boundary}--".encode():
        raise EOFError("the closing boundary is missing")
    parts = {part.name: part for part in entity.parts if part.name}
    for name, part in parts.items():
        if part.filename is None:
            entity.params[name] = part.fullvalue()
        elif name == "photo":  # a file in place of a text is no value
            entity.params[name] = part


class LastLineReader:
    """A reader that stores the last line: CherryPy accepts a form without its final boundary."""

    def __init__(self, fp):
        self._fp = fp
        self.last = b""

    def readline(self, size=None):
        """Return the next line, or b"" at the end."""
        line = self._fp.readline(size)
        self.last = line or self.last
        return line

    def __getattr__(self, name):
        return getattr(self._fp, name)


class PlainPart(_cpreqbody.Part):
    """A part of a form (forms, charsets).

    Its headers are limited, and its text is UTF-8 whatever type it declares.
    """

    processors = {}  # only default_proc: a form within a part is not parsed

    @classmethod
    def read_headers(cls, fp):
        return super().read_headers(BriefReader(fp))

    def decode_entity(self, value):
        return value.decode()

    def make_file(self):
        # CherryPy would open a file for each part, until no more files can be opened (limits).
        return SpooledTemporaryFile(FILE_MEMORY_BYTES)


class BriefReader:
    """The header lines of a part, with a limit."""

    def __init__(self, fp):
        self._fp = fp
        self._left_bytes = PART_HEADERS_LIMIT_BYTES

    def readline(self):
        """Return the next line. Raise ValueError after the limit."""
        line = self._fp.readline()
        self._left_bytes -= len(line)
        if self._left_bytes < 0:
            raise ValueError("too many headers")
        return line


@cherrypy.tools.register("before_request_body", priority=95)
def read_body():
    """Process the body; CherryPy would answer 500 to an invalid body (forms, json, charsets)."""
    request = cherrypy.request
    if request.process_request_body:
        request.process_request_body = False
        request.params.clear()  # query parameters are not form fields
        with cherrypy.HTTPError.handle(UNREADABLE, 400):
            request.body.process()


@cherrypy.tools.register("before_handler", priority=10)
def fit_arguments():
    """Ignore the fields that a handler does not name; CherryPy would answer 404 (forms)."""
    request = cherrypy.request
    if isinstance(request.handler, cherrypy.HTTPError):
        if request.method == "POST":
            raise request.handler  # before the form's token is checked
    else:
        known = inspect_arguments(request.handler.callable.__func__)
        request.params = {
            name: value
            for name, value in request.params.items()
            if name != "self" and (known.varkw or name in known.args)
        }


inspect_arguments = cache(inspect.getfullargspec)


@cherrypy.tools.register("before_handler", priority=10)
def check_photo_name():
    """Serve only photos: the folder may contain other files (identifiers)."""
    if not PHOTO_NAME.fullmatch(cherrypy.request.path_info.rpartition("/")[2]):
        raise cherrypy.NotFound
