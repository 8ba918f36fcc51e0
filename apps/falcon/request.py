"""Falcon's request, which ignores invalid headers where RFC 9110 says so."""

import re

import falcon

RANGE = re.compile("bytes=([0-9]{1,40}-[0-9]{0,40}|-[0-9]{1,40})")


class LenientRequest(falcon.Request):
    """A request with case-insensitive media types that ignores invalid conditions."""

    def __init__(self, env, options=None):
        super().__init__(env, options)
        # Falcon selects the body's handler by the literal type (section 8.3.1).
        kind, semicolon, parameters = (self.content_type or "").partition(";")
        self.content_type = kind.lower() + semicolon + parameters

    @property
    def accept(self):
        return super().accept.lower()

    @property
    def if_modified_since(self):
        # An invalid date must be ignored (13.1.3); Falcon answers 400.
        try:
            return super().if_modified_since
        except falcon.HTTPInvalidHeader:
            return None

    @property
    def range(self):
        # An invalid range may be ignored (14.2), and so may a range that depends on a version
        # (13.1.5). Falcon ignores If-Range, and answers 400 to an invalid range.
        if self.get_header("If-Range") is not None:
            return None
        if not RANGE.fullmatch(self.get_header("Range", default="")):
            return None
        try:
            return super().range
        except falcon.HTTPInvalidHeader:
            return None

    @property
    def range_unit(self):
        return "bytes"  # range is None for any other unit
