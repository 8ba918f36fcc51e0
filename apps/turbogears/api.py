"""The API: /api and the addresses below it."""

import tg
from tg import RestController, TGController, abort, etag_cache, expose, request, response, validate
from tg import app_globals as g

from files import served_from
from problems import no_such_dish
from shared_db.errors import StaleVersionError


class ApiDishesController(RestController):
    """The dishes of the API."""

    @expose("json")
    def get_all(self, **query):
        """List the dishes for programs."""
        found = g.larder.dishes.search(query)
        for rel, page in (("prev", found.previous), ("next", found.next)):
            if page is not None:
                address = tg.url("/api/dishes", page)
                response.headers.add("Link", f'<{address}>; rel="{rel}"')
        return found.as_dict()

    @expose("json")
    @validate(error_handler=no_such_dish)
    def get_one(self, dish_id: int):
        """Show one dish to a program."""
        return dish_document(g.larder.dishes.get(dish_id))

    @expose("json")
    @validate(error_handler=no_such_dish)
    def patch(self, dish_id: int):
        """Change a dish by program."""
        scheme, token = request.authorization or ("", "")
        g.larder.staff.check_token(token if scheme == "Bearer" else "")
        dish = g.larder.dishes.get(dish_id)
        if not request.headers.get("If-Match"):
            abort(428)
        if str(dish.version) not in request.if_match:
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
    except ValueError:
        abort(400)
