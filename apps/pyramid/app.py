"""The Larder in Pyramid: the configuration, and what happens around every request."""

from pyramid.config import Configurator
from pyramid.events import NewResponse
from pyramid.httpexceptions import HTTPRequestEntityTooLarge
from pyramid.static import static_view
from pyramid.tweens import EXCVIEW
from webob.etag import AnyETag

import handlers
import problems
from request import StrictRequest
from security import StaffPolicy
from session import LarderCSRFStoragePolicy, LarderSession
from shared_db import open_larder

BODY_LIMIT_BYTES = 2 * 1024 * 1024 + 64 * 1024


def create_app(settings):
    """Open the larder and return the application."""
    with Configurator(settings={"site": settings}) as config:
        config.registry["larder"] = open_larder(settings.database_url, settings.photos_dir)
        config.registry["static"] = static_view(
            str(settings.static_dir), use_subpath=True, reload=True
        )
        config.include("pyramid_jinja2")
        config.add_jinja2_search_path("app:templates")
        config.include("routes")
        config.set_request_factory(StrictRequest)
        config.add_request_method(larder, reify=True)
        config.add_request_method(cart_count)
        config.set_session_factory(LarderSession)
        config.set_csrf_storage_policy(LarderCSRFStoragePolicy(key="csrf_token"))
        config.set_default_csrf_options(require_csrf=True)
        config.set_security_policy(StaffPolicy())
        config.set_execution_policy(answer)
        config.add_tween("app.limit_bodies", under=EXCVIEW)
        config.add_subscriber(name_any_tag, NewResponse)
        config.add_subscriber(add_headers, NewResponse)
        config.include(problems)
        config.scan(handlers)
    return config.make_wsgi_app()


def larder(request):
    """Put the larder at the handlers' hand, its queries counted from this request's first."""
    request.registry["larder"].begin_request()
    return request.registry["larder"]


def cart_count(request):
    """Count the portions in the cart, for the layout of a page that knows its guest."""
    return sum(request.session.get("cart", {}).values())


def answer(environ, router):
    """Run a request; what fails after its view, as keeping the session may, is told too."""
    with router.request_context(environ) as request:
        try:
            return router.invoke_request(request)
        except Exception:
            response = request.invoke_exception_view(reraise=True)
            request.registry.notify(NewResponse(request, response))
            return response


def limit_bodies(handler, registry):
    """Make the tween that refuses a body over the limit before any of it is read."""

    def limit_body(request):
        if (request.content_length or 0) > BODY_LIMIT_BYTES:
            raise HTTPRequestEntityTooLarge
        return handler(request)

    return limit_body


def name_any_tag(event):
    """Read If-None-Match: * as the reply's own tag, for WebOb leaves the asterisk unheeded."""
    etag = event.response.headers.get("ETag")
    if etag and event.request.if_none_match is AnyETag:
        event.request.headers["If-None-Match"] = etag


def add_headers(event):
    """Put on the reply what every reply carries, once the session is kept."""
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
