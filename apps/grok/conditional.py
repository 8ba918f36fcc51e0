"""Conditional requests for replies that are not Zope's file resources (RFC 9110, section 13)."""

from zope.browserresource.file import etag_matches, parse_etags, quote_etag


def is_held(request, tag):
    """Set the reply's tag. Return whether the client has this version: then the status is 304."""
    etag = quote_etag(tag)
    request.response.setHeader("ETag", etag)
    tags = parse_etags(request.getHeader("If-None-Match", ""))
    held = etag_matches(etag, [tag.removeprefix("W/") for tag in tags])
    if held:
        request.response.setStatus(304)
    return held
