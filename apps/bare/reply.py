"""Replies, and the functions that build each kind of reply."""

import hashlib
import json
from dataclasses import dataclass, field


@dataclass
class Reply:
    """Status code, header list and a WSGI iterable of bytes."""

    body: object = ()
    status: int = 200
    headers: list = field(default_factory=list)

    def cached_headers(self):
        """Return the headers; the default Cache-Control is "private, no-cache"."""
        if any(name == "Cache-Control" for name, _ in self.headers):
            return self.headers
        return [*self.headers, ("Cache-Control", "private, no-cache")]

    def without_body(self):
        """Return an empty body instead of this body, as HEAD requires."""
        if close := getattr(self.body, "close", None):
            close()
        return []


def page(request, name, status=200, **values):
    """Render a page with the guest's cart count and flash messages."""
    session = request.session
    count = request.larder.carts.count(session.token)
    return bare_page(
        request, name, status, cart_count=count, flash=session.pop("flash", []), **values
    )


def bare_page(request, name, status=200, **values):
    """Render a page without data of the guest."""
    return content(
        request.pages.get_template(name).render(values, status=status).encode(),
        "text/html; charset=utf-8",
        status,
    )


def as_json(document, status=200, content_type="application/json"):
    """Reply with a JSON document."""
    return content(json.dumps(document).encode(), content_type, status)


def content(body, content_type, status=200):
    """Reply with bytes of a content type."""
    headers = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
    return Reply([body], status, headers)


def redirect(location):
    """Redirect the browser to another page: 303 See Other."""
    return Reply([], 303, [("Location", location), ("Content-Length", "0")])


def tag_of(body):
    """Return a strong entity tag for these bytes."""
    return f'"{hashlib.sha1(body, usedforsecurity=False).hexdigest()}"'


def with_tag(request, reply, etag):
    """Add the tag to the reply, and answer 304 if the client has this version."""
    if request.holds(etag):
        kept = [(name, value) for name, value in reply.headers if not name.startswith("Content-")]
        reply = Reply([], 304, kept)
    reply.headers.append(("ETag", etag))
    return reply
