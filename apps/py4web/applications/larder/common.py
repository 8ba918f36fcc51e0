"""The shared objects of the controllers: larder, fixtures, and functions to read requests."""

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
# Some versions of Python do not know this type, and ombott sends unknown types as text/html.
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
    """Return the fixtures of a page; those before the template get it as text."""
    shown = Inject(session=session, cart_count=count_cart, address=address)
    return action.uses(problems, template, session, flash, shown, *fixtures)


def count_cart():
    """Return the number of portions in the guest's cart."""
    return larder.carts.count(session.sent_token)


def address(path, query):
    """Return an address with a query; URL() does not encode all characters."""
    return f"{URL(path)}?{urlencode(query)}"


def posted_json():
    """Return the decoded JSON body; answer 415 or 400 to any other body.

    request.json is None without a body and for null, and its size is limited.
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
ombott.error(404)(explain)  # instead of py4web's own handler
