"""What templates call as h: functions, so that an error page never asks for the session."""

from tg import session


def cart_count():
    """Count the portions in the cart."""
    return sum(session.get("cart", {}).values())


def flashed():
    """Return the messages for this page, and forget them."""
    return session.pop("flash", [])
