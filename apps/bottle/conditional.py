"""Conditional requests with entity tags, for replies that are not files (RFC 9110, section 13)."""

import re

from bottle import request, response

TAG = re.compile(r'(W/)?("[^"]*")')


def tagged(body, etag):
    """Return the body and set its tag, or return 304 if the client has this version."""
    response.set_header("ETag", etag)
    if not is_held(etag):
        return body
    response.status = 304
    return ""


def is_held(etag):
    """Return whether If-None-Match names this version, by weak comparison."""
    known = request.get_header("If-None-Match", "")
    return known.strip() == "*" or etag in (tag for _weak, tag in TAG.findall(known))


def names_version(if_match, etag):
    """Return whether If-Match names this version; a weak tag never does."""
    return if_match.strip() == "*" or ("", etag) in TAG.findall(if_match)
