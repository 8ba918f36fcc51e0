"""Conditional requests: entity tags, which web2py knows for no reply (RFC 9110, section 13)."""

import hashlib
import re

from gluon import HTTP, current

TAG = re.compile(r'(W/)?("[^"]*")')


def tag_of(page):
    """Return a strong entity tag for this text."""
    return f'"{hashlib.sha1(page.encode(), usedforsecurity=False).hexdigest()}"'


def with_tag(body, etag):
    """Return the body, its reply marked with the tag; 304 to a guest who holds it already."""
    if is_held(etag):
        raise HTTP(304, ETag=etag, Vary=current.response.headers.get("Vary"))
    current.response.headers["ETag"] = etag
    return body


def is_held(etag):
    """Whether the guest says to hold this version already, compared weakly."""
    header = current.request.env.http_if_none_match or ""
    return header.strip() == "*" or etag in (tag for _weak, tag in TAG.findall(header))


def matches(header, etag):
    """Whether an If-Match header names this version, compared strongly."""
    return header.strip() == "*" or ("", etag) in TAG.findall(header)
