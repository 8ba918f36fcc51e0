"""Conditional requests with entity tags (RFC 9110, section 13)."""

import hashlib
import re

from reply import Reply

TAG = re.compile(r'(W/)?("[^"]*")')


def tag_of(body):
    """Return a strong entity tag for these bytes."""
    return f'"{hashlib.sha1(body, usedforsecurity=False).hexdigest()}"'


def not_modified(request, etag):
    """Return whether If-None-Match names this version, by weak comparison."""
    header = request.header("If-None-Match")
    return header.strip() == "*" or etag in (tag for _weak, tag in TAG.findall(header))


def matches(header, etag):
    """Return whether an If-Match header names this version, by strong comparison."""
    return header.strip() == "*" or ("", etag) in TAG.findall(header)


def with_tag(request, reply, etag):
    """Add the tag to the reply, and answer 304 if the client has this version."""
    if not_modified(request, etag):
        kept = [(name, value) for name, value in reply.headers if not name.startswith("Content-")]
        reply = Reply([], 304, kept)
    reply.headers.append(("ETag", etag))
    return reply
