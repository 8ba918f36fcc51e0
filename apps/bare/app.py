"""The Larder as a plain WSGI callable, without a framework between server and handlers."""

from jinja2 import Environment, FileSystemLoader

import handlers
import problems
from hardening import harden
from request import Request
from shared_db import open_larder


def create_app(settings):
    """Open the larder and return the WSGI callable."""
    site = Site(settings)
    if settings.hardened:
        harden(site)
    return site


class Site:
    """Route each request to its handler, and add the common headers to every reply."""

    request_class = Request

    def __init__(self, settings):
        self.settings = settings
        self.larder = open_larder(settings.database_url, settings.photos_dir)
        # Production: templates are compiled once and not looked at again; failures are logged:
        # https://jinja.palletsprojects.com/en/stable/api/#jinja2.Environment
        self.pages = Environment(
            loader=FileSystemLoader(settings.pages_dir), autoescape=True, auto_reload=False
        )
        self.pages.globals["framework"] = settings.framework
        self.headers = [
            ("Content-Security-Policy", settings.content_security_policy),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "same-origin"),
        ]
        self.checks = [Request.refuse_oversize]  # before the handler is looked up

    def __call__(self, environ, start_response):
        self.larder.begin_request()
        request = self.request_class(environ, self)
        reply = self.answer(request)
        status = f"{reply.status} {self.settings.phrase(reply.status)}"
        start_response(status, [*reply.cached_headers(), *self.headers, self.timing()])
        return reply.without_body() if request.method == "HEAD" else reply.body

    def answer(self, request):
        """Return the handler's reply, or the error page."""
        try:
            for check in self.checks:
                check(request)
            handler, arguments = handlers.site.find(request.method, request.path)
            if request.method == "POST" and not request.for_programs:
                request.check_csrf()
            reply = handler(request, **arguments)
            request.save_session(reply)
        except Exception as error:
            reply = problems.explain(request, error)
        return reply

    def timing(self):
        """Return the Server-Timing header with the database's time and number of queries."""
        usage = self.larder.usage
        return "Server-Timing", f'db;dur={usage.milliseconds};desc="{usage.queries} queries"'
