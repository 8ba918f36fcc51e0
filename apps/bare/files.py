"""Files from disk, with their type and validators."""

import mimetypes
from email.utils import formatdate, parsedate_to_datetime

from conditional import not_modified
from problems import Problem
from reply import Reply

BLOCK_BYTES = 64 * 1024
# Not every version of Python knows it without the system's help.
mimetypes.add_type("image/webp", ".webp")


def send_file(request, folder, name):
    """Send a file of this folder, and nothing outside it by any spelling."""
    try:
        path = (folder / name).resolve()
        found = path.is_relative_to(folder.resolve()) and path.is_file()
    except (OSError, ValueError):  # a name too long, or with a NUL in it
        found = False
    if not found:
        raise Problem(404)
    facts = path.stat()
    etag = f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"'
    validators = [("ETag", etag), ("Last-Modified", formatdate(facts.st_mtime, usegmt=True))]
    if not_modified(request, etag) or _unchanged_since(request, facts.st_mtime):
        return Reply([], 304, validators)
    headers = [("Content-Type", _type_of(name)), ("Content-Length", str(facts.st_size))]
    wrap = request.environ.get("wsgi.file_wrapper", _blocks)
    return Reply(wrap(path.open("rb"), BLOCK_BYTES), 200, headers + validators)


def _type_of(name):
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def _unchanged_since(request, modified):
    header = request.header("If-Modified-Since")
    if not header or request.header("If-None-Match"):
        return False
    try:
        return int(modified) <= parsedate_to_datetime(header).timestamp()
    except (ValueError, OverflowError):  # no date, or one that no calendar holds
        return False


def _blocks(file, size):
    with file:
        while block := file.read(size):
            yield block
