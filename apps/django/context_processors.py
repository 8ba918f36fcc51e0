"""What the layout needs on every page."""


def cart_count(request):
    """Return the number of portions in the guest's cart."""
    return {"cart_count": sum(request.session.get("cart", {}).values())}
