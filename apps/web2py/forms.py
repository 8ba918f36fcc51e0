"""Forms in parts: web2py's own parser, which also refuses what cannot be read."""

from gluon.contrib.multipart import MultipartError, MultipartParser
from gluon.http import HTTP


class StrictParser(MultipartParser):
    """Web2py would stop at a malformed part, drop the rest and tell nobody: here it is a 400."""

    def __init__(self, stream, boundary, content_length, charset):
        """Leave the form's charset: it has no meaning, as in a form that is not in parts."""
        super().__init__(stream, boundary, content_length)

    def __iter__(self):
        try:
            for part in super().__iter__():
                _ = part.filename or part.value  # a text is decoded here, where errors are caught
                yield part
        except (MultipartError, UnicodeError, LookupError) as error:
            raise HTTP(400) from error
