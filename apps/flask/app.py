"""The Larder in Flask: the application factory and the code around every request."""

from flask import Flask, current_app, g
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from handlers import csrf, site
from hardening import harden
from problems import HTTP_ERRORS, explain, refuse_forgery, translate
from session import LarderSessionInterface
from shared_db import open_larder


def create_app(settings):
    """Open the larder and return the application."""
    # Production: without debug mode templates are compiled once (TEMPLATES_AUTO_RELOAD), and Flask
    # logs failures only: https://flask.palletsprojects.com/en/stable/config/#DEBUG
    app = Kitchen(__name__, static_folder=None)
    app.static_folder = settings.static_dir  # set later: its route is one of the site's handlers
    app.config.from_mapping(
        SETTINGS=settings,
        SECRET_KEY=settings.secret,
        SESSION_COOKIE_NAME="larder_session",
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # a token is valid as long as its session, not for an hour
        MAX_CONTENT_LENGTH=2 * 1024 * 1024 + 64 * 1024,  # a photo of 2 MiB, and its form
    )
    larder = app.extensions["larder"] = open_larder(settings.database_url, settings.photos_dir)
    app.session_interface = LarderSessionInterface(larder.sessions)
    app.before_request(begin_request)
    app.after_request(add_headers)
    app.register_error_handler(HTTPException, explain)
    app.register_error_handler(CSRFError, refuse_forgery)
    for larder_error in HTTP_ERRORS:
        app.register_error_handler(larder_error, translate)
    csrf.init_app(app)
    if settings.hardened:
        harden(app)
    app.register_blueprint(site)
    return app


def begin_request():
    """Make the larder available to handlers."""
    g.larder = current_app.extensions["larder"]
    g.larder.begin_request()


def add_headers(response):
    """Add the common headers to a reply."""
    settings = current_app.config["SETTINGS"]
    response.headers["Content-Security-Policy"] = settings.content_security_policy
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "private, no-cache"
    return response


class Kitchen(Flask):
    """Flask, with the Server-Timing header."""

    def process_response(self, response):
        try:
            return super().process_response(response)
        finally:
            # Not in an after_request function: those run before the session is saved.
            usage = g.larder.usage
            response.headers["Server-Timing"] = (
                f'db;dur={usage.milliseconds};desc="{usage.queries} queries"'
            )
