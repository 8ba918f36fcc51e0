"""Parse forms as browsers write them, always in UTF-8, and reject invalid forms."""

from tempfile import SpooledTemporaryFile
from urllib.parse import parse_qsl

import cherrypy
from cherrypy._cpreqbody import Part, process_multipart

BODY_LIMIT_BYTES = 2 * 1024 * 1024 + 64 * 1024
PART_HEADERS_LIMIT_BYTES = 1024  # enough for the longest possible file name
FILE_MEMORY_BYTES = 64 * 1024
# The errors that CherryPy's body parsers raise for an invalid body.
UNREADABLE = (ValueError, LookupError, EOFError, RecursionError, UnboundLocalError)


def process_urlencoded(entity):
    """Parse an urlencoded form; CherryPy's parser loses percent signs and splits at semicolons."""
    text = entity.fp.read().decode()
    entity.params.update(parse_qsl(text, keep_blank_values=True))


def process_form_data(entity):
    """Parse a multipart form; the last value of a repeated field counts."""
    entity.fp = LastLineReader(entity.fp)
    process_multipart(entity)
    boundary = entity.content_type.params["boundary"].strip('"')
    if entity.fp.last.strip() != f"--{boundary}--".encode():
        raise EOFError("the closing boundary is missing")
    for part in entity.parts:
        if part.name:
            entity.params[part.name] = part.fullvalue() if part.filename is None else part


class LastLineReader:
    """A reader that stores the last line: CherryPy accepts a form without its final boundary."""

    def __init__(self, fp):
        self._fp = fp
        self.last = b""

    def readline(self, size=None):
        """Return the next line, or b"" at the end."""
        line = self._fp.readline(size)
        self.last = line or self.last
        return line

    def __getattr__(self, name):
        return getattr(self._fp, name)


class PlainPart(Part):
    """A part of a form, with limited headers, and text in UTF-8 whatever its declared type."""

    processors = {}  # only default_proc: a form within a part is not parsed

    @classmethod
    def read_headers(cls, fp):
        return super().read_headers(BriefReader(fp))

    def decode_entity(self, value):
        return value.decode()

    def make_file(self):
        # A small part stays in memory; a large one becomes a file.
        return SpooledTemporaryFile(FILE_MEMORY_BYTES)


class BriefReader:
    """The header lines of a part, with a limit."""

    def __init__(self, fp):
        self._fp = fp
        self._left_bytes = PART_HEADERS_LIMIT_BYTES

    def readline(self):
        """Return the next line. Raise ValueError after the limit."""
        line = self._fp.readline()
        self._left_bytes -= len(line)
        if self._left_bytes < 0:
            raise ValueError("too many headers")
        return line


@cherrypy.tools.register("on_start_resource", priority=80)
def prepare_body():
    """Reject a body that is too large before reading it, and select the body processors."""
    body = cherrypy.request.body
    if body.length > BODY_LIMIT_BYTES:
        raise cherrypy.HTTPError(413)
    body.processors = {
        "application/x-www-form-urlencoded": process_urlencoded,
        "multipart/form-data": process_form_data,
    }


@cherrypy.tools.register("before_request_body", priority=95)
def read_body():
    """Process the body; CherryPy would answer 500 to an invalid body."""
    request = cherrypy.request
    if request.process_request_body:
        request.process_request_body = False
        request.params.clear()  # query parameters are not form fields
        with cherrypy.HTTPError.handle(UNREADABLE, 400):
            request.body.process()


@cherrypy.tools.register("before_handler", priority=10)
def keep_texts():
    """Pass the text fields to the handlers; files stay in request.body.params."""
    params = cherrypy.request.params.items()
    texts = {name: value for name, value in params if isinstance(value, str)}
    texts.pop("self", None)  # a handler's argument has this name already
    cherrypy.request.params = texts
