"""The shared objects of the controllers: the larder, the settings and the fixtures."""

import mimetypes

from ombott import default_app
from py4web import URL, Condition, Flash, redirect, request
from py4web.utils.factories import Inject

from workplace import given

from .fixtures import NotStored, Problems, Tagged
from .hardening import harden
from .problems import explain
from .session import NAME, LarderSession, LarderStorage

# Some versions of Python do not know this type, and ombott sends unknown types as text/html.
mimetypes.add_type("image/webp", ".webp")


def known_token():
    """Return the token of the session that the browser sent, or None; a new one has no cart."""
    return session.get("uuid") if request.get_cookie(NAME) else None


larder, settings = given["larder"], given["settings"]
problems = Problems()
session = LarderSession(storage=LarderStorage(larder.sessions), name=NAME)
flash = Flash()
layout = Inject(
    session=session,
    cart_count=lambda: larder.carts.count(known_token()),
    framework=settings.framework,
)
tagged = Tagged()
not_stored = NotStored()
staff = Condition(
    lambda: "staff_id" in session,
    on_false=lambda: redirect(URL("login", vars={"next": URL("kitchen")})),
)

ombott = default_app()
ombott.setup({"max_body_size": 2 * 1024 * 1024 + 64 * 1024})  # a photo of 2 MiB, and its form
for status in settings.problems:
    ombott.error(status)(explain)
if settings.hardened:
    harden(ombott)
