"""What the controllers have in common: the larder, the fixtures, and how a request is read."""

import json
import mimetypes
from urllib.parse import urlencode

from ombott import default_app
from py4web import URL, Condition, abort, action, redirect, request
from py4web.utils.factories import Inject

from workplace import given

from .fixtures import FormKey, NotStored, SessionFlash, Tagged
from .hardening import MEMORY_LIMIT_BYTES, ignore_conditions, read_query, refuse_unreadable
from .problems import Problems, explain
from .session import LarderSession

larder, settings = given["larder"], given["settings"]
# Not every Python knows it, and a file whose type is not known leaves ombott as text/html.
mimetypes.add_type("image/webp", ".webp")

problems = Problems()
session = LarderSession(storage=larder.sessions, name="larder_session")
flash = SessionFlash(session)
forms = FormKey(session)
tagged = Tagged()
not_stored = NotStored()
staff = Condition(
    lambda: "staff_id" in session,
    on_false=lambda: redirect(URL("login", vars={"next": URL("kitchen")})),
)


def page(template, *fixtures):
    """Return the fixtures of a page; those before the template see it as text."""
    shown = Inject(session=session, cart_count=count_cart, address=address)
    return action.uses(problems, template, session, flash, shown, *fixtures)


def count_cart():
    """Return the number of portions in the guest's cart."""
    return larder.carts.count(session.sent_token)


def address(path, query):
    """Return an address with a query, of which URL() would leave some signs as they are."""
    return f"{URL(path)}?{urlencode(query)}"


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


ombott = default_app()
ombott.setup({"max_memfile_size": MEMORY_LIMIT_BYTES})
for hook in (refuse_unreadable, read_query, ignore_conditions):
    ombott.add_hook("before_request", hook)
ombott.default_error_handler = explain
ombott.error(404)(explain)  # instead of py4web's own
