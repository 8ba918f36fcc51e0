"""The template functions h; functions, so that error pages do not load the session."""

from tg import app_globals as g
from tg import session


def cart_count():
    """Count the portions in the cart."""
    return g.larder.carts.count(session.token)


def flashed():
    """Return the messages for this page, and delete them."""
    return session.pop("flash", [])
