"""The request: CherryPy's, a little more forgiving where RFC 9110 says so."""

import re

import cherrypy
from cherrypy._cpreqbody import Part
from cherrypy._cprequest import Request

HEADER_LIMIT_BYTES = 8 * 1024
PART_HEADERS_LIMIT_BYTES = 1024  # room for the longest name that a file can have
# One range, and a sound one; anything else is answered with the whole file.
RANGE = re.compile(r"bytes=([0-9]{1,18}-[0-9]{0,18}|-[1-9][0-9]{0,17})")


class LenientRequest(Request):
    """Headers as they are meant; and those that cannot be read are a bad request like any other."""

    refusal = None

    def process_headers(self):
        # CherryPy does not know its configuration yet, and so not the site's page for errors.
        if any(len(value) > HEADER_LIMIT_BYTES for _name, value in self.header_list):
            self.refusal = cherrypy.HTTPError(431)
            return
        try:
            super().process_headers()
        except Exception:  # HTTPError, ValueError, LookupError, TypeError
            self.refusal = cherrypy.HTTPError(400)
        forgive(self.headers)

    def get_resource(self, path):
        super().get_resource(path)
        if self.refusal:
            self.handler = self.refusal


def forgive(headers):
    """Change what CherryPy would take to the letter."""
    if "Accept" in headers:
        headers["Accept"] = headers["Accept"].lower()  # section 8.3.1
    if "Content-Type" in headers:
        kind, semicolon, parameters = headers["Content-Type"].partition(";")
        headers["Content-Type"] = kind.lower() + semicolon + parameters
    if "If-None-Match" in headers:
        headers["If-None-Match"] = headers["If-None-Match"].replace("W/", "")  # 13.1.2: weakly
    if "If-Range" in headers or not RANGE.fullmatch(headers.get("Range", "")):
        headers.pop("Range", None)  # 14.2: a server may ignore it
    headers.pop("Content-Disposition", None)  # of a part or a reply, never of a request


class BriefPart(Part):
    """A part of a form, with short headers."""

    @classmethod
    def read_headers(cls, fp):
        return super().read_headers(BriefReader(fp))


BriefPart.part_class = BriefPart  # and the parts within a part


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
