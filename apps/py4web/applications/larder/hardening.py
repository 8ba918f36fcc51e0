"""Correct or reject requests that ombott would misread, trust or fail on."""

import re
from contextlib import suppress
from email.message import Message
from email.utils import formatdate, parsedate_to_datetime
from os import SEEK_END
from pathlib import Path
from urllib.parse import parse_qsl

from ombott import HTTPError
from ombott.request_pkg.errors import BodySizeError
from py4web import abort, request, response

from workplace import given

BODY_LIMIT_BYTES = 2 * 1024 * 1024 + 64 * 1024
# Larger forms are rejected; larger uploads go to a temporary file.
MEMORY_LIMIT_BYTES = 256 * 1024
MOST_FIELDS = 1_000
CLOSING_BYTES = 4 * 1024  # the final boundary of a form is within these last bytes
# ombott parses bodies of all other types as forms, too.
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
# One range: static_file() supports no more, and answers 416 to an invalid range.
RANGE = re.compile("bytes=(?:([0-9]{1,40})-([0-9]{0,40})|-[0-9]{1,40})")
# py4web removes such a version from the address of a static file.
VERSION = re.compile(r"^_\d+(\.\d+){2}/")


def refuse_unreadable():
    """Reject a body over the limit before reading it, and requests on which ombott would fail."""
    length = request.environ.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdecimal()):
        abort(400)
    if int(length) > BODY_LIMIT_BYTES:
        abort(413)
    # ombott ignores slashes around an address and backslashes around a file's name, and resolves
    # dot segments.
    path = request.environ["PATH_INFO"]
    is_odd = "\\" in path or {".", ".."}.intersection(path.split("/"))
    if path.strip("/") != path[1:] or is_odd:
        abort(404)


def read_query():
    """Store the parsed query in ombott's cache; ombott makes lists and breaks raw UTF-8."""
    try:
        request.environ["ombott.request.query"] = fields_of(request.query_string.encode("latin-1"))
    except ValueError:
        abort(400)


def read_form():
    """Store the parsed form in ombott's cache; reject an invalid form, on which ombott fails."""
    try:
        texts, files = sent_form() if request.method == "POST" else ({}, {})
    except HTTPError:
        raise
    except BodySizeError as error:
        raise HTTPError(413, exception=error) from error
    except Exception as error:
        raise HTTPError(400, exception=error) from error
    request.environ["ombott.request.forms"] = texts
    request.environ["ombott.request.files"] = files
    request.environ["ombott.request.post"] = texts | files


def sent_form():
    """Return the texts and the files of the form; the last value of a repeated field counts."""
    kind = request.ctype[0]
    if kind not in FORM_TYPES:
        return {}, {}
    if kind == FORM_TYPES[0]:
        if request.content_length > MEMORY_LIMIT_BYTES:
            abort(413)
        return fields_of(request.body.read(), MOST_FIELDS), {}
    # ombott supports a boundary only without quotes and in lower case.
    sent = Message()
    sent["Content-Type"] = request.environ["CONTENT_TYPE"]
    request["CONTENT_TYPE"] = f"{kind}; boundary={sent.get_boundary() or abort(400)}"
    texts, files = {}, {}
    refuse_half_a_form(sent.get_boundary())
    for name, values in request.POST.items():
        for value in values if isinstance(values, list) else [values]:
            (texts if isinstance(value, str) else files)[name] = value
    return texts, files


def refuse_half_a_form(boundary):
    """Reject a truncated multipart form, which ombott would accept."""
    body = request.body
    end = body.seek(0, SEEK_END)
    body.seek(max(0, end - CLOSING_BYTES))
    if f"--{boundary}--".encode() not in body.read():
        abort(400)
    body.seek(0)


def fields_of(text, most=None):
    """Parse the bytes of a query or urlencoded form; return the values by name."""
    return dict(parse_qsl(text.decode(), keep_blank_values=True, max_num_fields=most))


def ignore_conditions():
    """Remove the headers that static_file() interprets differently from RFC 9110.

    It fails on an invalid date, and also compares a date beside a tag. It ignores If-Range;
    a server may always ignore a range that depends on a version.
    """
    environ = request.environ
    date = environ.get("HTTP_IF_MODIFIED_SINCE", "")
    if environ.get("HTTP_IF_NONE_MATCH", "").strip() == "*":  # any version
        environ["HTTP_IF_MODIFIED_SINCE"] = formatdate(usegmt=True)
    elif "HTTP_IF_NONE_MATCH" in environ or not is_date(date):
        environ.pop("HTTP_IF_MODIFIED_SINCE", None)
    if "HTTP_IF_RANGE" in environ or not is_range(environ.get("HTTP_RANGE", "")):
        environ.pop("HTTP_RANGE", None)


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


def tell_length():
    """Add Content-Range to a 416, which static_file() does not do."""
    _, folder, name = request.path.split("/", 2)
    settings = given["settings"]
    root = settings.photos_dir if folder == "photos" else settings.static_dir
    path = Path(root, VERSION.sub("", name).strip("/\\"))
    with suppress(OSError):  # the path may lead through a folder outside
        response.headers["Content-Range"] = f"bytes */{path.stat().st_size}"


def sent_cookie(wanted):
    """Return a cookie of the request, or None.

    get_cookie() is not used: http.cookies drops all cookies if one of them is malformed.
    """
    pairs = (pair.partition("=") for pair in request.environ.get("HTTP_COOKIE", "").split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs}.get(wanted)
