"""Conditional requests with entity tags (RFC 9110, section 13), which web2py lacks."""

import hashlib
import re

from gluon import HTTP, current

TAG = re.compile(r'(W/)?("[^"]*")')


def tag_of(page):
    """Return a strong entity tag for a text."""
    return f'"{hashlib.sha1(page.encode(), usedforsecurity=False).hexdigest()}"'


def with_tag(body, etag):
    """Return the body and set its tag; raise a 304 if the client has this version."""
    if is_held(etag):
        raise HTTP(304, ETag=etag, Vary=current.response.headers.get("Vary"))
    current.response.headers["ETag"] = etag
    return body


def is_held(etag):
    """Return whether If-None-Match names this version, by weak comparison."""
    header = current.request.env.http_if_none_match or ""
    return header.strip() == "*" or etag in (tag for _weak, tag in TAG.findall(header))


def matches(header, etag):
    """Return whether an If-Match header names this version, by strong comparison."""
    return header.strip() == "*" or ("", etag) in TAG.findall(header)
