"""Which pages of the site are timed?"""

import secrets

from bench.workers import Page
from shared_db import Larder


def timed_pages(larder: Larder) -> list[Page]:
    """Return the pages, for a guest of this larder who has two dishes in the cart."""
    guest = {"cart": {"1": 2, "7": 1}, "csrf_token": secrets.token_hex(16)}
    known = {"HTTP_COOKIE": f"larder_session={larder.sessions.save(None, guest)}"}
    first = larder.dishes.get(1).name.encode()
    return [
        Page("menu", "/", marker=first),
        Page("search", "/dishes?q=so&course=starter", marker=first),
        Page("dish", "/dishes/1", marker=first, environ=known),
        Page("cart", "/cart", marker=first, environ=known),
        Page("dish as JSON", "/api/dishes/1", marker=first),
        Page("not found", "/nowhere", status=404, marker=b"404"),
    ]
