"""The addresses of the site. The views declare the methods."""


class IntegersPredicate:
    """Convert segments to integers, as Pyramid's chapter on URL dispatch shows."""

    def __init__(self, names, info):
        self.names = names

    def text(self):
        return f"integers = {self.names}"

    phash = text

    def __call__(self, info, request):
        """Convert the segments, and let the route match."""
        match = info["match"]
        for name in self.names:
            match[name] = int(match[name])
        return True


def includeme(config):
    """Serve a static file."""
    static_dir = config.registry.settings["site"].static_dir
    config.add_static_view("static", str(static_dir))
    config.include(add_routes)


def add_routes(config):
    """Add the routes of the views."""
    dish = r"{dish_id:\d+}"
    config.add_route_predicate("integers", IntegersPredicate)
    config.add_route("menu", "/")
    config.add_route("dishes", "/dishes")
    config.add_route("dish", f"/dishes/{dish}", integers=("dish_id",))
    config.add_route("reviews", f"/dishes/{dish}/reviews", integers=("dish_id",))
    config.add_route("cart", "/cart")
    config.add_route("orders", "/orders")
    config.add_route("order", "/orders/{code}")
    config.add_route("login", "/login")
    config.add_route("logout", "/logout")
    config.add_route("kitchen", "/kitchen")
    config.add_route("kitchen_order", "/kitchen/orders/{code}")
    config.add_route("kitchen_photo", f"/kitchen/dishes/{dish}/photo", integers=("dish_id",))
    config.add_route("photo", "/photos/{name}")
    config.add_route("export", "/kitchen/orders.csv")
    config.add_route("api_dishes", "/api/dishes")
    config.add_route("api_dish", f"/api/dishes/{dish}", integers=("dish_id",))
    config.add_route("api_orders", "/api/orders")
    config.add_route("openapi", "/api/openapi.json")
    config.add_route("about", "/about")
    config.add_route("health", "/health")
