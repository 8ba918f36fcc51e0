"""The template functions h; functions, so that error pages do not load the session."""

import secrets

from tg import app_globals as g
from tg import session


def cart_count():
    """Count the portions in the cart."""
    return g.larder.carts.count(session.id)


def csrf_token():
    """Return the CSRF token of this session's forms, created on first access."""
    if "csrf_token" not in session:
        session["csrf_token"] = secrets.token_hex(16)
        session.save()
    return session["csrf_token"]
