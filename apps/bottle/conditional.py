"""Conditional requests for replies that are no files: entity tags (RFC 9110, section 13)."""

import re

from bottle import request, response

TAG = re.compile(r'(W/)?("[^"]*")')


def tagged(body, etag):
    """Return the body under its tag, or nothing but the tag (304) to a guest who holds it."""
    response.set_header("ETag", etag)
    if not is_held(etag):
        return body
    response.status = 304
    return ""


def is_held(etag):
    """Whether the guest says to hold this version already, compared weakly."""
    known = request.get_header("If-None-Match", "")
    return known.strip() == "*" or etag in (tag for _weak, tag in TAG.findall(known))


def names_version(if_match, etag):
    """Whether an If-Match header names this very version; a weak tag never does."""
    return if_match.strip() == "*" or ("", etag) in TAG.findall(if_match)
