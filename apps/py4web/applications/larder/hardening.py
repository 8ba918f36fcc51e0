"""What ombott's parsers would misread, trip over or believe, put right before they see it."""

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
# Forms over this are refused, uploads over it go to a temporary file.
MEMORY_LIMIT_BYTES = 256 * 1024
MOST_FIELDS = 1_000
CLOSING_BYTES = 4 * 1024  # within these last bytes a form in parts is closed
# ombott reads a form in a body of any other type, too.
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
# One range; static_file() knows no more, and takes what is none for one past the end.
RANGE = re.compile("bytes=(?:([0-9]{1,40})-([0-9]{0,40})|-[0-9]{1,40})")
# py4web leaves such a version out of the address of a static file.
VERSION = re.compile(r"^_\d+(\.\d+){2}/")


def refuse_unreadable():
    """Refuse a body over the limit before any of it is read, and what ombott would trip over."""
    length = request.environ.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdecimal()):
        abort(400)
    if int(length) > BODY_LIMIT_BYTES:
        abort(413)
    # To ombott slashes around an address are nothing, nor are backslashes around a file's name,
    # and it follows dots.
    path = request.environ["PATH_INFO"]
    is_odd = "\\" in path or {".", ".."}.intersection(path.split("/"))
    if path.strip("/") != path[1:] or is_odd:
        abort(404)


def read_query():
    """Put the query where ombott keeps it: it would list a repeated field and garble raw UTF-8."""
    try:
        request.environ["ombott.request.query"] = fields_of(request.query_string.encode("latin-1"))
    except ValueError:
        abort(400)


def read_form():
    """Put the form where ombott keeps it; refuse what is none, for its parsers raise anything."""
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
    """Return the texts and the files of the form; of a repeated field the last counts."""
    kind = request.ctype[0]
    if kind not in FORM_TYPES:
        return {}, {}
    if kind == FORM_TYPES[0]:
        if request.content_length > MEMORY_LIMIT_BYTES:
            abort(413)
        return fields_of(request.body.read(), MOST_FIELDS), {}
    # ombott knows a boundary without quotes, after small letters.
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
    """Refuse a form in parts without its end, which ombott would take as far as it goes."""
    body = request.body
    end = body.seek(0, SEEK_END)
    body.seek(max(0, end - CLOSING_BYTES))
    if f"--{boundary}--".encode() not in body.read():
        abort(400)
    body.seek(0)


def fields_of(text, most=None):
    """Return what is written as in a query, by name, from its bytes."""
    return dict(parse_qsl(text.decode(), keep_blank_values=True, max_num_fields=most))


def ignore_conditions():
    """Take out of a request what static_file() understands in another way than RFC 9110.

    It fails on a date that is none, and looks at a date beside a tag. It does not look at If-Range:
    a range that depends on a version may always be ignored.
    """
    environ = request.environ
    date = environ.get("HTTP_IF_MODIFIED_SINCE", "")
    if environ.get("HTTP_IF_NONE_MATCH", "").strip() == "*":  # any version: that of today
        environ["HTTP_IF_MODIFIED_SINCE"] = formatdate(usegmt=True)
    elif "HTTP_IF_NONE_MATCH" in environ or not is_date(date):
        environ.pop("HTTP_IF_MODIFIED_SINCE", None)
    if "HTTP_IF_RANGE" in environ or not is_range(environ.get("HTTP_RANGE", "")):
        environ.pop("HTTP_RANGE", None)


def is_date(text):
    """Whether a calendar holds a date."""
    try:
        parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def is_range(text):
    """Whether a Range header asks for one range of bytes that does not end before it begins."""
    match = RANGE.fullmatch(text)
    first, last = match.groups() if match else ("1", "0")
    return not (first and last) or int(first) <= int(last)


def tell_length():
    """Say in a 416 how long the file is, which static_file() does not."""
    _, folder, name = request.path.split("/", 2)
    settings = given["settings"]
    root = settings.photos_dir if folder == "photos" else settings.static_dir
    path = Path(root, VERSION.sub("", name).strip("/\\"))
    with suppress(OSError):  # the address may go by a way outside of the folder
        response.headers["Content-Range"] = f"bytes */{path.stat().st_size}"


def sent_cookie(wanted):
    """Return a cookie that was sent, or None.

    Not by get_cookie(): http.cookies drops every cookie when one of them is malformed.
    """
    pairs = (pair.partition("=") for pair in request.environ.get("HTTP_COOKIE", "").split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs}.get(wanted)
