"""The Larder in hug: the API of handlers.py, with middleware around it and Falcon below it."""

import quiet  # noqa: F401  # stands first for what it does

# isort: split
import mimetypes
import traceback

import falcon
import hug
from jinja2 import Environment, FileSystemLoader

import handlers
import problems
from middleware import Arguments, House, Limits
from session import Sessions
from shared_db import open_larder

# On Python 3.11 image/webp is known only where the machine has a mime.types file.
mimetypes.add_type("image/webp", ".webp")


def create_app(settings):
    """Open the larder and return the application; like every API of hug, it is one in a process."""
    larder = open_larder(settings.database_url, settings.photos_dir)
    pages = Environment(
        loader=FileSystemLoader(settings.pages_dir), autoescape=True, auto_reload=False
    )
    http = hug.API(handlers).http
    # Replies pass from the last to the first: the session is stored before the house counts.
    http.add_middleware(House(larder=larder, pages=pages, settings=settings))
    http.add_middleware(Sessions(larder.sessions))
    http.add_middleware(Limits())
    http.add_middleware(Arguments())
    http.output_format = problems.explain  # every other way out has its own
    handlers.serve_static(settings.static_dir)
    http.versions.clear()  # else every address answers behind /v{anything}, too
    falcon_api = http.server()
    falcon_api.add_error_handler(Exception, fail)
    return falcon_api


def fail(request, response, error, params):
    """Tell the house what nobody foresaw, in middleware too, where hug does not look."""
    if isinstance(error, falcon.HTTPError | falcon.HTTPStatus):
        raise error
    request.log_error(traceback.format_exc())
    raise falcon.HTTPInternalServerError
