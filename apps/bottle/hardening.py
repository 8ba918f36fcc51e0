"""Hardening: requests that Bottle trusts too much, or on which it fails."""

import re
from contextlib import suppress
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult

from bottle import BaseRequest, HTTPError, HTTPResponse, Router, abort, request, response

from session import COOKIE
from shared_db.errors import NotFoundError

FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
PHOTO_NAME = re.compile(r"/photos/[0-9a-f]{32}\.(?:png|jpg|webp)")
QUALITY = re.compile(r";\s*q=([01](?:\.\d*)?)\s*(?:;|$)")
TAG = re.compile(r'(W/)?("[^"]*")')
# One range: static_file() supports no more, and answers 416 to an invalid range.
RANGE = re.compile("bytes=(?:([0-9]{1,40})-([0-9]{0,40})|-[0-9]{1,40})")


def harden(app):
    """Add stricter hooks and plugins. Call this before the plugins that they wrap are installed."""
    # identifiers: int accepts 01 and ٣ for 1 and 3; the larder accepts only the plain form.
    del app.router  # Bottle refuses to replace an attribute
    app.router = Router()
    app.router.add_filter("int", lambda config: ("[^/]+", None, None))
    for route in app.routes:
        app.router.add(route.rule, route.method, route)
    for hook in (check_request, correct_url, correct_headers, correct_types, correct_if_match):
        app.add_hook("before_request", hook)
    app.add_hook("after_request", complete_allow)
    app.install(StrictPlugin())
    app.install(ConditionsPlugin())


def check_request():
    """Reject requests on which Bottle would fail, and large bodies before reading (limits)."""
    try:
        length = request.content_length
        request["bottle.raw_path"].encode("latin-1").decode()  # Bottle would drop invalid bytes
    except ValueError:
        abort(400)
    if length > BaseRequest.MEMFILE_MAX:
        abort(413)
    # addresses: route patterns ignore a trailing newline.
    # identifiers: the folder may contain files that are no photos.
    path = request.path
    if path.endswith("\n") or (path.startswith("/photos/") and not PHOTO_NAME.fullmatch(path)):
        abort(404)


def correct_url():
    """Let redirect() write paths (addresses).

    Bottle builds `request.url` from headers that any client can send, Host and X-Forwarded-Host,
    and redirects a client of HTTP/1.0 with the status 302.
    """
    request["bottle.request.urlparts"] = SplitResult("", "", request.path, "", "")
    request["SERVER_PROTOCOL"] = "HTTP/1.1"


def correct_headers():
    """Keep only the session's cookie, and make every header readable (limits).

    A header that is not UTF-8 fails when a handler reads it; decoded as Latin-1, different headers
    stay different. http.cookies drops all cookies if one of them is malformed.
    """
    for name, text in request.environ.items():
        if name.startswith("HTTP_") and not text.isascii():
            request.environ[name] = text.encode().decode("latin-1")
    if "HTTP_COOKIE" in request.environ:
        pairs = (pair.partition("=") for pair in request["HTTP_COOKIE"].split(";"))
        token = {name.strip(): value.strip() for name, _, value in pairs}.get(COOKIE, "")
        request["HTTP_COOKIE"] = f"{COOKIE}={token}"


def correct_types():
    """Write Content-Type and Accept as Bottle and the handlers read them (media-types, forms).

    Bottle ignores a multipart form if its type is written in capitals or has a parameter without
    a value, and takes application/json-rpc for JSON. A handler looks for the names in Accept.
    """
    kind, *parameters = request.get("CONTENT_TYPE", "").split(";")
    kind = kind.strip().lower()
    kind = kind if kind in ("application/json", *FORM_TYPES) else ""
    request["CONTENT_TYPE"] = ";".join([kind, *(p for p in parameters if "=" in p)])
    if request.path.startswith("/dishes/"):
        wants_json = prefers_json(request.get("HTTP_ACCEPT", ""))
        request["HTTP_ACCEPT"] = "application/json" if wants_json else "text/html"


def correct_if_match():
    """Write the tags of If-Match with a blank after each comma, as the handler splits them."""
    if (versions := request.get("HTTP_IF_MATCH", "").strip()) not in ("", "*"):
        tags = (f"{weak}{tag}" for weak, tag in TAG.findall(versions))
        request["HTTP_IF_MATCH"] = ", ".join(tags) or '""'


def prefers_json(accept):
    """Return whether an Accept header ranks application/json above text/html (media-types)."""
    ranges = dict(media_range(entry) for entry in accept.lower().split(","))
    return quality(ranges, "application/json") > quality(ranges, "text/html")


def media_range(entry):
    """Return the media range and the quality in an entry of an Accept header."""
    name, mark, parameters = entry.partition(";")
    match = QUALITY.search(mark + parameters)
    return name.strip(), float(match[1]) if match else 1.0


def quality(ranges, media_type):
    """Return the quality of the most specific range that covers a media type."""
    for name in (media_type, media_type.partition("/")[0] + "/*", "*/*"):
        if name in ranges:
            return ranges[name]
    return 0.0


def complete_allow():
    """Add HEAD to Allow (methods): Bottle answers HEAD wherever it answers GET."""
    if "GET" in (allowed := response.get_header("Allow", "")):
        response.set_header("Allow", f"{allowed},HEAD")


class StrictPlugin:
    """Reject bodies and queries on which Bottle or a handler would fail (forms, charsets, json)."""

    name = "strict"
    api = 2

    def apply(self, callback, route):
        """Return the handler wrapped by the check."""
        takes_form = route.method == "POST" and "csrf" not in route.skiplist

        def strict(*args, **kwargs):
            if takes_form:
                check_form()
            try:
                return callback(*args, **kwargs)
            except (UnicodeDecodeError, RecursionError) as error:  # a query, a JSON document
                raise HTTPError(400, exception=error) from error

        return strict


def check_form():
    """Read the form, and reject it if Bottle cannot read it as a form of UTF-8."""
    if request.content_type.partition(";")[0] not in FORM_TYPES:
        abort(403)  # Bottle parses bodies of all other types as forms, too
    try:
        # A part may name its own charset, and utf-7 can produce texts that no page can show.
        "".join(request.forms.decode().values()).encode()
    except (ValueError, LookupError) as error:  # errors of Bottle's parser
        raise HTTPError(400, exception=error) from error


class ConditionsPlugin:
    """Evaluate conditions and ranges as RFC 9110 requires (conditions)."""

    name = "conditions"
    api = 2

    def apply(self, callback, route):
        """Return the handler wrapped by the conditions of its method."""
        wrap = {"GET": send_conditionally, "PATCH": heed_none_match}.get(route.method)
        return wrap(callback) if wrap else callback


def heed_none_match(callback):
    """Let If-None-Match refuse a change, too: then no version fits If-Match."""

    def heeding(dish_id, larder):
        known = request.get("HTTP_IF_NONE_MATCH")
        if known and request.get("HTTP_IF_MATCH"):
            with suppress(NotFoundError):
                if is_held(f'"{larder.dishes.get(dish_id).version}"', known):
                    request["HTTP_IF_MATCH"] = '""'
        return callback(dish_id=dish_id, larder=larder)

    return heeding


def send_conditionally(callback):
    """Return the handler wrapped by the conditions of GET.

    static_file() compares only one tag, also compares a date beside the tag, and accepts the
    minute 99. It ignores If-Range; a server may always ignore a range that depends on a version.
    """

    def conditional(**kwargs):
        environ = request.environ
        known, wanted = environ.pop("HTTP_IF_NONE_MATCH", ""), environ.pop("HTTP_RANGE", "")
        if known or not is_date(environ.get("HTTP_IF_MODIFIED_SINCE", "")):
            environ.pop("HTTP_IF_MODIFIED_SINCE", None)
        body = correct_file(callback(**kwargs), **kwargs)
        reply = body if isinstance(body, HTTPResponse) else response
        if known and is_held(reply.get_header("ETag"), known):
            reply.close()
            reply.status, reply.body = 304, ""
            return body if body is reply else ""
        if "Accept-Ranges" in reply and "HTTP_IF_RANGE" not in environ and is_range(wanted):
            reply.close()
            environ["HTTP_RANGE"] = wanted
            body = correct_file(callback(**kwargs), **kwargs)
            if body.status_code == 416:
                body.set_header("Content-Range", f"bytes */{reply.content_length}")
        return body

    return conditional


def correct_file(reply, name="", **_):
    """Quote the tag of a file. A file outside the folder, or an inexact name, is not found."""
    if isinstance(reply, HTTPResponse):
        if reply.status_code == 403 or name.strip("/\\") != name:  # static_file() strips these
            abort(404)
        if "ETag" in reply:
            reply.set_header("ETag", f'"{reply.get_header("ETag")}"')
    return reply


def is_held(etag, known):
    """Return whether If-None-Match names this version, by weak comparison."""
    return etag and (known.strip() == "*" or etag in (tag for _weak, tag in TAG.findall(known)))


def is_date(text):
    """Return whether a date is valid."""
    try:
        parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def is_range(text):
    """Return whether a Range header has one valid range of bytes."""
    match = RANGE.fullmatch(text)
    first, last = match.groups() if match else ("1", "0")
    return not (first and last) or int(first) <= int(last)
