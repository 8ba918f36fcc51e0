"""The Larder in hug: the API of handlers.py with its middleware, on Falcon."""

import quiet  # noqa: F401  # imported first for its side effect

# isort: split
import mimetypes

import hug
from jinja2 import Environment, FileSystemLoader

import formats
import handlers
import problems
from forms import Forms
from hardening import harden
from session import Sessions
from shared_db import open_larder

# Python 3.11 knows image/webp only if the machine has a mime.types file.
mimetypes.add_type("image/webp", ".webp")

# Production: another server than hug's, which alone reloads code; hug has no debug mode and no log:
# https://github.com/hugapi/hug/blob/develop/README.md#running-hug-with-other-wsgi-based-servers


def create_app(settings):
    """Open the larder and return the application; there is one API of this name per process."""
    larder = open_larder(settings.database_url, settings.photos_dir)
    # Templates are compiled once, and not looked at again:
    # https://jinja.palletsprojects.com/en/stable/api/#jinja2.Environment
    pages = Environment(
        loader=FileSystemLoader(settings.pages_dir), autoescape=True, auto_reload=False
    )
    pages.globals["framework"] = settings.framework
    api = hug.API(handlers)

    @hug.request_middleware(api=api)
    def begin_request(request, response):
        """Make the larder available to handlers."""
        larder.begin_request()
        request.context.update({"larder": larder, "pages": pages, "settings": settings})

    api.http.add_middleware(Sessions(larder.sessions))
    api.http.add_middleware(Forms(api.http))
    api.http.output_format = formats.page
    handlers.serve_static(settings.static_dir)
    if settings.hardened:
        harden(api)
    app = api.http.server()
    app.set_error_serializer(problems.serialize)
    return app


@hug.context_factory(api=handlers.api)
def share_context(request, **kwargs):
    """Give requirements and directives the context of Falcon's request."""
    return request.context


# Replies pass from the last to the first: the session is stored, then queries are counted.
@hug.response_middleware(api=handlers.api)
def add_headers(request, response, resource):
    """Add the common headers to a reply."""
    settings, usage = request.context["settings"], request.context["larder"].usage
    response.set_header("Content-Security-Policy", settings.content_security_policy)
    response.set_header("X-Content-Type-Options", "nosniff")
    response.set_header("Referrer-Policy", "same-origin")
    if response.get_header("Cache-Control") is None:
        response.cache_control = ("private", "no-cache")
    timing = f'db;dur={usage.milliseconds};desc="{usage.queries} queries"'
    response.set_header("Server-Timing", timing)
