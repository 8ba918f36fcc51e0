"""The Larder in Pyramid: its configuration, and the code around every request."""

from pyramid.config import Configurator
from pyramid.events import NewResponse

import handlers
import hardening
import problems
from security import StaffPolicy
from session import LarderCSRFStoragePolicy, LarderSession
from shared_db import open_larder


def create_app(settings):
    """Open the larder and return the application."""
    with Configurator(settings={"site": settings}) as config:
        config.registry["larder"] = open_larder(settings.database_url, settings.photos_dir)
        config.registry["static"] = hardening.StaticFiles(
            str(settings.static_dir), use_subpath=True, reload=True
        )
        config.include("pyramid_jinja2")
        config.add_jinja2_search_path("app:templates")
        config.include("routes")
        config.add_request_method(larder, reify=True)
        config.add_request_method(cart_count)
        config.set_session_factory(LarderSession)
        config.set_csrf_storage_policy(LarderCSRFStoragePolicy(key="csrf_token"))
        config.set_default_csrf_options(require_csrf=True, header=None)
        config.set_security_policy(StaffPolicy())
        config.set_execution_policy(answer)
        config.add_subscriber(add_headers, NewResponse)
        config.include(problems)
        config.include(hardening)
        config.scan(handlers)
    return config.make_wsgi_app()


def larder(request):
    """Return the larder for the handlers, with its query counters reset."""
    request.registry["larder"].begin_request()
    return request.registry["larder"]


def cart_count(request):
    """Count the portions in the cart, for the layout of a page with the guest's data."""
    return request.larder.carts.count(request.session.token)


def answer(environ, router):
    """Run a request, and also answer errors after its view, such as errors of the session."""
    with router.request_context(environ) as request:
        try:
            return router.invoke_request(request)
        except Exception:
            response = request.invoke_exception_view(reraise=True)
            request.registry.notify(NewResponse(request, response))
            return response


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
