"""Hardening: requests that web2py trusts too much, or on which it fails."""

import json
import re
from contextlib import suppress

import gluon.globals
import gluon.main
from gluon.contrib.multipart import MultipartError, MultipartParser
from gluon.http import HTTP

from routes import ADDRESSES
from shared_db.errors import NotFoundError

BODY_LIMIT_BYTES = 2 * 1024 * 1024 + 64 * 1024
ADDRESS_LIMIT_BYTES = 1024
MEDIA_TYPE_LIMIT_BYTES = 1024
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
# Addresses: a route's pattern ignores a newline at the end.
# Identifiers: the folder of the photos may contain files that are no photos.
ODD_PATH = re.compile(r".*\n|/photos/(?![0-9a-f]{32}[.]\w+$)", re.DOTALL)
DISH = re.compile("(?:/api|/kitchen)?/dishes/")
QUALITY = re.compile(r";\s*q=([01](?:\.\d*)?)\s*(?:;|$)")
TAG = re.compile(r'(W/)?("[^"]*")')


def harden(site):
    """Replace the parts of web2py that are too lenient."""
    # web2py creates each request and its form parser from the classes with these names.
    gluon.main.Request = StrictRequest
    gluon.globals.MultipartParser = StrictParser
    site.web2py = StrictGateway(site.web2py, site.larder)


class StrictParser(MultipartParser):
    """A parser that answers 400 to a malformed part; web2py drops the rest (forms, charsets)."""

    def __init__(self, stream, boundary, content_length, charset):
        """Ignore the form's charset, which has no meaning, as in an urlencoded form."""
        super().__init__(stream, boundary, content_length)

    def __iter__(self):
        try:
            for part in super().__iter__():
                _ = part.filename or part.value  # decode the text here, where errors are caught
                yield part
        except (MultipartError, UnicodeError, LookupError) as error:
            raise HTTP(400) from error


class StrictRequest(gluon.globals.Request):
    """web2py's request, strict about queries, forms and JSON."""

    def parse_get_vars(self):
        """Read the query (forms); web2py returns a list for a repeated name."""
        super().parse_get_vars()
        keep_last(self._get_vars)
        # limits: the site does not show the progress of uploads, so web2py need not record it.
        self._get_vars.pop("X-Progress-ID", None)

    def parse_post_vars(self):
        """Read the form (forms, charsets), or check the JSON, which the handlers read (json)."""
        try:
            super().parse_post_vars()
            if self.content_type == "application/json":
                with suppress(ValueError):
                    json.loads(self.body.read())
                self.body.seek(0)
            else:
                keep_last(self._post_vars)
        except (UnicodeDecodeError, RecursionError) as error:
            raise HTTP(400) from error
        if not str(self._post_vars._formkey).isascii():
            self._post_vars._formkey = None  # a Form cannot compare such a key


def keep_last(values):
    """Replace each list by its last value."""
    for name in values:
        values[name] = values.getlast(name)


class StrictGateway:
    """A WSGI wrapper that corrects requests before web2py reads them, and replies afterwards."""

    def __init__(self, web2py, larder):
        self.web2py = web2py
        self.larder = larder

    def __call__(self, environ, start_response):
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        known = environ.get("HTTP_IF_NONE_MATCH", "")
        correct_address(environ)
        correct_headers(environ)
        if method == "PATCH":
            self.heed_none_match(environ, known)
        if method == "HEAD":  # methods: restful() knows no HEAD
            environ["REQUEST_METHOD"] = "GET"
        statuses = []

        def start(status, headers):
            if known and environ["REQUEST_METHOD"] == "GET" and is_held(known, dict(headers)):
                status = "304 NOT MODIFIED" if status.startswith("200") else status
            statuses.append(status)
            return start_response(status, list(correct_reply(status, headers, path)))

        body = self.web2py(environ, start)
        if method == "HEAD" or statuses[0].startswith("304"):
            getattr(body, "close", list)()
            return []
        return body

    def heed_none_match(self, environ, known):
        """Write If-Match as the handler splits it, without the tags of If-None-Match."""
        versions = environ.get("HTTP_IF_MATCH", "").strip()
        if not versions:
            return
        dish_id = environ["PATH_INFO"].rpartition("/")[2]
        with suppress(NotFoundError):
            if known and is_held(known, {"ETag": f'"{self.larder.dishes.get(dish_id).version}"'}):
                versions = '""'
        if versions != "*":
            tags = (f"{weak}{tag}" for weak, tag in TAG.findall(versions))
            environ["HTTP_IF_MATCH"] = ", ".join(tags) or '""'


def correct_address(environ):
    """Let web2py explain what is wrong with an address or a length (addresses, limits)."""
    path = environ["PATH_INFO"] or "/"  # "GET http://host" has no path (RFC 9112, 3.2.2)
    nothing = "/api/nothing" if path.startswith("/api/") else "/nothing"
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > BODY_LIMIT_BYTES:
        environ["WEB2PY_STATUS_CODE"] = 413 if length.isdecimal() else 400
        environ["CONTENT_LENGTH"] = ""  # web2py reads an unused body only to close it
        path = nothing
    if DISH.match(path):
        path = path.replace(".", "_")  # identifiers: a route's $dish_id matches no dot
    is_unknown = len(path) > ADDRESS_LIMIT_BYTES or ODD_PATH.match(path)
    environ["PATH_INFO"] = nothing if is_unknown else path


def correct_headers(environ):
    """Write the headers as web2py and the handlers read them."""
    # thrift: a photo needs no session, but web2py runs the model before every action.
    if environ["PATH_INFO"].startswith("/photos/"):
        environ.pop("HTTP_COOKIE", None)
    # limits: no proxy is trusted here, and web2py rejects a request in which this is no IP address.
    environ.pop("HTTP_X_FORWARDED_FOR", None)
    # addresses: with an empty host name before a port, web2py cannot find the method in a route.
    host = environ.get("HTTP_HOST", "")
    if host.startswith(":") or len(host) > ADDRESS_LIMIT_BYTES:
        environ["HTTP_HOST"] = "localhost"
    # conditions: web2py accepts any text as a range and ignores If-Range; ranges may be ignored.
    environ.pop("HTTP_RANGE", None)
    # conditions: tags come before dates (RFC 9110, 13.2.2), and web2py compares only dates.
    if environ.pop("HTTP_IF_NONE_MATCH", ""):
        environ.pop("HTTP_IF_MODIFIED_SINCE", None)
    # media-types: web2py compares the first letters, in lower case ("application/jsonp" is JSON),
    # and reads forms in the API, too. json: it reads documents everywhere, also in a GET.
    kind, semicolon, parameters = environ.get("CONTENT_TYPE", "").partition(";")
    kind = kind.strip().lower()
    for_programs = environ["PATH_INFO"].startswith("/api/")
    kinds = ("application/json",) if for_programs else FORM_TYPES
    is_read = (
        kind in kinds
        and len(parameters) <= MEDIA_TYPE_LIMIT_BYTES  # limits
        and environ["REQUEST_METHOD"] not in ("GET", "HEAD")
    )
    environ["CONTENT_TYPE"] = kind + semicolon + parameters if is_read else ""
    accept = environ.get("HTTP_ACCEPT", "")
    environ["HTTP_ACCEPT"] = "application/json" if prefers_json(accept) else "text/html"


def correct_reply(status, headers, path):
    """Yield the headers of a reply (methods, conditions)."""
    for name, value in headers:
        is_length = status.startswith("304") and name == "Content-Length"
        # web2py sends files with "private" only.
        if not is_length and (name, value) != ("Cache-Control", "private"):
            yield name, value
    if status.startswith("405"):
        yield "Allow", ", ".join(sorted(find_methods(path)))


def find_methods(path):
    """Yield the methods of an address."""
    for methods, address, _action in ADDRESSES:
        pattern = re.sub(r"[$]\w+", "[^/]+", address.replace("$file", ".+"))
        if re.fullmatch(pattern, path):
            yield from methods.replace("get", "get|head").upper().split("|")


def is_held(known, headers):
    """Return whether If-None-Match names the version in a reply's headers (conditions)."""
    if known.strip() == "*":
        return "ETag" in headers or "Last-Modified" in headers
    return headers.get("ETag") in (tag for _weak, tag in TAG.findall(known))


def prefers_json(accept):
    """Return whether an Accept header ranks application/json above text/html (media-types)."""
    ranges = dict(read_range(entry) for entry in accept.lower().split(","))
    return find_quality(ranges, "application/json") > find_quality(ranges, "text/html")


def read_range(entry):
    """Return the media range and the quality in an entry of an Accept header."""
    name, mark, parameters = entry.partition(";")
    match = QUALITY.search(mark + parameters)
    return name.strip(), float(match[1]) if match else 1.0


def find_quality(ranges, media_type):
    """Return the quality of the most specific range that covers a media type."""
    for name in (media_type, media_type.partition("/")[0] + "/*", "*/*"):
        if name in ranges:
            return ranges[name]
    return 0.0
