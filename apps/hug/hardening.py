"""Hardening: requests that hug or Falcon trust too much, or on which they fail."""

import cgi
import re
from urllib.parse import parse_qsl

import falcon
import hug
from falcon.vendor.mimeparse import quality

from formats import matches
from problems import explain, report_failure
from session import Session, Sessions

BODY_LIMIT_BYTES = 2 * 1024 * 1024 + 64 * 1024
PART_HEADERS_LIMIT_BYTES = 1024  # enough for the longest possible file name
PHOTO = re.compile(r"/photos/[0-9a-f]{32}\.(png|jpg|webp)")
# hug's own arguments, which a field of the same name would replace.
RESERVED = ("exception", "_Interfaces__hug_internal_self")


def harden(api):
    """Replace the parts of hug that are too lenient."""
    http = api.http
    http.versions.clear()  # addresses: every address would also answer below /v{anything}
    for methods in http.routes[""].values():
        if "GET" in methods:
            methods["HEAD"] = methods["GET"]  # methods: hug answers 405 to HEAD
    for handler in http.handlers():
        # identifiers: int accepts 01 and ٣ for 1 and 3; the larder accepts only the plain form.
        handler.input_transformations.pop("dish_id", None)
        handler.parse_body = False  # forms: hug reads fields in the body of a GET, too
    http.set_input_format("application/x-www-form-urlencoded", read_urlencoded)
    http.set_input_format("multipart/form-data", read_multipart)
    hug.startup(api=api)(catch_failed_middleware)
    hug.exception(RecursionError, api=api, output=explain)(refuse_deep_json)
    for part in http.middleware:
        if isinstance(part, Sessions):
            part.session_class = LazySession
    http.add_middleware(Checks())


def refuse_deep_json(response):
    """Answer 400 (json): a document that is nested too deep for Python is malformed."""
    response.status = falcon.HTTP_400


def catch_failed_middleware(api):
    """Report errors outside the handlers (limits), too, such as a session that cannot be stored."""
    api.http.falcon.add_error_handler(Exception, answer_failure)


def answer_failure(request, response, error, params):
    """Answer 500 to an unexpected error; Falcon passes the expected ones as well."""
    if isinstance(error, falcon.HTTPError | falcon.HTTPStatus):
        raise error
    report_failure(error, response)
    raise falcon.HTTPInternalServerError


class LazySession(Session):
    """The session, loaded on first access to its data (thrift)."""

    def __init__(self, store, token):
        self._unread = (store, token)

    def __getattr__(self, name):
        """Load the session: an attribute is missing before, and none afterwards."""
        if "data" in vars(self):
            raise AttributeError(name)
        super().__init__(*self._unread)
        return getattr(self, name)

    def save(self):
        return "data" in vars(self) and super().save()


class Checks:
    """Correct or reject requests before handlers get their arguments."""

    def process_request(self, request, response):
        # hug has no option for the class of requests.
        request.__class__ = StrictRequest
        if request.env["PATH_INFO"][:1] not in "/":  # addresses
            raise falcon.HTTPBadRequest
        if (request.content_length or 0) > BODY_LIMIT_BYTES:  # limits
            raise falcon.HTTPPayloadTooLarge
        # identifiers: the folder may contain files that are no photos. addresses: Falcon would
        # match an address without the line end after it.
        is_photo = PHOTO.fullmatch(request.path) or not request.path.startswith("/photos/")
        if "\n" in request.path or not is_photo:
            request.path = "/nothing"
        if request.path.startswith("/static/"):
            request.params.clear()  # addresses: a query would replace the name of the file
        # media-types: types in capitals. charsets: JSON is always UTF-8.
        kind, semicolon, parameters = (request.content_type or "").partition(";")
        kind = kind.strip().lower()
        is_json = kind == "application/json"
        request.content_type = kind if is_json else kind + semicolon + parameters

    def process_resource(self, request, response, resource, params):
        """Keep the arguments of the address and of hug, which fields would replace (forms)."""
        for name in (*params, *RESERVED):
            request.params.pop(name, None)
        request.params.update(last_values(request.params))


class StrictRequest(falcon.Request):
    """Falcon's request, which ignores invalid headers where RFC 9110 says so."""

    __slots__ = ()

    # conditions: hug fails on a range of last bytes; a server may send the whole file instead.
    range = None

    @property
    def accept(self):
        return super().accept.lower()  # media-types

    def client_prefers(self, media_types):
        """Return the type of the highest weight (media-types), the last one of several.

        Falcon prefers the type that the client names more exactly.
        """
        try:
            return max(reversed(media_types), key=lambda kind: quality(kind, self.accept))
        except ValueError:
            return None

    @property
    def if_match(self):
        """The tags of If-Match, without those of If-None-Match, which PATCH must heed, too."""
        tags = super().if_match
        is_any = self.get_header("If-Match", default="").strip() == "*"
        return tags and WantedTags(tags, is_any, self.if_none_match)

    @property
    def if_none_match(self):
        """The tags of If-None-Match; Falcon treats the tag "*" (quoted) like an asterisk."""
        tags = super().if_none_match
        is_any = self.get_header("If-None-Match", default="").strip() == "*"
        return tags if is_any else tags and [tag for tag in tags if tag != "*"]


class WantedTags(list):
    """The strong tags of If-Match that are not in If-None-Match (conditions).

    Falcon treats the tag "*" (quoted) like a plain asterisk, and its tags ignore their weakness.
    """

    def __init__(self, tags, is_any, unwanted):
        super().__init__(tags)
        self._is_any = is_any
        self._unwanted = unwanted

    def __contains__(self, etag):
        if etag == "*" or matches(etag, self._unwanted):
            return False
        return self._is_any or any(falcon.ETag(etag).strong_compare(tag) for tag in self)


def last_values(fields):
    """Return the last value of each field (forms); Falcon returns a list for a repeated field."""
    return {name: text[-1] if isinstance(text, list) else text for name, text in fields.items()}


def read_urlencoded(body, **parameters):
    """Parse a form as UTF-8, without splitting at commas (charsets, forms)."""
    try:
        text = hug.input_format.text(body)
    except ValueError as error:
        raise falcon.HTTPBadRequest from error
    return dict(parse_qsl(text, keep_blank_values=True))


class ShortFields(cgi.FieldStorage):
    """A form whose parts have headers as short as those of this site's forms (limits)."""

    def __init__(self, fp=None, headers=None, *arguments, **options):
        if headers and sum(map(len, headers.values())) > PART_HEADERS_LIMIT_BYTES:
            raise ValueError("the headers of a part are too long")
        super().__init__(fp, headers, *arguments, **options)


def read_multipart(body, content_length=0, boundary="", **parameters):
    """Parse a form in parts with cgi, as hug does, but reject a malformed one (forms, limits)."""
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": f'multipart/form-data; boundary="{boundary}"',
        "CONTENT_LENGTH": str(content_length or 0),
    }
    try:
        # Not the bounded stream, whose readline() counts every line as if it had the full length.
        sent = ShortFields(body.stream, environ=environ, errors="replace", max_num_fields=1000)
        parts = sent.list or []
        if parts and parts[-1].done != 1:
            raise ValueError("the last part has no end")
        return {part.name: read_part(part) for part in parts if part.name}
    except (ValueError, LookupError, RecursionError, OSError) as error:
        raise falcon.HTTPBadRequest from error  # OSError: more parts than files may be open


def read_part(part):
    """Return the text of a field, or the bytes of a file."""
    return part.value if part.filename is None else part.file.read()
