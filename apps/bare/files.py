"""Serve files with their content type and validators."""

import mimetypes
import os
from email.utils import formatdate
from functools import lru_cache
from stat import S_ISREG

from problems import Problem
from reply import Reply

BLOCK_BYTES = 64 * 1024
# Some versions of Python know this type only from the system's mime.types file.
mimetypes.add_type("image/webp", ".webp")


def send_file(request, folder, name):
    """Return the reply with a file of this folder, never with a file outside the folder."""
    path = f"{folder}/{name}"
    try:
        if not _is_plain(name):
            path = _resolve(folder, path)
        facts = os.stat(path)  # noqa: PTH116  # a Path takes several times as long
    except (OSError, ValueError):  # no such file, or a name that is too long or contains a NUL
        raise Problem(404) from None
    if not S_ISREG(facts.st_mode):
        raise Problem(404)
    etag = f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"'
    modified = formatdate(facts.st_mtime, usegmt=True)
    validators = [("ETag", etag), ("Last-Modified", modified)]
    if request.holds(etag, modified):
        return Reply([], 304, validators)
    headers = [("Content-Type", _type_of(name)), ("Content-Length", str(facts.st_size))]
    wrap = request.environ.get("wsgi.file_wrapper", _blocks)
    return Reply(wrap(open(path, "rb"), BLOCK_BYTES), 200, headers + validators)  # noqa: PTH123


def _is_plain(name):
    """Return whether a name has no dot segments: resolving it would take two thirds of the time."""
    return "./" not in name and "//" not in name and not name.endswith((".", "/"))


def _resolve(folder, path):
    """Return the path without dots and links. Raise FileNotFoundError outside the folder."""
    inside, path = os.path.realpath(folder), os.path.realpath(path)
    if not path.startswith(f"{inside}/"):
        raise FileNotFoundError
    return path


@lru_cache(64)
def _type_of(name):
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def _blocks(file, size):
    with file:
        while block := file.read(size):
            yield block
