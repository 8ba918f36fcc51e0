"""Files, served by TurboGears' static server."""

from tg import request


def served_from(files):
    """Answer by TurboGears' static server with the path below the first segment.

    WebOb decides whether the guest has the file: the static server compares fractions of a second.
    """
    inner = request.copy()
    inner.path_info_pop()
    reply = inner.get_response(files)
    reply.conditional_response = True
    return reply
