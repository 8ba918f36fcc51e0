"""The Larder in Pyramid: its configuration, and the code around every request."""

from pyramid.config import Configurator
from pyramid.events import NewResponse

from hardening import harden
from shared_db import open_larder

# Production: nothing is reloaded, so that templates are compiled once, and nothing is debugged:
# https://docs.pylonsproject.org/projects/pyramid/en/latest/narr/environment.html
PRODUCTION = {"pyramid.reload_all": False, "pyramid.debug_all": False}


def create_app(settings):
    """Open the larder and return the application."""
    with Configurator(settings={"site": settings, **PRODUCTION}) as config:
        config.registry["larder"] = open_larder(settings.database_url, settings.photos_dir)
        config.include("pyramid_jinja2")
        config.add_jinja2_search_path("app:templates")
        config.include("security")
        config.include("routes")
        config.include("problems")
        config.add_request_method(larder, reify=True)
        config.add_request_method(cart_count)
        config.add_subscriber(add_headers, NewResponse)
        config.scan("handlers")
        if settings.hardened:
            harden(config)
    return config.make_wsgi_app()


def larder(request):
    """Return the larder for the handlers, with its query counters reset."""
    request.registry["larder"].begin_request()
    return request.registry["larder"]


def cart_count(request):
    """Count the portions in the cart, for the layout of a page with the guest's data."""
    return request.larder.carts.count(request.session.token)


def add_headers(event):
    """Set the common headers after the session is stored."""
    event.response.headers.setdefault("Cache-Control", "private, no-cache")
    settings = event.request.registry.settings["site"]
    usage = event.request.larder.usage
    event.response.headers.update(
        {
            "Content-Security-Policy": settings.content_security_policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Server-Timing": f'db;dur={usage.milliseconds};desc="{usage.queries} queries"',
        }
    )
