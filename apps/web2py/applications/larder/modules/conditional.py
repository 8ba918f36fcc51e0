"""Conditional requests with entity tags, which web2py lacks."""

from gluon import HTTP, current


def with_tag(body, etag):
    """Return the body and set its tag; raise a 304 if the client has this version."""
    headers = current.response.headers
    if current.request.env.http_if_none_match == etag:
        raise HTTP(304, ETag=etag, Vary=headers.get("Vary"))
    headers["ETag"] = etag
    return body
