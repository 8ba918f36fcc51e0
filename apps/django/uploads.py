"""Multipart forms and their files."""

from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.core.handlers.wsgi import WSGIRequest
from django.http.multipartparser import MultiPartParserError


class UploadRequest(WSGIRequest):
    """Django's request, which would accept a truncated form.

    Django's parser, unlike its request, knows the content type only in lower case.
    """

    @property
    def encoding(self):
        """The charset of queries and forms: None, so that Django decodes them as UTF-8."""
        return None

    @encoding.setter
    def encoding(self, value):
        """Ignore a charset: Django would parse the query here, where no view can reject it."""

    def parse_file_upload(self, META, post_data):
        kind, semicolon, parameters = META["CONTENT_TYPE"].partition(";")
        META = {**META, "CONTENT_TYPE": kind.lower() + semicolon + parameters}
        body = ClosedBody(post_data, self.content_params.get("boundary", ""))
        found = super().parse_file_upload(META, body)
        if not body.is_closed:
            raise MultiPartParserError("The closing boundary is missing.")
        return found


class ClosedBody:
    """A body stream that records whether the closing boundary was read."""

    def __init__(self, stream, boundary):
        self._stream = stream
        self._mark = f"--{boundary}--".encode()
        self._rest = b""
        self.is_closed = False

    def read(self, size):
        """Return at most `size` bytes."""
        piece = self._stream.read(size)
        seen = self._rest + piece
        self.is_closed = self.is_closed or self._mark in seen
        self._rest = seen[-len(self._mark) :]
        return piece


class NamelessFileUploadHandler(TemporaryFileUploadHandler):
    """Django's upload handler, whose file would get any extension that the client sends.

    File systems do not allow an extension of 250 characters.
    """

    def new_file(self, field_name, file_name, *args, **kwargs):
        super().new_file(field_name, "upload", *args, **kwargs)
