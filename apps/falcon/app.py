"""The Larder in Falcon: the application, its middleware, its options and its routes."""

import falcon
from falcon.routing import StaticRoute
from jinja2 import Environment, FileSystemLoader

import handlers
import problems
from forms import Forms
from hardening import harden
from middleware import House
from session import Sessions
from shared_db import open_larder

# Production: Falcon has no debug mode, and writes tracebacks, nothing else, to the server's log:
# https://falcon.readthedocs.io/en/stable/api/errors.html


def create_app(settings):
    """Open the larder and return the application."""
    larder = open_larder(settings.database_url, settings.photos_dir)
    # Templates are compiled once, and not looked at again:
    # https://jinja.palletsprojects.com/en/stable/api/#jinja2.Environment
    pages = Environment(
        loader=FileSystemLoader(settings.pages_dir), autoescape=True, auto_reload=False
    )
    pages.globals["framework"] = settings.framework
    # Falcon takes the classes of requests and routers as arguments: no call can change them later.
    make_app = harden if settings.hardened else falcon.App
    # Replies pass from the last to the first: the session is stored, then queries are counted.
    app = make_app(middleware=[House(larder, settings), Sessions(larder), Forms()])
    app.resp_options.static_media_types[".webp"] = "image/webp"
    multipart = app.req_options.media_handlers[falcon.MEDIA_MULTIPART].parse_options
    multipart.max_body_part_buffer_size = 2 * 1024 * 1024 + 64 * 1024  # a photo may have 2 MiB
    problems.register(app, pages, settings)
    add_routes(app, larder, pages, settings)
    return app


def add_routes(app, larder, pages, settings):
    """Route every address to its resource; a suffix selects the resource's responders."""
    dishes, cart = handlers.Dishes(larder, pages), handlers.Cart(larder, pages)
    door, kitchen = handlers.Door(larder, pages, settings), handlers.Kitchen(larder, pages)
    programs = handlers.ProgramsDishes(larder)
    # Called by resources: add_static_route() would also send the file to a PUT.
    photos = StaticRoute("/photos", settings.photos_dir)
    static = StaticRoute("/static", settings.static_dir)
    description = StaticRoute("/api", settings.static_dir)
    app.add_route("/", handlers.Menu(larder, pages))
    app.add_route("/dishes", dishes)
    app.add_route("/dishes/{dish_id:int}", dishes, suffix="dish")
    app.add_route("/dishes/{dish_id:int}/reviews", dishes, suffix="review")
    app.add_route("/cart", cart)
    app.add_route("/orders", cart, suffix="order")
    app.add_route("/orders/{code}", handlers.Orders(larder, pages))
    app.add_route("/login", door)
    app.add_route("/logout", door, suffix="out")
    app.add_route("/kitchen", kitchen)
    app.add_route("/kitchen/orders/{code}", kitchen, suffix="order")
    app.add_route("/kitchen/dishes/{dish_id:int}/photo", kitchen, suffix="photo")
    app.add_route("/photos/{name}", handlers.Photos(photos))
    app.add_route("/kitchen/orders.csv", kitchen, suffix="export")
    app.add_route("/api/dishes", programs)
    app.add_route("/api/dishes/{dish_id:int}", programs, suffix="dish")
    app.add_route("/api/orders", handlers.ProgramsOrders(larder))
    app.add_route("/api/openapi.json", handlers.Description(description))
    app.add_route("/about", handlers.Journey(larder, pages))
    app.add_route("/health", handlers.Health(larder))
    app.add_route("/static/{name:path}", handlers.Static(static))
