"""Serve files by Bottle's static_file(), with conditions and ranges as in RFC 9110."""

import re
from email.utils import parsedate_to_datetime
from pathlib import Path

from bottle import abort, request, static_file

from conditional import is_held

# One range: static_file() supports no more, and answers 416 to an invalid range.
RANGE = re.compile("bytes=(?:([0-9]{1,40})-([0-9]{0,40})|-[0-9]{1,40})")


def send_file(name, root):
    """Return the reply with a file; its tag is quoted, which static_file() does not do."""
    try:
        facts = Path(root, name).stat()
    except (OSError, ValueError):  # missing, or not a valid file name
        abort(404)
    etag = f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"'
    ignore_conditions(request.environ, etag)
    reply = static_file(name, root=root, etag=etag)
    if reply.status_code == 403:  # outside the folder: answer 404
        abort(404)
    if reply.status_code == 416:
        reply.set_header("Content-Range", f"bytes */{facts.st_size}")
    return reply


def ignore_conditions(environ, etag):
    """Remove the headers that static_file() interprets differently from RFC 9110.

    It compares only one tag, also compares a date beside the tag, and accepts the minute 99. It
    ignores If-Range; a server may always ignore a range that depends on a version.
    """
    if not is_date(environ.get("HTTP_IF_MODIFIED_SINCE", "")):
        environ.pop("HTTP_IF_MODIFIED_SINCE", None)
    if "HTTP_IF_NONE_MATCH" in environ:
        environ["HTTP_IF_NONE_MATCH"] = etag if is_held(etag) else ""
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
