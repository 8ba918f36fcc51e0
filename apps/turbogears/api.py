"""The API: /api and the addresses below it."""

import tg
from tg import TGController, abort, etag_cache, expose, request, response
from tg import app_globals as g

from files import served_from
from rest import Resource
from shared_db.errors import StaleVersionError


class ApiDishesController(Resource):
    """The dishes of the API."""

    @expose("json")
    def get_all(self):
        """List the dishes for programs."""
        found = g.larder.dishes.search(request.GET)
        for rel, query in (("prev", found.previous), ("next", found.next)):
            if query is not None:
                address = tg.url("/api/dishes", query)
                response.headers.add("Link", f'<{address}>; rel="{rel}"')
        return found.as_dict()

    @expose("json")
    def get_one(self, dish_id):
        """Show one dish to a program."""
        return dish_document(g.larder.dishes.get(dish_id))

    @expose("json")
    def patch(self, dish_id):
        """Change a dish by program."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        g.larder.staff.check_token(token.strip() if scheme.lower() == "bearer" else "")
        dish = g.larder.dishes.get(dish_id)
        if not request.headers.get("If-Match"):
            abort(428)
        version = str(dish.version)
        if version not in request.if_match or version in request.if_none_match:
            raise StaleVersionError
        changed = g.larder.dishes.change(dish.id, sent_document(), dish.version)
        response.etag = str(changed.version)
        return changed.as_dict()


class ApiController(TGController):
    """The root of the API."""

    dishes = ApiDishesController()

    @expose("json", allowed_methods=["POST"])
    def orders(self):
        """Place an order by program."""
        key = request.headers.get("Idempotency-Key") or None
        order = g.larder.orders.place_from_json(sent_document(), key)
        response.status = 201
        response.location = tg.url(f"/orders/{order.code}")
        return order.as_dict()

    @expose(allowed_methods=["GET"])
    def openapi_json(self):
        """Describe the programs' side."""
        return served_from(g.static_files)


def dish_document(dish):
    """Return a dish for JSON, or answer 304 if the client has this version."""
    etag_cache(str(dish.version))
    return dish.as_dict()


def sent_document():
    """Return the JSON of the request; raise an HTTP error if its type is not JSON."""
    if request.content_type != "application/json":
        abort(415)
    try:
        return request.json_body
    except (ValueError, LookupError, RecursionError):
        abort(400)
