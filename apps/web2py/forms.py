"""Multipart forms: web2py's own parser, which also rejects invalid forms."""

from gluon.contrib.multipart import MultipartError, MultipartParser
from gluon.http import HTTP


class StrictParser(MultipartParser):
    """A parser that answers 400 to a malformed part; web2py would silently drop the rest."""

    def __init__(self, stream, boundary, content_length, charset):
        """Ignore the form's charset, which has no meaning, as in an urlencoded form."""
        super().__init__(stream, boundary, content_length)

    def __iter__(self):
        try:
            for part in super().__iter__():
                _ = part.filename or part.value  # decode the text here, where errors are caught
                yield part
        except (MultipartError, UnicodeError, LookupError) as error:
            raise HTTP(400) from error
