"""The Larder in hug: the API of handlers.py with its middleware, on Falcon."""

import quiet  # noqa: F401  # imported first for its side effect

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

# Python 3.11 knows image/webp only if the machine has a mime.types file.
mimetypes.add_type("image/webp", ".webp")


def create_app(settings):
    """Open the larder and return the application; there is one API of this name per process."""
    larder = open_larder(settings.database_url, settings.photos_dir)
    pages = Environment(
        loader=FileSystemLoader(settings.pages_dir), autoescape=True, auto_reload=False
    )
    http = hug.API(handlers).http
    # Replies pass from the last to the first: the session is stored, then queries are counted.
    http.add_middleware(House(larder=larder, pages=pages, settings=settings))
    http.add_middleware(Sessions(larder.sessions))
    http.add_middleware(Limits())
    http.add_middleware(Arguments())
    http.output_format = problems.explain  # all other output formats set their own type
    handlers.serve_static(settings.static_dir)
    http.versions.clear()  # otherwise every address also answers below /v{anything}
    falcon_api = http.server()
    falcon_api.add_error_handler(Exception, fail)
    return falcon_api


def fail(request, response, error, params):
    """Log an unexpected error and answer 500, also for errors in middleware."""
    if isinstance(error, falcon.HTTPError | falcon.HTTPStatus):
        raise error
    request.log_error(traceback.format_exc())
    raise falcon.HTTPInternalServerError
