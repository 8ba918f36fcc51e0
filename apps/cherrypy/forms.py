"""Forms: read as browsers write them, always in UTF-8, and refused if they make no sense."""

from tempfile import SpooledTemporaryFile
from urllib.parse import parse_qsl

import cherrypy
from cherrypy._cpreqbody import Part, process_multipart

BODY_LIMIT_BYTES = 2 * 1024 * 1024 + 64 * 1024
PART_HEADERS_LIMIT_BYTES = 1024  # room for the longest name that a file can have
FILE_MEMORY_BYTES = 64 * 1024
# What CherryPy's body parsers raise on a body that makes no sense.
UNREADABLE = (ValueError, LookupError, EOFError, RecursionError, UnboundLocalError)


def process_urlencoded(entity):
    """Read a form in CherryPy's place, which loses percent signs and splits at semicolons."""
    text = entity.fp.read().decode()
    entity.params.update(parse_qsl(text, keep_blank_values=True))


def process_form_data(entity):
    """Read a form in parts; of a repeated field the last counts."""
    entity.fp = LastLineReader(entity.fp)
    process_multipart(entity)
    boundary = entity.content_type.params["boundary"].strip('"')
    if entity.fp.last.strip() != f"--{boundary}--".encode():
        raise EOFError("the closing boundary is missing")
    for part in entity.parts:
        if part.name:
            entity.params[part.name] = part.fullvalue() if part.filename is None else part


class LastLineReader:
    """A reader that keeps the last line: to CherryPy the end of the body is a form's end, too."""

    def __init__(self, fp):
        self._fp = fp
        self.last = b""

    def readline(self, size=None):
        """Return the next line, b"" at the end."""
        line = self._fp.readline(size)
        self.last = line or self.last
        return line

    def __getattr__(self, name):
        return getattr(self._fp, name)


class PlainPart(Part):
    """A part of a form: with short headers, and a text in UTF-8 whatever type it claims."""

    processors = {}  # none but default_proc: a form within a part is no form

    @classmethod
    def read_headers(cls, fp):
        return super().read_headers(BriefReader(fp))

    def decode_entity(self, value):
        return value.decode()

    def make_file(self):
        # A small part stays in memory; a large one becomes a file.
        return SpooledTemporaryFile(FILE_MEMORY_BYTES)


class BriefReader:
    """The lines of a part's headers, as long as they are few."""

    def __init__(self, fp):
        self._fp = fp
        self._left_bytes = PART_HEADERS_LIMIT_BYTES

    def readline(self):
        """Return the next line; ValueError when there have been enough."""
        line = self._fp.readline()
        self._left_bytes -= len(line)
        if self._left_bytes < 0:
            raise ValueError("too many headers")
        return line


@cherrypy.tools.register("on_start_resource", priority=80)
def prepare_body():
    """Refuse a body that is too large before reading any of it, and say how to read the others."""
    body = cherrypy.request.body
    if body.length > BODY_LIMIT_BYTES:
        raise cherrypy.HTTPError(413)
    body.processors = {
        "application/x-www-form-urlencoded": process_urlencoded,
        "multipart/form-data": process_form_data,
    }


@cherrypy.tools.register("before_request_body", priority=95)
def read_body():
    """Read the body in CherryPy's place, to which one that makes no sense is a failure: 500."""
    request = cherrypy.request
    if request.process_request_body:
        request.process_request_body = False
        request.params.clear()  # what is in the query is no field of a form
        with cherrypy.HTTPError.handle(UNREADABLE, 400):
            request.body.process()


@cherrypy.tools.register("before_handler", priority=10)
def keep_texts():
    """Give handlers the fields that are texts; a file stays in request.body.params."""
    params = cherrypy.request.params.items()
    texts = {name: value for name, value in params if isinstance(value, str)}
    texts.pop("self", None)  # a handler has an argument of that name already
    cherrypy.request.params = texts
