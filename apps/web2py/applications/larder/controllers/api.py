"""The API."""

from conditional import is_held, matches, with_tag
from shared_db.errors import StaleVersionError


def list_dishes():
    """List the dishes for programs."""
    found = larder.dishes.search(one_each(request.get_vars))
    pages = (("prev", found.previous), ("next", found.next))
    links = [
        f'<{address_of(query, "list_dishes")}>; rel="{rel}"'
        for rel, query in pages
        if query is not None
    ]
    response.headers["Link"] = ", ".join(links) or None
    return response.json(found.as_dict())


def show_dish_to_program():
    """Show one dish to a program."""
    dish = larder.dishes.get(request.args(0))
    return with_tag(response.json(dish.as_dict()), f'"{dish.version}"')


def place_order_by_program():
    """Place an order by program."""
    key = request.env.http_idempotency_key or None
    order = larder.orders.place_from_json(posted_json(), key)
    response.status = 201
    response.headers["Location"] = URL("default", "show_order", args=order.code)
    return response.json(order.as_dict())


def change_dish():
    """Change a dish by program."""
    scheme, _, token = (request.env.http_authorization or "").partition(" ")
    larder.staff.check_token(token.strip() if scheme.lower() == "bearer" else "")
    dish = larder.dishes.get(request.args(0))
    versions = request.env.http_if_match
    if not versions:
        raise HTTP(428)
    if not matches(versions, tag := f'"{dish.version}"') or is_held(tag):
        raise StaleVersionError()
    dish = larder.dishes.change(dish.id, posted_json(), dish.version)
    response.headers["ETag"] = f'"{dish.version}"'
    return response.json(dish.as_dict())


def describe_api():
    """Describe the programs' side."""
    return response.stream(str(settings.static_dir / "openapi.json"))


def report_health():
    """Report health."""
    try:
        larder.check()
    except Exception:
        response.status = 503
        return response.json(dict(status="down"))
    return response.json(dict(status="ok"))
