"""What templates call as h: functions, so that an error page never asks for the session."""

from tg import app_globals as g
from tg import session


def cart_count():
    """Count the portions in the cart."""
    return g.larder.carts.count(session.token)


def flashed():
    """Return the messages for this page, and forget them."""
    return session.pop("flash", [])
