"""Hardening: handle requests on which Pyramid or WebOb fail, or which they trust too much."""

import re
from email.message import Message
from urllib.parse import parse_qsl

from pyramid.events import NewResponse
from pyramid.httpexceptions import (
    HTTPBadRequest,
    HTTPNotFound,
    HTTPRequestEntityTooLarge,
    HTTPRequestRangeNotSatisfiable,
)
from pyramid.request import Request
from pyramid.static import static_view
from pyramid.tweens import EXCVIEW
from webob.etag import AnyETag
from webob.multidict import MultiDict

BODY_LIMIT_BYTES = 2 * 1024 * 1024 + 64 * 1024
ONE_RANGE = re.compile(r"bytes=(\d+-\d*|-0*[1-9]\d*)", re.ASCII | re.IGNORECASE)


def includeme(config):
    """Add the request class, the tweens and the subscriber."""
    config.set_request_factory(StrictRequest)
    config.add_tween("hardening.check_requests", under=EXCVIEW)
    config.add_tween("hardening.check_conditions", under="hardening.check_requests")
    config.add_subscriber(leave_location, NewResponse)


class StrictRequest(Request):
    """Parse queries, forms and JSON by their standards, and answer 400 to invalid input."""

    charset = "UTF-8"  # as HTML and JSON require; WebOb fails on a form with another charset

    @property
    def GET(self):
        # Not WebOb's parser, which also splits at ";" and decodes "%4" and "% 1".
        text = self.query_string.encode("latin-1").decode(errors="replace")
        return MultiDict(parse_qsl(text, keep_blank_values=True))

    @property
    def POST(self):
        try:
            # WebOb returns bytes for a file without a name, which is an empty file field.
            sent = super().POST.items()
            form = MultiDict(pair for pair in sent if not isinstance(pair[1], bytes))
            readable = all(isinstance(each, str) or each.file for each in form.values())
        except Exception as error:  # ValueError, LookupError, AttributeError and others
            raise HTTPBadRequest from error
        if not readable or not is_whole(self):
            raise HTTPBadRequest
        return form

    @property
    def json_body(self):
        try:
            return super().json_body
        except (ValueError, RecursionError) as error:
            raise HTTPBadRequest from error


def is_whole(request):
    """Return whether a multipart form ends with its last boundary.

    The standard library's cgi, which WebOb uses, accepts a truncated form.
    """
    if request.content_type != "multipart/form-data":
        return True
    message = Message()
    message["Content-Type"] = request.headers["Content-Type"]
    last_boundary = f"--{message.get_boundary()}--".encode("latin-1")
    body = request.body_file_raw
    body.seek(max(0, request.content_length - len(last_boundary) - len(b"\r\n")))
    return body.read().rstrip().endswith(last_boundary)


class StaticFiles(static_view):
    """Pyramid's static view that answers 404 for a folder; Pyramid's redirect contains the Host."""

    def add_slash_redirect(self, request):
        return HTTPNotFound()


def check_requests(handler, registry):
    """Create the tween that rejects a body over the limit, and a target without a leading slash.

    It also removes X-Vhm-Root, by which Pyramid would prefix every address, and normalises headers
    that WebOb reads literally: media types in capitals, entity tags without a space between them.
    """

    def check_request(request):
        if (request.content_length or 0) > BODY_LIMIT_BYTES:
            raise HTTPRequestEntityTooLarge
        if not request.environ["PATH_INFO"].startswith("/"):
            raise HTTPBadRequest
        # An empty segment, which static_view ignores, or a line end, which route patterns ignore.
        if "//" in request.environ["PATH_INFO"] or "\n" in request.environ["PATH_INFO"]:
            raise HTTPNotFound
        request.environ.pop("HTTP_X_VHM_ROOT", None)
        request.content_type = request.content_type.strip().lower()
        for name in ("If-Match", "If-None-Match"):
            request.headers[name] = request.headers.get(name, "").replace('",', '", ')
        return handler(request)

    return check_request


def check_conditions(handler, registry):
    """Create the tween that compares the reply with If-None-Match, If-Modified-Since and Range.

    WebOb does this when the server calls the response, which is too late for an error page.
    """

    def check_condition(request):
        response = handler(request)
        if not response.conditional_response:
            return response
        drop_odd_conditions(request, response)
        outcome = request.get_response(response)
        if outcome.status_int == 416:
            sizes = {"Content-Range": outcome.headers["Content-Range"]}
            raise HTTPRequestRangeNotSatisfiable(headers=sizes)
        return outcome

    return check_condition


def drop_odd_conditions(request, response):
    """Remove invalid conditions (RFC 9110, 13.1 and 14.2), on which WebOb fails.

    If-Range must be exactly the reply's tag or date.
    """
    if request.if_none_match is AnyETag:  # which WebOb ignores
        request.headers["If-None-Match"] = response.headers.get("ETag", "")
        request.if_modified_since = response.last_modified
    elif request.headers["If-None-Match"]:
        request.if_modified_since = None
    try:
        request.if_modified_since  # noqa: B018 - reading the date is the check
    except (ValueError, OverflowError, OSError):
        request.if_modified_since = None
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


def leave_location(event):
    """Send Location as a path; WebOb builds an address from the Host header.

    WebOb has no setting for this (github.com/Pylons/webob/issues/414).
    """
    event.response._make_location_absolute = lambda environ, path: path
