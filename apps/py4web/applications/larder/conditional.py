"""Conditional requests: entity tags, which py4web knows for no reply (RFC 9110, section 13)."""

import re

from py4web import HTTP, request, response

TAG = re.compile(r'(W/)?("[^"]*")')


def mark(etag):
    """Mark the reply with a tag, or end it here (304) for a guest who holds it already."""
    response.headers["ETag"] = etag
    if is_held(etag):
        raise HTTP(304)


def is_held(etag):
    """Whether the guest says to hold this version already, compared weakly."""
    known = request.headers.get("If-None-Match", "")
    return known.strip() == "*" or etag in (tag for _weak, tag in TAG.findall(known))


def names_version(if_match, etag):
    """Whether an If-Match header names this very version; a weak tag never does."""
    return if_match.strip() == "*" or ("", etag) in TAG.findall(if_match)
