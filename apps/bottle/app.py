"""The Larder in Bottle: the plugins, hooks and settings around the routes of handlers.py."""

import mimetypes
from pathlib import Path
from urllib.parse import SplitResult

from bottle import TEMPLATE_PATH, BaseRequest, SimpleTemplate, abort, request, response

from csrf import CSRFPlugin
from handlers import site
from larder_plugin import LarderPlugin
from session import SessionPlugin
from shared_db import open_larder

BODY_LIMIT_BYTES = 2 * 1024 * 1024 + 64 * 1024
# Larger forms and JSON are rejected; larger uploads go to a temporary file. Bottle's own 100 KiB
# are not enough for a review of 10,000 emoji, which have twelve bytes each in a form.
BaseRequest.MEMFILE_MAX = 256 * 1024
# Some versions of Python do not know this type, and Bottle sends unknown types as text/html.
mimetypes.add_type("image/webp", ".webp")

TEMPLATE_PATH[:] = [str(Path(__file__).with_name("templates"))]
SimpleTemplate.defaults.update(request=request, url=site.get_url)
site.install(LarderPlugin())
site.install(SessionPlugin())
site.install(CSRFPlugin())


def create_app(settings):
    """Open the larder and return the application; there is one Bottle application per process."""
    site.config["settings"] = settings
    site.config["larder"] = open_larder(settings.database_url, settings.photos_dir)
    return site


@site.hook("before_request")
def refuse_unreadable():
    """Reject a body over the limit before reading it, and requests on which Bottle would fail."""
    try:
        length = request.content_length
        request["bottle.raw_path"].encode("latin-1").decode()  # Bottle would drop invalid bytes
    except ValueError:
        abort(400)
    if request.path.endswith("\n"):  # route patterns ignore a trailing newline
        abort(404)
    if length > BODY_LIMIT_BYTES:
        abort(413)


@site.hook("before_request")
def correct_request():
    """Change the parts of a request that Bottle would misread.

    redirect() uses `request.url`, which Bottle builds from headers that any client can send, Host
    and X-Forwarded-Host: a redirect must lead to a path. Bottle ignores a multipart form if its
    type is written in capitals or has a parameter without a value. A header that is not UTF-8
    fails when a handler reads it; decoded as Latin-1, different headers stay different.
    """
    request["bottle.request.urlparts"] = SplitResult("", "", request.path, "", "")
    kind, *parameters = request.get("CONTENT_TYPE", "").split(";")
    request["CONTENT_TYPE"] = ";".join([kind.lower(), *(p for p in parameters if "=" in p)])
    for name, text in request.environ.items():
        if name.startswith("HTTP_") and not text.isascii():
            request.environ[name] = text.encode().decode("latin-1")


@site.hook("after_request")
def add_common_headers():
    """Add the common headers to a reply."""
    usage = site.config["larder"].usage
    policy = site.config["settings"].content_security_policy
    response.set_header("Content-Security-Policy", policy)
    response.set_header("X-Content-Type-Options", "nosniff")
    response.set_header("Referrer-Policy", "same-origin")
    if "Cache-Control" not in response:
        response.set_header("Cache-Control", "private, no-cache")
    timing = f'db;dur={usage.milliseconds};desc="{usage.queries} queries"'
    response.set_header("Server-Timing", timing)
