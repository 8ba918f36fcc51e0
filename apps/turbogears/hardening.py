"""Hardening: application wrappers for requests on which TurboGears or WebOb would fail."""

import re
from email.message import Message
from urllib.parse import parse_qsl, urlencode

from tg.appwrappers.base import ApplicationWrapper
from tg.exceptions import HTTPBadRequest, HTTPNotFound, HTTPRequestEntityTooLarge
from webob.etag import AnyETag
from webob.exc import HTTPRequestRangeNotSatisfiable

BODY_LIMIT_BYTES = 2 * 1024 * 1024 + 64 * 1024
CHARSET = re.compile(r";\s*charset=[^;]*", re.IGNORECASE)
ONE_RANGE = re.compile(r"bytes=(\d+-\d*|-0*[1-9]\d*)", re.ASCII | re.IGNORECASE)


class ReadableRequests(ApplicationWrapper):
    """Reject a body over the limit before reading it, and input on which parsers fail."""

    def __call__(self, controller, environ, context):
        request = context.request
        request.args_params = {}  # forms and queries are never arguments of a controller's method
        # The error page is a second dispatch.
        refusal = None if "original_response" in request.state else refusal_of(request)
        if refusal is None:
            return self.next_handler(controller, environ, context)
        request.body = b""  # TurboGears would read the rest of the body for the error page
        return refusal


def refusal_of(request):
    """Return the error for a request that must not reach a controller, else None."""
    if (request.content_length or 0) > BODY_LIMIT_BYTES:
        return HTTPRequestEntityTooLarge()
    rewrite_headers(request)
    try:
        path = request.path_info
        read_query(request)
        is_form = request.method == "POST" and not path.startswith("/api/")
        readable = path.startswith("/") and (not is_form or form_is_whole(request))
    except Exception:  # UnicodeDecodeError, ValueError, LookupError, AttributeError and others
        readable = False
    if not readable:
        return HTTPBadRequest()
    # TurboGears ignores trailing and double slashes, and treats an encoded slash like them.
    return HTTPNotFound() if "//" in path or (path.endswith("/") and path != "/") else None


def rewrite_headers(request):
    """Normalise the headers that WebOb reads literally: media types, charsets, entity tags.

    Forms and JSON are always UTF-8; WebOb fails on a form that names another charset.
    """
    request.headers["Content-Type"] = CHARSET.sub("", request.headers.get("Content-Type", ""))
    request.content_type = request.content_type.strip().lower()
    request.headers["If-Match"] = request.headers.get("If-Match", "").replace('",', '", ')


def read_query(request):
    """Normalise the query for WebOb, which also splits at ";" and decodes "%4" and "% 1"."""
    text = request.query_string.encode("latin-1").decode(errors="replace")
    request.query_string = urlencode(parse_qsl(text, keep_blank_values=True))


def form_is_whole(request):
    """Parse the form; return whether its fields are texts and files, and the form is complete.

    The standard library's cgi, which WebOb uses, accepts a truncated form.
    """
    # WebOb returns bytes for a file without a name, which is an empty file field.
    for name in [name for name, each in request.POST.items() if isinstance(each, bytes)]:
        request.POST.pop(name)
    fields_are_plain = all(isinstance(each, str) or each.file for each in request.POST.values())
    if request.content_type != "multipart/form-data":
        return fields_are_plain
    message = Message()
    message["Content-Type"] = request.headers["Content-Type"]
    last_boundary = f"--{message.get_boundary()}--".encode("latin-1")
    body = request.body_file_raw
    body.seek(max(0, request.content_length - len(last_boundary) - len(b"\r\n")))
    return fields_are_plain and body.read().rstrip().endswith(last_boundary)


class Conditions(ApplicationWrapper):
    """Compare the reply with If-None-Match, If-Modified-Since and Range.

    WebOb does this when the server calls the response, which is too late for an error page.
    """

    def __call__(self, controller, environ, context):
        response = self.next_handler(controller, environ, context)
        if response.status_int != 200 or not response.etag:
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
