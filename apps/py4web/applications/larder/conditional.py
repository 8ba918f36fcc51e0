"""Conditional requests with entity tags (RFC 9110, section 13), which py4web lacks."""

import re

from py4web import HTTP, request, response

TAG = re.compile(r'(W/)?("[^"]*")')


def mark(etag):
    """Set the reply's tag, and raise a 304 if the client has this version."""
    response.headers["ETag"] = etag
    if is_held(etag):
        raise HTTP(304)


def is_held(etag):
    """Return whether If-None-Match names this version, by weak comparison."""
    known = request.headers.get("If-None-Match", "")
    return known.strip() == "*" or etag in (tag for _weak, tag in TAG.findall(known))


def names_version(if_match, etag):
    """Return whether If-Match names this version; a weak tag never does."""
    return if_match.strip() == "*" or ("", etag) in TAG.findall(if_match)
