"""Conditional requests for what is no file resource of Zope's (RFC 9110, section 13)."""

from zope.browserresource.file import etag_matches, parse_etags, quote_etag


def is_held(request, tag):
    """Mark the reply with its tag, and tell whether the guest holds it already: then it is 304."""
    etag = quote_etag(tag)
    request.response.setHeader("ETag", etag)
    tags = parse_etags(request.getHeader("If-None-Match", ""))
    held = etag_matches(etag, [tag.removeprefix("W/") for tag in tags])
    if held:
        request.response.setStatus(304)
    return held
