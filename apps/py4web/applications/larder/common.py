"""What the controllers have in common: the larder, the fixtures, and how a request is read."""

import json
import mimetypes

from ombott import default_app
from py4web import URL, Condition, abort, action, redirect, request
from py4web.utils.factories import Inject

from workplace import given

from .fixtures import MOST_FIELDS, FormKey, SessionFlash, Tagged
from .problems import Problems, explain
from .session import LarderSession

BODY_LIMIT_BYTES = 2 * 1024 * 1024 + 64 * 1024
# Forms over this are refused, uploads over it go to a temporary file.
MEMORY_LIMIT_BYTES = 256 * 1024

larder, settings = given["larder"], given["settings"]
# Not every Python knows it, and a file whose type is not known leaves ombott as text/html.
mimetypes.add_type("image/webp", ".webp")

problems = Problems()
session = LarderSession(storage=larder.sessions, name="larder_session")
flash = SessionFlash(session)
forms = FormKey(session)
tagged = Tagged()
staff = Condition(
    lambda: "staff_id" in session,
    on_false=lambda: redirect(URL("login", vars={"next": URL("kitchen")})),
)


def page(template, *fixtures):
    """Return the fixtures of a page; those before the template see it as text."""
    return action.uses(problems, template, session, flash, Inject(session=session), *fixtures)


def one_each(values):
    """Return the last value of each name: ombott makes a list of a name that came twice."""
    return {name: v[-1] if isinstance(v, list) else v for name, v in values.items()}


def posted_json():
    """Return the decoded JSON body; 415 or 400 when it is something else.

    request.json would do for objects, but is None for nothing as for null, and small.
    """
    if request.ctype[0] != "application/json":
        abort(415)
    try:
        return json.load(request.body)
    except (ValueError, RecursionError):
        abort(400)


def refuse_unreadable():
    """Refuse a body over the limit before any of it is read, and what ombott would trip over."""
    length = request.environ.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdecimal()):
        abort(400)
    if int(length) > BODY_LIMIT_BYTES:
        abort(413)
    if request.query_string.count("&") > MOST_FIELDS:
        abort(400)
    # To ombott's router slashes around an address are nothing.
    path = request.environ["PATH_INFO"]
    if path.strip("/") != path[1:]:
        abort(404)


ombott = default_app()
ombott.setup({"max_memfile_size": MEMORY_LIMIT_BYTES})
ombott.add_hook("before_request", refuse_unreadable)
ombott.default_error_handler = explain
ombott.error(404)(explain)  # instead of py4web's own
