"""Conditional requests: entity tags, and what they spare (RFC 9110, section 13)."""

import hashlib
import re

from reply import Reply

TAG = re.compile(r'(W/)?("[^"]*")')


def tag_of(body):
    """Return a strong entity tag for these bytes."""
    return f'"{hashlib.sha1(body, usedforsecurity=False).hexdigest()}"'


def not_modified(request, etag):
    """Whether the guest holds this very version already: If-None-Match, compared weakly."""
    header = request.header("If-None-Match")
    return header.strip() == "*" or etag in (tag for _weak, tag in TAG.findall(header))


def matches(header, etag):
    """Whether an If-Match header names this version, compared strongly."""
    return header.strip() == "*" or ("", etag) in TAG.findall(header)


def with_tag(request, reply, etag):
    """Mark the reply with its tag, or send only the tag to a guest who holds the rest."""
    if not_modified(request, etag):
        kept = [(name, value) for name, value in reply.headers if not name.startswith("Content-")]
        reply = Reply([], 304, kept)
    reply.headers.append(("ETag", etag))
    return reply
