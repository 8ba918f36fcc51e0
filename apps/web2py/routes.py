"""The addresses of the actions; web2py reads this file when it starts.

An entry's pattern is matched against the line "remote address:scheme://host:method path".
"""


def send_static():
    """Serve a static file."""
    # web2py itself serves the files, without models or an action; only the address is defined here.
    return "get", "/static/$file", "static/$file"


ADDRESSES = (
    ("get", "/", "default/show_menu"),
    ("get", "/dishes", "default/search_dishes"),
    ("get", "/dishes/$dish_id", "default/show_dish/$dish_id"),
    ("post", "/dishes/$dish_id/reviews", "default/write_review/$dish_id"),
    ("get|post", "/cart", "default/show_cart"),
    ("post", "/orders", "default/place_order"),
    ("get", "/orders/$code", "default/show_order/$code"),
    ("get|post", "/login", "default/show_sign_in"),
    ("post", "/logout", "default/sign_out"),
    ("get", "/kitchen", "kitchen/show_kitchen"),
    ("post", "/kitchen/orders/$code", "kitchen/move_order/$code"),
    ("post", "/kitchen/dishes/$dish_id/photo", "kitchen/change_photo/$dish_id"),
    ("get", "/photos/$photo", "kitchen/show_photo/$photo"),
    ("get", "/kitchen/orders.csv", "kitchen/export_orders"),
    ("get", "/api/dishes", "api/dishes"),
    ("get|patch", "/api/dishes/$dish_id", "api/dish/$dish_id"),
    ("post", "/api/orders", "api/orders"),
    ("get", "/api/openapi.json", "api/describe_api"),
    ("get", "/about", "default/show_journey"),
    ("get", "/health", "api/report_health"),
    send_static(),
)
# web2py's $name matches only \w+, and $anything also matches dots and slashes.
PARTS = {
    "$code": r"(?P<code>[\w-]+)",
    "$photo": r"(?P<photo>\w+[.](?:png|jpg|webp))",
    "$file": r"(?P<file>[\w/-]+[.]\w+)",
}
EXPLAIN = "/larder/errors/explain"


def line(methods, path):
    """Return the pattern of a whole line; web2py answers HEAD as GET, without the body."""
    path = path.replace(".", "[.]")
    for part, pattern in PARTS.items():
        path = path.replace(part, pattern)
    return f".*://.*:({methods.replace('get', 'get|head')}) {path}"


routes_in = (
    *((line(methods, path), f"/larder/{action}") for methods, path, action in ADDRESSES),
    # The same addresses with any other method, then all other addresses.
    *((line(".*", path), f"{EXPLAIN}/405") for _methods, path, _action in ADDRESSES),
    (".*://.*", f"{EXPLAIN}/404"),
)
routes_out = tuple((line(".*", f"/larder/{action}"), path) for _methods, path, action in ADDRESSES)
routes_onerror = (
    ("larder/500", "/went-wrong"),
    # The application's own error replies stay as they are (modules/problems.py).
    ("larder/*", "!"),
    # Requests that web2py rejects before the application.
    ("*/*", "/went-wrong"),
)
# If that page fails as well.
error_message = "<h1>%s</h1>"
error_message_ticket = "<h1>The kitchen failed.</h1>"
