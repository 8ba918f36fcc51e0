"""Hardening: requests on which Pyramid or WebOb fail, or which they trust too much."""

import re
from email.message import Message
from urllib.parse import parse_qsl

from pyramid import httpexceptions as http
from pyramid.csrf import SessionCSRFStoragePolicy
from pyramid.events import NewResponse
from pyramid.exceptions import PredicateMismatch
from pyramid.request import Request
from pyramid.tweens import EXCVIEW
from webob.etag import AnyETag
from webob.multidict import MultiDict

from problems import describe

BODY_LIMIT_BYTES = 2 * 1024 * 1024 + 64 * 1024
MEDIA_TYPE_LIMIT_BYTES = 1024
PART_HEADERS_LIMIT_BYTES = 1024  # enough for the longest possible file name
BLANK_LINE = re.compile(rb"\n\r?\n")
ONE_RANGE = re.compile(r"bytes=(\d+-\d*|-0*[1-9]\d*)", re.ASCII | re.IGNORECASE)


def harden(config):
    """Replace the parts of Pyramid that are too lenient; these override what was included."""
    # identifiers: \d and int accept 01 and ٣ for 1 and 3; the larder accepts only the plain form.
    config.add_route("dish", "/dishes/{dish_id}")
    config.add_route("reviews", "/dishes/{dish_id}/reviews")
    config.add_route("kitchen_photo", "/kitchen/dishes/{dish_id}/photo")
    config.add_route("api_dish", "/api/dishes/{dish_id}")
    # identifiers: the folder may contain files that are no photos.
    config.add_route("photo", r"/photos/{name:[0-9a-f]{32}\.(?:png|jpg|webp)}")
    # media-types: clients that accept neither HTML nor JSON get HTML.
    config.add_view(
        "handlers.show_dish", route_name="dish", request_method="GET", renderer="dish.jinja2"
    )
    config.add_exception_view(refuse_method, context=PredicateMismatch)
    config.add_exception_view(hide_folder, context=http.HTTPMovedPermanently)
    # forms: the form's token counts, whatever an X-CSRF-Token header says.
    config.set_default_csrf_options(require_csrf=True, header=None)
    config.set_request_factory(StrictRequest)
    config.set_execution_policy(answer)
    config.set_csrf_storage_policy(KnownTokens(key="csrf_token"))
    config.add_tween("hardening.check_requests", under=EXCVIEW)
    config.add_tween("hardening.check_conditions", under="hardening.check_requests")
    config.add_subscriber(leave_location, NewResponse)


def refuse_method(error, request):
    """Tell the methods that an address has (methods)."""
    views = request.registry.introspector.get_category("views")
    route = request.matched_route.name
    allowed = {
        view["introspectable"]["request_methods"]
        for view in views
        if view["introspectable"]["route_name"] == route
    }
    if "GET" in allowed:
        allowed.add("HEAD")
    return describe(request, http.HTTPMethodNotAllowed(allow=sorted(allowed)))


def hide_folder(error, request):
    """Answer 404 for a folder (addresses); the static view's redirect contains the Host."""
    return describe(request, http.HTTPNotFound())


def answer(environ, router):
    """Run a request (limits), and also answer errors after its view, such as of the session."""
    with router.request_context(environ) as request:
        try:
            return router.invoke_request(request)
        except Exception:
            response = request.invoke_exception_view(reraise=True)
            request.registry.notify(NewResponse(request, response))
            return response


class KnownTokens(SessionCSRFStoragePolicy):
    """The session's CSRF token; Pyramid would create one to reject a forged one (thrift)."""

    def check_csrf_token(self, request, supplied_token):
        return self.key in request.session and super().check_csrf_token(request, supplied_token)


class StrictRequest(Request):
    """Parse queries, forms and JSON by their standards, and reject invalid input."""

    charset = "UTF-8"  # as HTML and JSON require; WebOb fails on a form with another (charsets)

    @property
    def cookies(self):
        """The cookies by name (limits); WebOb reads a quoted value past the next semicolon."""
        pairs = (pair.partition("=") for pair in self.headers.get("Cookie", "").split(";"))
        return {name.strip(): value.strip() for name, _, value in pairs}

    @property
    def GET(self):
        # Not WebOb's parser (forms), which also splits at ";" and decodes "%4" and "% 1".
        text = self.query_string.encode("latin-1").decode(errors="replace")
        return MultiDict(parse_qsl(text, keep_blank_values=True))

    @property
    def POST(self):
        """The form, whole and readable (forms, charsets)."""
        try:
            if self.content_type == "multipart/form-data" and not has_short_heads(self):
                raise ValueError("the headers of a part are too long")
            # WebOb returns bytes for a file without a name, which is an empty file field.
            sent = super().POST.items()
            form = MultiDict(pair for pair in sent if not isinstance(pair[1], bytes))
            readable = all(isinstance(each, str) or each.file for each in form.values())
        except Exception as error:  # ValueError, LookupError, AttributeError and others
            raise http.HTTPBadRequest from error
        if not readable or not is_whole(self):
            raise http.HTTPBadRequest
        return form

    @property
    def json_body(self):
        """The JSON (json, charsets); Pyramid fails on invalid UTF-8 and on deep documents."""
        try:
            return super().json_body
        except (ValueError, RecursionError) as error:
            raise http.HTTPBadRequest from error

    @property
    def if_match(self):
        """The tags of If-Match without those of If-None-Match, which PATCH must heed, too."""
        return OtherTags(super().if_match, self.if_none_match)


class OtherTags:
    """The tags that are wanted and not unwanted (conditions)."""

    def __init__(self, wanted, unwanted):
        self.wanted = wanted
        self.unwanted = unwanted

    def __contains__(self, tag):
        return tag in self.wanted and tag not in self.unwanted


def is_whole(request):
    """Return whether a multipart form ends with its last boundary (forms).

    The standard library's cgi, which WebOb uses, accepts a truncated form.
    """
    if request.content_type != "multipart/form-data":
        return True
    last_boundary = b"--" + get_boundary(request) + b"--"
    body = request.body_file_raw
    body.seek(max(0, request.content_length - len(last_boundary) - len(b"\r\n")))
    return body.read().rstrip().endswith(last_boundary)


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


def check_requests(handler, registry):
    """Create the tween that rejects and corrects requests before Pyramid reads them."""

    def check_request(request):
        environ = request.environ
        check_address(environ)
        if (request.content_length or 0) > BODY_LIMIT_BYTES:  # limits
            raise http.HTTPRequestEntityTooLarge
        if environ["PATH_INFO"].startswith("/static/") and request.method not in ("GET", "HEAD"):
            raise http.HTTPMethodNotAllowed(allow=["GET", "HEAD"])  # methods
        # addresses: Pyramid would prefix every address with it.
        environ.pop("HTTP_X_VHM_ROOT", None)
        if len(request.headers.get("Content-Type", "")) > MEDIA_TYPE_LIMIT_BYTES:  # limits
            request.headers["Content-Type"] = ""
        # media-types, conditions: WebOb knows no media type in capitals, and no tags without a
        # space between them.
        request.content_type = request.content_type.strip().lower()
        for name in ("If-Match", "If-None-Match"):
            request.headers[name] = request.headers.get(name, "").replace('",', '", ')
        return handler(request)

    return check_request


def check_address(environ):
    """Raise an HTTP error for a path that is no address of the site (addresses, charsets)."""
    path = environ["PATH_INFO"]
    readable = path.encode("latin-1").decode(errors="replace").encode().decode("latin-1")
    if path != readable:
        environ["PATH_INFO"] = readable  # exception views read it, too
        raise http.HTTPBadRequest
    if not path.startswith("/"):
        raise http.HTTPBadRequest
    # An empty segment, which static_view ignores, or a line end, which route patterns ignore.
    if "//" in path or "\n" in path:
        raise http.HTTPNotFound


def check_conditions(handler, registry):
    """Create the tween that compares the reply with its conditions and Range (conditions).

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
            raise http.HTTPRequestRangeNotSatisfiable(headers=sizes)
        return outcome

    return check_condition


def drop_odd_conditions(request, response):
    """Remove invalid conditions (RFC 9110, 13.1 and 14.2), on which WebOb fails (conditions).

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
    """Send Location as a path (addresses); WebOb builds an address from the Host header.

    WebOb has no setting for this (github.com/Pylons/webob/issues/414).
    """
    event.response._make_location_absolute = lambda environ, path: path
