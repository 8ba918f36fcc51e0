"""The Larder in Falcon: the application, its middleware, its options and its routes."""

import json
import mimetypes

import falcon
from falcon.media import JSONHandler
from falcon.routing import StaticRoute
from jinja2 import Environment, FileSystemLoader

import handlers
import problems
from forms import FormHandler
from middleware import BODY_LIMIT_BYTES, House, Limits
from request import LenientRequest
from session import Sessions
from shared_db import open_larder

# Python 3.11 knows image/webp only if the machine has a mime.types file.
mimetypes.add_type("image/webp", ".webp")


def create_app(settings):
    """Open the larder and return the application."""
    larder = open_larder(settings.database_url, settings.photos_dir)
    pages = Environment(
        loader=FileSystemLoader(settings.pages_dir), autoescape=True, auto_reload=False
    )
    app = falcon.App(
        # Replies pass from the last to the first: the session is stored, then queries are counted.
        middleware=[House(larder, settings), Sessions(larder), Limits()],
        request_type=LenientRequest,
    )
    set_options(app)
    problems.register(app, pages, settings)
    add_routes(app, larder, pages, settings)
    return app


def set_options(app):
    """Set the limits of forms, and how JSON is read and written."""
    app.resp_options.static_media_types[".webp"] = "image/webp"
    as_json = JSONHandler(dumps=json.dumps, loads=load_json)
    app.req_options.media_handlers[falcon.MEDIA_JSON] = as_json
    app.resp_options.media_handlers[falcon.MEDIA_JSON] = as_json
    app.req_options.media_handlers[falcon.MEDIA_URLENCODED] = FormHandler()
    multipart = app.req_options.media_handlers[falcon.MEDIA_MULTIPART].parse_options
    multipart.max_body_part_count = 1_000
    # The larder limits the length of texts.
    multipart.max_body_part_buffer_size = BODY_LIMIT_BYTES


def load_json(text):
    """Decode JSON; a document that is nested too deep for Python is malformed: 400, not 500."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def add_routes(app, larder, pages, settings):
    """Route every address to its resource; a suffix selects the resource's responders."""
    dishes, cart = handlers.Dishes(larder, pages), handlers.Cart(larder, pages)
    door, kitchen = handlers.Door(larder, pages, settings), handlers.Kitchen(larder, pages)
    programs = handlers.ProgramsDishes(larder)
    # Called by resources: add_static_route() would also send the file to a POST.
    photos = StaticRoute("/photos", settings.photos_dir)
    static = StaticRoute("/static", settings.static_dir)
    description = StaticRoute("/api", settings.static_dir)
    app.add_route("/", handlers.Menu(larder, pages))
    app.add_route("/dishes", dishes)
    app.add_route("/dishes/{dish_id}", dishes, suffix="dish")
    app.add_route("/dishes/{dish_id}/reviews", dishes, suffix="review")
    app.add_route("/cart", cart)
    app.add_route("/orders", cart, suffix="order")
    app.add_route("/orders/{code}", handlers.Orders(larder, pages))
    app.add_route("/login", door)
    app.add_route("/logout", door, suffix="out")
    app.add_route("/kitchen", kitchen)
    app.add_route("/kitchen/orders/{code}", kitchen, suffix="order")
    app.add_route("/kitchen/dishes/{dish_id}/photo", kitchen, suffix="photo")
    app.add_route("/photos/{name}", handlers.Photos(photos))
    app.add_route("/kitchen/orders.csv", kitchen, suffix="export")
    app.add_route("/api/dishes", programs)
    app.add_route("/api/dishes/{dish_id}", programs, suffix="dish")
    app.add_route("/api/orders", handlers.ProgramsOrders(larder))
    app.add_route("/api/openapi.json", handlers.Description(description))
    app.add_route("/about", handlers.Journey(larder, pages, settings))
    app.add_route("/health", handlers.Health(larder))
    app.add_route("/static/{name:path}", handlers.Static(static))
