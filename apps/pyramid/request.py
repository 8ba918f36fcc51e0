"""The request: Pyramid's, where what cannot be read is a bad request."""

from os import SEEK_END

from pyramid.httpexceptions import HTTPBadRequest
from pyramid.request import Request


class StrictRequest(Request):
    """Answer 400 where WebOb's parsers raise whatever they come upon, which would be a 500."""

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
    """Whether the form that a file came in goes on to its last boundary.

    The standard library's cgi, with which WebOb parses, takes one that was cut short for whole.
    """
    last_boundary = b"--" + file.outerboundary + b"--"
    body = request.body_file_raw
    body.seek(-len(last_boundary) - len(b"\r\n"), SEEK_END)
    return body.read().rstrip().endswith(last_boundary)
