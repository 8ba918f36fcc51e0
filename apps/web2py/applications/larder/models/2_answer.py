"""The code around every action: limits before it, and error replies after it."""

from gluon.storage import Storage

from problems import STATUS_OF_ERROR
from shared_db.errors import LarderError

BODY_LIMIT_BYTES = 2 * 1024 * 1024 + 64 * 1024


def check_body():
    """Reject a body over the limit before reading it."""
    # The site does not show the progress of uploads, so web2py need not record it.
    request.get_vars.pop("X-Progress-ID", None)
    length = request.env.content_length or "0"
    if length.isdecimal() and int(length) <= BODY_LIMIT_BYTES:
        return
    # web2py reads an unused body only to close it.
    request.env.pop("CONTENT_LENGTH")
    raise HTTP(413 if length.isdecimal() else 400)


def tell(status, detail=None, fields=None, **headers):
    """Return the error reply: an HTML page, or problem+json under /api."""
    response.status = status
    response.headers = headers
    sentence = detail or settings.problems.get(status) or settings.problems[400]
    problem = dict(status=status, title=settings.phrase(status), detail=sentence)
    if not request.env.larder_programs:
        response.view = "errors/explain.html"
        return dict(problem, session=Storage())  # this page shows no data of the guest
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    response.headers["Content-Type"] = "application/problem+json"
    faults = dict(errors=fields) if fields else {}
    return response.json(dict(type="about:blank", **problem, **faults))


def answer(action):
    """Call the action, and convert its error to the error reply."""
    try:
        check_body()
        check_formkey()
        return action()
    except LarderError as error:
        if type(error) not in STATUS_OF_ERROR:
            raise
        return tell(STATUS_OF_ERROR[type(error)], str(error), getattr(error, "fields", None))
    except HTTP as refusal:
        if refusal.status < 400:
            raise
        return tell(refusal.status)
    finally:
        # Without this, web2py forbids caches to store any page.
        response.headers.setdefault("Cache-Control", "private, no-cache")


# web2py calls every action through this function.
response._caller = answer
