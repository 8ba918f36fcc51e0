"""Files: those that are served, by TurboGears' static server, and those that are sent."""

from os import SEEK_END

from tg import request


def served_from(files):
    """Let TurboGears' static server answer, for what the path says below its first piece.

    It is asked without conditions: by a date it compares fractions of a second, and refuses one it
    cannot read. WebOb weighs them when the reply leaves.
    """
    inner = request.copy()
    inner.path_info_pop()
    inner.if_modified_since = inner.if_none_match = None
    return inner.get_response(files)


def is_whole(request, file):
    """Whether the form that a file came in goes on to its last boundary.

    The standard library's cgi, with which WebOb parses, takes one that was cut short for whole.
    """
    last_boundary = b"--" + file.outerboundary + b"--"
    body = request.body_file_raw
    body.seek(-len(last_boundary) - len(b"\r\n"), SEEK_END)
    return body.read().rstrip().endswith(last_boundary)
