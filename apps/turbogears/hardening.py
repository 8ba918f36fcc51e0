"""Hardening: requests that TurboGears or WebOb trust too much, or on which they fail."""

import json
import re
import secrets
from contextlib import suppress
from email.message import Message
from string import Template
from urllib.parse import parse_qsl, quote, unquote, urlencode

from crank.util import default_path_translator, get_argspec
from tg import RestController
from tg import app_globals as g
from tg.appwrappers.base import ApplicationWrapper
from tg.appwrappers.errorpage import ErrorPageApplicationWrapper
from tg.appwrappers.session import SessionApplicationWrapper
from tg.exceptions import (
    HTTPBadRequest,
    HTTPMethodNotAllowed,
    HTTPNotFound,
    HTTPRequestEntityTooLarge,
)
from webob.etag import AnyETag
from webob.exc import HTTPRequestRangeNotSatisfiable

from controllers import Root
from session import LarderSession
from shared_db.errors import NotFoundError

BODY_LIMIT_BYTES = 2 * 1024 * 1024 + 64 * 1024
MEDIA_TYPE_LIMIT_BYTES = 1024
PART_HEADERS_LIMIT_BYTES = 1024  # enough for the longest possible file name
BLANK_LINE = re.compile(rb"\n\r?\n")
CHARSET = re.compile(r";\s*charset=[^;]*", re.IGNORECASE)
ONE_RANGE = re.compile(r"bytes=(\d+-\d*|-0*[1-9]\d*)", re.ASCII | re.IGNORECASE)
PHOTO = re.compile(r"/photos/[0-9a-f]{32}\.(png|jpg|webp)")
REST = {"GET": ("get_all", "get_one"), "POST": ("post",), "PATCH": ("patch",)}


def harden(config):
    """Register what is stricter than TurboGears, around the session and inside the error pages."""
    config.register_application_wrapper(ReadableRequests, after=SessionApplicationWrapper)
    config.register_application_wrapper(Conditions, after=ReadableRequests)
    config.register_application_wrapper(Messages, after=Conditions)
    config.register_application_wrapper(PlainRedirects, after=ErrorPageApplicationWrapper)
    config.update_blueprint(
        {
            "root_controller": ExactRoot(),
            "dispatch_path_translator": public_name,
            "flash.template": MessageTemplate('<p class="flash" role="status">$message</p>'),
            "session.session_class": ThriftySession,
        }
    )


def public_name(path_piece):
    """Return the attribute for a segment of a path, orders_csv for orders.csv (addresses).

    This is TurboGears' own translator, except that Python names are not addresses: neither
    orders_csv nor index, nor a name that begins with an underscore.
    """
    name = default_path_translator(path_piece)
    return "" if "_" in path_piece or name.startswith("_") or name == "index" else name


class ExactRoot(Root):
    """The root controller that answers HEAD, and 405 with Allow to other methods (methods).

    RestController answers 404 to both, and finds get_all and post by name (addresses).
    """

    def _get_dispatchable(self, context, url_path):
        request, sent = context.request, context.request.method
        try:
            request.method = "GET" if sent == "HEAD" else sent
            return self._find(context, url_path)
        except (HTTPNotFound, HTTPBadRequest, HTTPMethodNotAllowed):
            found = [name for name in REST if self._has(context, url_path, name)]
            allowed = ["GET", "HEAD", *found[1:]] if found[:1] == ["GET"] else found
            if allowed:
                raise HTTPMethodNotAllowed(headers={"Allow": ", ".join(allowed)}) from None
            raise HTTPNotFound from None
        finally:
            request.method = sent

    def _has(self, context, url_path, method):
        context.request.method = method
        try:
            return self._find(context, url_path)
        except (HTTPNotFound, HTTPBadRequest, HTTPMethodNotAllowed):
            return None

    def _find(self, context, url_path):
        state = super()._get_dispatchable(context, url_path)
        is_rest = isinstance(state.controller, RestController)
        if is_rest and (
            state.action.__name__ not in REST.get(context.request.method, ())
            or hasattr(state.controller, state.path[-1])
        ):
            raise HTTPNotFound
        # A field or a query does not stand for a part of the path, nor the other way round.
        names, more, _, defaults = get_argspec(state.action)
        parts = len(state.remainder) - (len(names) - len(defaults))
        if parts < 0 or (parts and not more):
            raise HTTPNotFound
        return state


class ReadableRequests(ApplicationWrapper):
    """Reject a body over the limit before reading it, and input on which parsers fail."""

    def __call__(self, controller, environ, context):
        request = context.request
        request.args_params = {}
        # The error page is a second dispatch.
        refusal = None if "original_response" in request.state else refusal_of(request)
        if refusal is None:
            return self.next_handler(controller, environ, context)
        request.body = b""  # TurboGears would read the rest of the body for the error page
        return refusal


def refusal_of(request):
    """Return the error for a request that must not reach a controller, else None."""
    if (request.content_length or 0) > BODY_LIMIT_BYTES:  # limits
        return HTTPRequestEntityTooLarge()
    rewrite_headers(request)
    try:
        path = request.path_info
        read_query(request)
        for_programs = path.startswith("/api/")
        is_form = request.method == "POST" and not for_programs
        readable = path.startswith("/")
        if is_form and not read_form(request):
            return HTTPBadRequest()
        if for_programs and request.method in ("POST", "PATCH"):
            read_json(request)
        # forms: fields and queries do not mix, and the last of a repeated name counts.
        fields = (request.POST if is_form else request.GET).items()
        request.args_params = {name: text for name, text in fields if name not in (None, "self")}
    except Exception:  # UnicodeDecodeError, ValueError, LookupError, RecursionError and others
        readable = False
    if not readable:
        return HTTPBadRequest()
    return unknown_address(path)


def unknown_address(path):
    """Return the error for a path that TurboGears reads as another path, else None.

    addresses: TurboGears ignores trailing and double slashes, and treats an encoded slash like
    them. identifiers: the folder of the photos may contain files that are no photos; int() accepts
    01 and ٣ for 1 and 3; TurboGears looks up each segment among the attributes of its controllers.
    """
    segments = path[1:].split("/")
    if any(segment.startswith("_") for segment in segments):
        return HTTPNotFound()
    if path != "/" and ("" in segments or (segments[0] == "photos" and not PHOTO.fullmatch(path))):
        return HTTPNotFound()
    if all(map(is_plain, segments)):
        return None
    error = HTTPNotFound()
    error.__cause__ = NotFoundError("dish")
    return error


def is_plain(segment):
    """Return whether a segment is no odd spelling of a number."""
    try:
        return str(int(segment)) == segment
    except ValueError:
        return True


def rewrite_headers(request):
    """Normalise the headers that WebOb and Beaker read literally.

    charsets: forms and JSON are always UTF-8; WebOb fails on a form that names another charset.
    limits: an overlong media type counts as missing.
    """
    media_type = request.headers.get("Content-Type", "")
    media_type = media_type if len(media_type) <= MEDIA_TYPE_LIMIT_BYTES else ""
    request.headers["Content-Type"] = CHARSET.sub("", media_type)
    request.content_type = request.content_type.strip().lower()
    # conditions: WebOb finds a tag in a list only if a blank follows each comma.
    for name in {"If-Match", "If-None-Match"}.intersection(request.headers):
        request.headers[name] = request.headers[name].replace('",', '", ')
    # conditions: an invalid date does not count, nor does a date beside a tag; TurboGears answers
    # 400 and 304.
    request.if_modified_since = None if "If-None-Match" in request.headers else read_date(request)
    if request.method == "PATCH" and "If-None-Match" in request.headers:
        heed_if_none_match(request)


def read_date(request):
    """Return the date in If-Modified-Since, or None if it is no date of the calendar."""
    try:
        return request.if_modified_since
    except (ValueError, OverflowError, OSError):
        return None


def heed_if_none_match(request):
    """Let If-Match fail if If-None-Match has the dish's version: both must hold (conditions)."""
    with suppress(NotFoundError):
        dish = g.larder.dishes.get(request.environ["PATH_INFO"].rpartition("/")[2])
        if str(dish.version) in request.if_none_match and request.headers.get("If-Match"):
            request.headers["If-Match"] = '""'


def read_query(request):
    """Normalise the query for WebOb, which also splits at ";" and decodes "%4" (forms)."""
    text = request.query_string.encode("latin-1").decode(errors="replace")
    request.query_string = urlencode(parse_qsl(text, keep_blank_values=True))


def read_json(request):
    """Parse a document as JSON, to find one that is nested too deep for Python (json)."""
    with suppress(ValueError):  # the handler answers, after it has checked the token
        if request.content_type == "application/json":
            request.json_body  # noqa: B018 - reading the document is the check


def read_form(request):
    """Parse the form; return whether its fields are texts and files, and it is complete (forms).

    The standard library's cgi, which WebOb uses, accepts a truncated form.
    """
    if request.content_type == "multipart/form-data" and not has_short_heads(request):
        return False
    # WebOb returns bytes for a file without a name, which is an empty file field.
    for name in [name for name, each in request.POST.items() if isinstance(each, bytes)]:
        request.POST.pop(name)
    fields_are_plain = all(isinstance(each, str) or each.file for each in request.POST.values())
    if not isinstance(request.POST.get("csrf_token", ""), str):
        request.POST.pop("csrf_token")
    if request.content_type != "multipart/form-data":
        return fields_are_plain
    last_boundary = b"--" + get_boundary(request) + b"--"
    body = request.body_file_raw
    body.seek(max(0, request.content_length - len(last_boundary) - len(b"\r\n")))
    return fields_are_plain and body.read().rstrip().endswith(last_boundary)


def has_short_heads(request):
    """Return whether the headers of each part of a form are as short as this site's (limits)."""
    request.make_body_seekable()
    boundary = get_boundary(request)
    parts = (b"\n" + request.body_file_raw.read()).split(b"\n--" + boundary)
    request.body_file_raw.seek(0)
    heads = (part[:PART_HEADERS_LIMIT_BYTES] for part in parts[1:] if part[:2] != b"--")
    return all(BLANK_LINE.search(head) for head in heads)


def get_boundary(request):
    """Return the boundary of a multipart form; raise ValueError for several of them (limits)."""
    message = Message()
    message["Content-Type"] = request.headers["Content-Type"]
    if [name for name, _ in message.get_params()].count("boundary") > 1:
        raise ValueError("WebOb would use the last boundary")
    return str(message.get_boundary()).encode("latin-1")


class Conditions(ApplicationWrapper):
    """Compare the reply with If-None-Match, If-Modified-Since and Range (conditions).

    WebOb does this when the server calls the response, which is too late for an error page.
    """

    def __call__(self, controller, environ, context):
        response = self.next_handler(controller, environ, context)
        if response.status_int != 200 or not response.etag:
            response.conditional_response = False  # WebOb would also read the range of a 304
            return response
        drop_odd_conditions(context.request, response)
        response.conditional_response = True
        outcome = context.request.get_response(response)
        if outcome.status_int != 416:
            return outcome
        # A new reply, because an error must not have the file's other headers, such as max-age.
        sizes = {"Content-Range": outcome.headers["Content-Range"]}
        return HTTPRequestRangeNotSatisfiable(headers=sizes)


def drop_odd_conditions(request, response):
    """Remove invalid conditions (RFC 9110, 13.1 and 14.2), on which WebOb fails.

    If-Range must be exactly the reply's tag or date.
    """
    if request.if_none_match is AnyETag:
        # WebOb and TurboGears' etag_cache ignore the asterisk.
        request.headers["If-None-Match"] = response.headers["ETag"]
    same = (None, response.headers.get("ETag"), response.headers.get("Last-Modified"))
    if request.headers.get("If-Range") not in same or not is_range(request, response):
        request.range = None
    request.if_range = None


def is_range(request, response):
    """Return whether Range has one valid range, with no more last bytes than the reply has."""
    try:
        wanted = ONE_RANGE.fullmatch(request.headers.get("Range", "")) and request.range
    except ValueError:  # more digits than Python converts
        return False
    return wanted is not None and wanted.start >= -(response.content_length or 0)


class Messages(ApplicationWrapper):
    """Give each message of tg.flash a cookie of its own, so that two tabs lose none (core).

    tg.flash has one cookie. One that cannot be read is no message (limits).
    """

    def __call__(self, controller, environ, context):
        keep_own_cookies(context.request)
        sent = {n: t for n, t in context.request.cookies.items() if n.startswith("webflash")}
        texts = [text for text in map(read_message, sent.values()) if text]
        environ["webflash.payload"] = (
            quote(json.dumps({"message": "\n".join(texts)})) if texts else {}
        )
        response = self.next_handler(controller, environ, context)
        cookies = response.headers.getall("Set-Cookie")
        for cookie in [cookie for cookie in cookies if cookie.startswith("webflash=")]:
            response.unset_cookie("webflash")
            if cookie.startswith("webflash=;"):
                for name in sent:
                    response.delete_cookie(name)
            else:
                response.headers.add("Set-Cookie", f"webflash-{secrets.token_hex(8)}{cookie[8:]}")
        return response


def keep_own_cookies(request):
    """Remove the cookies of other software: a malformed one hides the next cookies (limits)."""
    pairs = (pair.strip().partition("=") for pair in request.headers.get("Cookie", "").split(";"))
    own = [
        f"{name}={text}"
        for name, _, text in pairs
        if name.startswith(("larder_session", "webflash"))
    ]
    request.headers["Cookie"] = "; ".join(own)


def read_message(payload):
    """Return the text in a cookie of tg.flash, or "" if there is none."""
    try:
        return str(json.loads(unquote(payload))["message"])
    except (ValueError, LookupError, TypeError):
        return ""


class MessageTemplate(Template):
    """The template of tg.flash, repeated for each line of the message."""

    def substitute(self, payload):
        """Return the text of all messages."""
        lines = payload["message"].split("\n")
        return "".join(super(MessageTemplate, self).substitute(message=line) for line in lines)


class ThriftySession(LarderSession):
    """The larder's session; a new one has no token, by which the larder would look up (thrift)."""

    def _create_id(self, set_new=True):
        # Replaces Beaker's method, which makes an id and a cookie for every guest.
        self.id, self.is_new, self.last_accessed = None, True, None
        self.request["set_cookie"] = False


class PlainRedirects(ApplicationWrapper):
    """Send a Location as a path; WebOb builds an address from the Host header (addresses).

    The body of its redirect contains the Host header, too (github.com/Pylons/webob/issues/414).
    """

    def __call__(self, controller, environ, context):
        response = self.next_handler(controller, environ, context)
        response._make_location_absolute = lambda environ, path: path
        if 300 < response.status_int < 304:
            response.empty_body = True
        return response
