"""Hardening: requests that Falcon trusts too much, or on which it fails."""

import json
import re
from typing import NamedTuple

import falcon
from falcon.media import JSONHandler, MultipartFormHandler, URLEncodedFormHandler
from falcon.routing import BaseConverter, CompiledRouter

from handlers import matches

BODY_LIMIT_BYTES = 2 * 1024 * 1024 + 64 * 1024
PHOTO_NAME = re.compile(r"[0-9a-f]{32}\.(png|jpg|webp)")
FORM_TYPES = (falcon.MEDIA_URLENCODED, falcon.MEDIA_MULTIPART)
RANGE = re.compile("bytes=([0-9]{1,40}-[0-9]{0,40}|-[0-9]{1,40})")


def harden(middleware):
    """Return an application whose parts are stricter than Falcon's own."""
    app = falcon.App(
        middleware=[*middleware, Checks()], request_type=StrictRequest, router=HeadRouter()
    )
    # identifiers: int accepts 01 and ٣ for 1 and 3; the larder accepts only the plain form.
    app.router_options.converters["int"] = TextConverter
    app.req_options.media_handlers[falcon.MEDIA_JSON] = JSONHandler(loads=load_json)
    app.req_options.media_handlers[falcon.MEDIA_URLENCODED] = LastFieldsHandler()
    app.req_options.media_handlers[falcon.MEDIA_MULTIPART] = multipart = WholeFormHandler()
    multipart.parse_options.max_body_part_count = 1_000
    return app


class TextConverter(BaseConverter):
    """Pass the text of an id on."""

    def convert(self, value):
        return value


class HeadRouter(CompiledRouter):
    """Answer HEAD as GET (methods), which Falcon does only if a resource has on_head."""

    def map_http_methods(self, resource, **options):
        responders = super().map_http_methods(resource, **options)
        return {**({"HEAD": responders["GET"]} if "GET" in responders else {}), **responders}


class StrictRequest(falcon.Request):
    """Falcon's request, which ignores invalid headers where RFC 9110 says so."""

    def __init__(self, env, options=None):
        super().__init__(env, options)
        # media-types: Falcon selects the body's handler by the literal type (section 8.3.1).
        kind, semicolon, parameters = (self.content_type or "").partition(";")
        self.content_type = kind.lower() + semicolon + parameters

    def get_media(self, **options):
        """Return the body; outside the API, a body that is no form has no fields (forms)."""
        kind = falcon.parse_header(self.content_type)[0]
        if kind not in FORM_TYPES and not self.path.startswith("/api/"):
            return {}
        return super().get_media(**options)

    @property
    def accept(self):
        return super().accept.lower()

    @property
    def params(self):
        return last_values(super().params)

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

    @property
    def if_modified_since(self):
        # conditions: an invalid date must be ignored (13.1.3); Falcon answers 400.
        try:
            return super().if_modified_since
        except falcon.HTTPInvalidHeader:
            return None

    @property
    def range(self):
        # conditions: an invalid range may be ignored (14.2), and so may a range that depends on a
        # version (13.1.5). Falcon ignores If-Range, and answers 400 to an invalid range.
        if self.get_header("If-Range") is not None:
            return None
        if not RANGE.fullmatch(self.get_header("Range", default="")):
            return None
        try:
            return super().range
        except falcon.HTTPInvalidHeader:
            return None

    @property
    def range_unit(self):
        return "bytes"  # range is None for any other unit


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


class Checks:
    """Reject bad targets, bodies over the limit (addresses, limits) and names of other files."""

    def process_request(self, req, resp):
        if req.env["PATH_INFO"][:1] not in "/":
            raise falcon.HTTPBadRequest
        if (req.content_length or 0) > BODY_LIMIT_BYTES:
            raise falcon.HTTPContentTooLarge

    def process_resource(self, req, resp, resource, params):
        # identifiers: the folder may contain files that are no photos.
        if req.uri_template == "/photos/{name}" and not PHOTO_NAME.fullmatch(params["name"]):
            raise falcon.HTTPNotFound


def load_json(text):
    """Decode JSON; a document that is nested too deep for Python is malformed (json)."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


class LastFieldsHandler(URLEncodedFormHandler):
    """Falcon's form handler, extended for raw UTF-8 (charsets) and repeated fields (forms)."""

    def deserialize(self, stream, content_type, content_length):
        try:
            fields = falcon.uri.parse_query_string(stream.read().decode(), keep_blank=True)
        except UnicodeDecodeError as error:
            raise falcon.MediaMalformedError("URL-encoded") from error
        return last_values(fields)


def last_values(fields):
    """Return the last value of each field; Falcon returns a list for a repeated field."""
    return {name: text[-1] if isinstance(text, list) else text for name, text in fields.items()}


class Part(NamedTuple):
    """A part of a form that has been read; a missing name or text is an empty text."""

    name: str
    filename: str | None
    text: str
    data: bytes


class WholeFormHandler(MultipartFormHandler):
    """Falcon's handler of forms in parts, which leaves broken forms to the responders (forms)."""

    def deserialize(self, stream, content_type, content_length):
        if not content_length:
            raise falcon.MediaMalformedError("multipart")  # Falcon's reader fails without a length
        form = super().deserialize(stream, content_type, content_length)
        try:
            return [read_part(part) for part in form]
        except (UnicodeError, LookupError) as error:
            raise falcon.MediaMalformedError("multipart") from error


def read_part(part):
    """Read a part; only a field has a text, in a charset that may be unknown or no Unicode."""
    text = (part.text or "") if part.filename is None else ""
    text.encode()  # raises an error for half a character: no page can show that
    return Part(part.name or "", part.filename, text, part.data)
