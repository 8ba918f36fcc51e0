"""The Larder in Bottle: the plugins, hooks and settings around the routes of handlers.py."""

import mimetypes
from pathlib import Path

from bottle import TEMPLATE_PATH, BaseRequest, SimpleTemplate, debug, request, response

from csrf import CSRFPlugin
from handlers import site
from hardening import harden
from larder_plugin import LarderPlugin
from problems import explain
from session import SessionPlugin
from shared_db import open_larder

# Production: without debug mode, templates are compiled once and error pages have no traceback;
# Bottle writes tracebacks to the log of the server (wsgi.errors).
# https://bottlepy.org/docs/0.13/tutorial.html#debug-mode
debug(False)
# Larger forms and JSON are refused, larger uploads go to a temporary file: a photo of 2 MiB, and
# its form. https://bottlepy.org/docs/0.13/api.html#bottle.BaseRequest.MEMFILE_MAX
BaseRequest.MEMFILE_MAX = 2 * 1024 * 1024 + 64 * 1024
TEMPLATE_PATH[:] = [str(Path(__file__).with_name("templates"))]
SimpleTemplate.defaults["request"] = request
# Some versions of Python do not know this type, and Bottle sends unknown types as text/html.
mimetypes.add_type("image/webp", ".webp")


def create_app(settings):
    """Open the larder and return the application; there is one Bottle application per process."""
    site.config["settings"] = settings
    SimpleTemplate.defaults["framework"] = settings.framework
    site.config["larder"] = open_larder(settings.database_url, settings.photos_dir)
    site.install(LarderPlugin())
    if settings.hardened:
        harden(site)
    site.install(SessionPlugin())
    site.install(CSRFPlugin())
    for status in settings.problems:
        site.error(status, explain)
    return site


@site.hook("after_request")
def add_headers():
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
