"""The values that the layout needs on every page."""

from django.conf import settings

from larder import larder


def cart_count(request):
    """Return the number of portions in the guest's cart."""
    return {"cart_count": larder.carts.count(request.session.session_key)}


def framework(request):
    """Return the name and version of the framework, for the footer."""
    return {"framework": settings.SITE.framework}
