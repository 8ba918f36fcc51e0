"""The API."""

import json

from applications.larder.modules.conditional import with_tag
from applications.larder.modules.links import address_of
from shared_db.errors import StaleVersionError


@request.restful()
def dishes():
    """Answer at the address of the dishes."""

    def GET(**query):
        """List the dishes for programs."""
        found = larder.dishes.search(query)
        pages = (("prev", found.previous), ("next", found.next))
        links = [
            f'<{address_of("dishes", page)}>; rel="{rel}"'
            for rel, page in pages
            if page is not None
        ]
        response.headers["Link"] = ", ".join(links) or None
        return response.json(found.as_dict())

    return dict(GET=GET)


@request.restful()
def dish():
    """Answer at the address of one dish."""

    def GET(dish_id, /, **query):
        """Show one dish to a program."""
        dish = larder.dishes.get(dish_id)
        return with_tag(response.json(dish.as_dict()), f'"{dish.version}"')

    def PATCH(dish_id, /, **fields):
        """Change a dish by program."""
        scheme, _, token = (request.env.http_authorization or "").partition(" ")
        larder.staff.check_token(token if scheme.lower() == "bearer" else "")
        dish = larder.dishes.get(dish_id)
        versions = request.env.http_if_match
        if not versions:
            raise HTTP(428)
        if versions != "*" and f'"{dish.version}"' not in versions.split(", "):
            raise StaleVersionError
        dish = larder.dishes.change(dish.id, posted_json(), dish.version)
        response.headers["ETag"] = f'"{dish.version}"'
        return response.json(dish.as_dict())

    return dict(GET=GET, PATCH=PATCH)


@request.restful()
def orders():
    """Answer at the address of the orders."""

    def POST(**fields):
        """Place an order by program."""
        key = request.env.http_idempotency_key or None
        order = larder.orders.place_from_json(posted_json(), key)
        response.status = 201
        response.headers["Location"] = URL("default", "show_order", args=order.code)
        return response.json(order.as_dict())

    return dict(POST=POST)


def posted_json():
    """Return the decoded JSON body; answer 415 or 400 to any other body.

    web2py passes only objects to the functions above, and nothing of malformed JSON.
    """
    if request.content_type != "application/json":
        raise HTTP(415)
    try:
        return json.loads(request.body.read())
    except ValueError:
        raise HTTP(400) from None


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
