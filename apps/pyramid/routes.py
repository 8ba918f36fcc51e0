"""The addresses of the site. The views declare the methods."""


def includeme(config):
    """Add the routes; an identifier is a plain segment everywhere."""
    config.add_route("menu", "/")
    config.add_route("dishes", "/dishes")
    config.add_route("dish", "/dishes/{dish_id}")
    config.add_route("reviews", "/dishes/{dish_id}/reviews")
    config.add_route("cart", "/cart")
    config.add_route("orders", "/orders")
    config.add_route("order", "/orders/{code}")
    config.add_route("login", "/login")
    config.add_route("logout", "/logout")
    config.add_route("kitchen", "/kitchen")
    config.add_route("kitchen_order", "/kitchen/orders/{code}")
    config.add_route("kitchen_photo", "/kitchen/dishes/{dish_id}/photo")
    config.add_route("photo", "/photos/{name}")
    config.add_route("export", "/kitchen/orders.csv")
    config.add_route("api_dishes", "/api/dishes")
    config.add_route("api_dish", "/api/dishes/{dish_id}")
    config.add_route("api_orders", "/api/orders")
    config.add_route("openapi", "/api/openapi.json")
    config.add_route("about", "/about")
    config.add_route("health", "/health")
    config.add_route("static", "/static/*subpath")
