"""Hardening: requests that Flask or Werkzeug trust too much, or on which they fail."""

import re

from flask import Request, Response, abort, json, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.datastructures import ETags, ImmutableDict
from werkzeug.exceptions import BadHost, BadRequest
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_date
from werkzeug.routing import UnicodeConverter

from problems import describe

RANGE = re.compile(r"bytes=([0-9]{0,40})-([0-9]{0,40})")
PHOTO_NAME = re.compile(r"[0-9a-f]{32}\.(png|jpg|webp)")


def harden(app):
    """Replace the parts of Flask that are too lenient. Call this before routes are added."""
    # identifiers: int accepts 01 and ٣ for 1 and 3; the larder accepts only the plain form.
    app.url_map.converters["int"] = UnicodeConverter
    # addresses: a double slash is not redirected to another address.
    app.url_map.merge_slashes = False
    app.register_error_handler(BadHost, explain_bad_host)
    app.before_request(check_request)
    app.json = DepthLimitedJSON(app)
    app.request_class = StrictRequest
    app.response_class = TolerantResponse


def check_request():
    """Reject requests that cannot be read (addresses, charsets, limits).

    Flask rejects a body that is too large only when a handler reads it. On bytes that no address
    may contain, request.args fails, which would be a 500. A target without a leading slash is
    not an address either, but Werkzeug would add the slash.
    """
    if isinstance(request.routing_exception, BadHost):
        raise request.routing_exception  # first: the pages of other errors need a valid Host
    if (request.content_length or 0) > request.max_content_length:
        abort(413)
    if not request.query_string.isascii() or not request.environ["PATH_INFO"].startswith("/"):
        abort(400)
    # identifiers: the folder may contain files that are no photos.
    if request.endpoint == "site.show_photo" and not PHOTO_NAME.fullmatch(
        request.view_args["name"]
    ):
        abort(404)


def explain_bad_host(error):
    """Answer without a page (addresses): every page contains URLs, which need a valid Host."""
    response = error.get_response()
    response.data = json.dumps({"type": "about:blank", **describe(error)})
    response.content_type = "application/problem+json"
    return response


class DepthLimitedJSON(DefaultJSONProvider):
    """Flask's JSON provider; a document nested too deep for Python is malformed (json)."""

    def loads(self, s, **kwargs):
        try:
            return super().loads(s, **kwargs)
        except RecursionError as error:
            raise ValueError("nested too deep") from error


class StrictFormDataParser(FormDataParser):
    """Werkzeug's parser, which reads a truncated or malformed form as an empty form (forms)."""

    def parse(self, *args, **kwargs):
        self.silent = False
        try:
            return super().parse(*args, **kwargs)
        except ValueError as error:
            raise BadRequest from error


class LastFields(ImmutableDict):
    """The last value of each field; a part without a name is ignored (forms).

    Werkzeug gives such a part the name None, on which Flask-WTF fails when it reads its token.
    """

    def __init__(self, fields=()):
        super().__init__((name, value) for name, value in fields if name is not None)


class OtherTags(ETags):
    """If-Match without the tags of If-None-Match (conditions)."""

    unwanted = ETags()

    def contains(self, etag):
        return super().contains(etag) and not self.unwanted.contains_weak(etag)


class StrictRequest(Request):
    """Flask's request, strict about forms, media types, conditions and tokens."""

    form_data_parser_class = StrictFormDataParser
    parameter_storage_class = LastFields

    @property
    def cookies(self):
        """The cookies by name (limits); Werkzeug reads a quoted value past the next semicolon."""
        pairs = (pair.partition("=") for pair in self.headers.get("Cookie", "").split(";"))
        return {name.strip(): value.strip() for name, _, value in pairs}

    @property
    def is_json(self):
        """Whether the body is JSON (media-types); Flask also accepts patch formats."""
        return self.mimetype == "application/json"

    @property
    def authorization(self):
        """The Authorization header; Werkzeug fails on a Basic header that is not ASCII (limits)."""
        try:
            return super().authorization
        except ValueError:
            return None

    @property
    def if_match(self):
        """The tags of If-Match, without those of If-None-Match, which PATCH must heed, too."""
        sent = super().if_match
        tags = OtherTags(sent.as_set(), star_tag=sent.star_tag)
        tags.unwanted = self.if_none_match
        return tags


class TolerantResponse(Response):
    """Flask's response, which ignores invalid conditions, as RFC 9110 requires (conditions).

    Werkzeug fails on a year out of range, and answers 416 to a Range that is invalid or that
    asks for more last bytes than the file has.
    """

    def make_conditional(self, request_or_environ, accept_ranges=False, complete_length=None):
        environ = dict(getattr(request_or_environ, "environ", request_or_environ))
        date = environ.get("HTTP_IF_MODIFIED_SINCE")
        if date and not is_readable(date):
            del environ["HTTP_IF_MODIFIED_SINCE"]
        # Werkzeug accepts a weak tag and a later date in If-Range; RFC 9110, 13.1.5, does not.
        own = (None, self.headers.get("ETag"), self.headers.get("Last-Modified"))
        if environ.get("HTTP_IF_RANGE") not in own:
            environ.pop("HTTP_RANGE", None)
        # These headers protect changes, but GET changes nothing; Werkzeug would answer 412 with
        # the content of the file.
        environ.pop("HTTP_IF_MATCH", None)
        environ.pop("HTTP_IF_UNMODIFIED_SINCE", None)
        if not is_range(environ.get("HTTP_RANGE", ""), complete_length or 0):
            environ.pop("HTTP_RANGE", None)
        return super().make_conditional(environ, accept_ranges, complete_length)


def is_readable(date):
    """Return whether a date is in range; Werkzeug itself ignores texts that are not dates."""
    try:
        parse_date(date)
    except OverflowError:
        return False
    return True


def is_range(text, length):
    """Return whether a Range has one valid range, with no more last bytes than the file has."""
    first, last = match.groups() if (match := RANGE.fullmatch(text)) else ("", "")
    if first:
        return not last or int(first) <= int(last)
    return bool(last) and int(last) <= length
