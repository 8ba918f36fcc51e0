"""Files: Bottle's static_file(), by the conditions and ranges of RFC 9110."""

import re
from email.utils import parsedate_to_datetime
from pathlib import Path

from bottle import abort, request, static_file

from conditional import is_held

# One range; static_file() knows no more, and takes what is none for one past the end.
RANGE = re.compile("bytes=(?:([0-9]{1,40})-([0-9]{0,40})|-[0-9]{1,40})")


def send_file(name, root):
    """Return the reply that sends a file; the tag is quoted, which static_file() leaves out."""
    try:
        facts = Path(root, name).stat()
    except (OSError, ValueError):  # not there, or no name of a file
        abort(404)
    etag = f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"'
    ignore_conditions(request.environ, etag)
    reply = static_file(name, root=root, etag=etag)
    if reply.status_code == 403:  # outside of the folder: to a guest it is not there
        abort(404)
    if reply.status_code == 416:
        reply.set_header("Content-Range", f"bytes */{facts.st_size}")
    return reply


def ignore_conditions(environ, etag):
    """Take out of a request what static_file() understands in another way than RFC 9110.

    It compares one tag only, and a date beside the tag as well, and takes the minute 99 for one. It
    does not look at If-Range: a range that depends on a version may always be ignored.
    """
    if not is_date(environ.get("HTTP_IF_MODIFIED_SINCE", "")):
        environ.pop("HTTP_IF_MODIFIED_SINCE", None)
    if "HTTP_IF_NONE_MATCH" in environ:
        environ["HTTP_IF_NONE_MATCH"] = etag if is_held(etag) else ""
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
