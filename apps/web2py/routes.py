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
    ("post", "/cart", "default/put_in_cart"),
    ("get", "/cart", "default/show_cart"),
    ("post", "/orders", "default/place_order"),
    ("get", "/orders/$code", "default/show_order/$code"),
    ("get", "/login", "default/show_sign_in"),
    ("post", "/login", "default/sign_in"),
    ("post", "/logout", "default/sign_out"),
    ("get", "/kitchen", "kitchen/show_kitchen"),
    ("post", "/kitchen/orders/$code", "kitchen/move_order/$code"),
    ("post", "/kitchen/dishes/$dish_id/photo", "kitchen/change_photo/$dish_id"),
    ("get", "/photos/$photo", "kitchen/show_photo/$photo"),
    ("get", "/kitchen/orders.csv", "kitchen/export_orders"),
    ("get", "/api/dishes", "api/list_dishes"),
    ("get", "/api/dishes/$dish_id", "api/show_dish_to_program/$dish_id"),
    ("post", "/api/orders", "api/place_order_by_program"),
    ("patch", "/api/dishes/$dish_id", "api/change_dish/$dish_id"),
    ("get", "/api/openapi.json", "api/describe_api"),
    ("get", "/about", "default/show_journey"),
    ("get", "/health", "api/report_health"),
    send_static(),
)
# web2py's $name matches only \w+, and $anything only .*. No part may contain a percent sign
# or a backslash: web2py decodes the path again, and replaces a backslash by a slash.
PARTS = {
    "$code": r"(?P<code>[\w.-]+)",
    "$dish_id": r"(?P<dish_id>[\w.-]+)",
    "$photo": r"(?P<photo>[0-9a-f]{32}\.(?:png|jpg|webp))",
    "$file": r"(?P<file>(?!.*\.\.)\w[\w./-]*\b)",
}
EXPLAIN = "/larder/errors/explain"


def line(method, path):
    """Return the pattern of a whole line: any client, scheme and host; this method and path."""
    path = path.replace(".", "[.]")
    for part, pattern in PARTS.items():
        path = path.replace(part, pattern)
    return rf"^[^/]*://[^:]*:{method} {path}\Z"


def facts(path):
    """Return the environ entries that an address adds to its requests."""
    methods = [method.upper() for method, address, _action in ADDRESSES if address == path]
    allow = sorted([*methods, "HEAD"] if "GET" in methods else methods)
    return {"larder.allow": ", ".join(allow), "larder.programs": path.startswith("/api/")}


def by_method(method):
    """Return the pattern of a method; web2py answers HEAD as GET, without the body."""
    return "(get|head)" if method == "get" else method


routes_in = (
    *(
        (line(by_method(method), path), f"/larder/{action}", facts(path))
        for method, path, action in ADDRESSES
    ),
    # The same addresses with any other method, then all other addresses.
    *((line("[^ ]*", path), f"{EXPLAIN}/405", facts(path)) for _method, path, _action in ADDRESSES),
    (line("[^ ]*", "/api/$anything"), f"{EXPLAIN}/404", {"larder.programs": True}),
    (line("[^ ]*", "/went-wrong"), EXPLAIN),
    ("^.*://.*$", f"{EXPLAIN}/404"),
)
routes_out = tuple(
    (line("[^ ]*", f"/larder/{action}"), path) for _method, path, action in ADDRESSES
)
routes_onerror = (
    ("larder/500", "/went-wrong"),
    # The application's own error replies stay as they are (models/2_answer.py).
    ("larder/*", "!"),
    # Requests that web2py rejects before the application: static files, odd addresses.
    ("*/*", "/went-wrong"),
)
# If that page fails as well.
error_message = "<h1>%s</h1>"
error_message_ticket = "<h1>The kitchen failed.</h1>"
