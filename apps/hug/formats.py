"""The output formats of the replies."""

from hashlib import sha1
from pathlib import Path

import falcon
import hug


def matches(etag, tags):
    """Return whether a condition names this version; an asterisk stands for any version."""
    return bool(tags) and ("*" in tags or etag in tags)


def mark_version(request, response, etag):
    """Set the reply's entity tag, and answer 304 if the client has this version."""
    response.etag = etag
    if matches(etag, request.if_none_match):
        response.status = falcon.HTTP_304


@hug.format.content_type("text/html; charset=utf-8")
def page(content, request, response):
    """A page by name and values, with the guest's cart count and flash messages."""
    name, values = content
    session = request.context["session"]
    count = request.context["larder"].carts.count(session.token)
    flash = session.pop("flash", [])
    template = request.context["pages"].get_template(name)
    return template.render(cart_count=count, flash=flash, **values).encode()


@hug.format.content_type(page.content_type)
def tagged_page(content, request, response):
    """A page with an entity tag computed from its bytes."""
    body = page(content, request, response)
    mark_version(request, response, sha1(body, usedforsecurity=False).hexdigest())
    return body


@hug.format.content_type("application/json")  # hug's format adds a charset
def json(content):
    """JSON."""
    return hug.output_format.json(content)


@hug.format.content_type("text/csv; charset=utf-8")
def csv(texts):
    """Comma-separated values, streamed."""
    return Pieces(texts)


class Pieces:
    """A file-like object of texts; hug streams objects with read(), but no generators."""

    def __init__(self, texts):
        self._texts = texts

    def read(self, size):
        """Return the next piece of any size, or nothing at the end."""
        return next(self._texts, "").encode()

    def close(self):
        """Close the iterator, which ends its queries."""
        self._texts.close()


@hug.format.content_type("application/octet-stream")
def file(path, request, response):
    """A file with an entity tag, by which browsers know their copy."""
    facts = Path(path).stat()
    opened = hug.output_format.file(path, response=response)
    mark_version(request, response, f"{facts.st_mtime_ns:x}-{facts.st_size:x}")
    return opened
