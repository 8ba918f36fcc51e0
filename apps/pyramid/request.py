"""Pyramid's request, which answers 400 to invalid input."""

from os import SEEK_END

from pyramid.httpexceptions import HTTPBadRequest
from pyramid.request import Request


class StrictRequest(Request):
    """Answer 400 where errors of WebOb's parsers would cause a 500."""

    @property
    def GET(self):
        try:
            return super().GET
        except UnicodeDecodeError as error:
            raise HTTPBadRequest from error

    @property
    def POST(self):
        try:
            return super().POST
        except Exception as error:  # ValueError, LookupError, even DeprecationWarning
            raise HTTPBadRequest from error

    @property
    def json_body(self):
        try:
            return super().json_body
        except (ValueError, LookupError, RecursionError) as error:
            raise HTTPBadRequest from error


def is_whole(request, file):
    """Return whether the form of a file ends with its last boundary.

    The standard library's cgi, which WebOb uses, accepts a truncated form.
    """
    last_boundary = b"--" + file.outerboundary + b"--"
    body = request.body_file_raw
    body.seek(-len(last_boundary) - len(b"\r\n"), SEEK_END)
    return body.read().rstrip().endswith(last_boundary)
