"""The Larder in CherryPy: the application and its configuration by address."""

import logging

import cherrypy
from jinja2 import Environment, FileSystemLoader

import tools
from handlers import Site
from hardening import harden
from problems import explain, translate
from session import LarderSession
from shared_db import open_larder


def create_app(settings):
    """Open the larder and return the application."""
    # Production: no autoreload, no checker, no tracebacks in pages, no log on the screen:
    # https://docs.cherrypy.dev/en/latest/config.html#environments
    # CherryPy still formats a line of the access log at each request, and drops the line: no
    # setting prevents that.
    cherrypy.config.update({"environment": "embedded"})
    application = cherrypy.Application(Site(), config=configuration(settings))
    # https://docs.cherrypy.dev/en/latest/basics.html#play-along-with-your-other-loggers
    application.log.error_log.addHandler(logging.StreamHandler())
    if settings.hardened:
        harden(application)
    return application


def configuration(settings):
    """Return CherryPy's configuration, by address, and the site's own settings."""
    larder = open_larder(settings.database_url, settings.photos_dir)
    # Production: https://jinja.palletsprojects.com/en/stable/api/#jinja2.Environment
    pages = Environment(
        loader=FileSystemLoader(settings.pages_dir), autoescape=True, auto_reload=False
    )
    pages.globals["framework"] = settings.framework
    without_session = {
        "tools.sessions.on": False,
        "tools.protect_cookie.on": False,
        "tools.check_csrf.on": False,  # without a session, a forged form has no effect
    }
    not_stored = {"tools.response_headers.headers": reply_headers(settings, "no-store")}
    return {
        "site": {"settings": settings, "larder": larder, "pages": pages},
        "/": common_options(settings) | session_options(larder),
        "/cart": not_stored,
        "/kitchen": not_stored,
        "/login": not_stored,
        "/orders": not_stored,
        "/health": without_session,
        "/api": without_session,
        "/photos": without_session,
        "/static": without_session | send_static(settings),
    }


def common_options(settings):
    """Return the options of every request."""
    return {
        "request.dispatch": cherrypy.dispatch.MethodDispatcher(),
        "request.body.maxbytes": 2 * 1024 * 1024 + 64 * 1024,  # a photo of 2 MiB, and its form
        "request.error_response": translate,
        "error_page.default": explain,
        "tools.begin_request.on": True,
        "tools.check_csrf.on": True,
        "tools.log_tracebacks.on": False,  # problems.py logs unexpected errors, and nothing else
        "tools.trailing_slash.on": False,  # /kitchen is not redirected to /kitchen/
        "tools.response_headers.on": True,
        "tools.response_headers.headers": reply_headers(settings, "private, no-cache"),
        "hooks.before_finalize": tools.tell_time,
        "hooks.after_error_response": tools.tell_time,
    }


def reply_headers(settings, cache_control):
    """Return the headers of every reply; Cache-Control depends on the address."""
    return [
        ("Content-Security-Policy", settings.content_security_policy),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("Cache-Control", cache_control),
    ]


def session_options(larder):
    """Return the options that store CherryPy's sessions in the larder."""
    return {
        "tools.sessions.on": True,
        "tools.sessions.name": "larder_session",
        "tools.sessions.storage_class": LarderSession,
        "tools.sessions.store": larder.sessions,
        "tools.sessions.persistent": False,  # the browser forgets the cookie when it closes
        "tools.sessions.httponly": True,
        "tools.sessions.locking": "explicit",  # never: the larder merges changes
        "tools.sessions.clean_freq": 0,  # never: the larder purges expired sessions
        "tools.protect_cookie.on": True,
    }


def send_static(settings):
    """Serve a static file."""
    # CherryPy's tool serves the files; only their address and their folder are defined here.
    return {
        "tools.staticdir.on": True,
        "tools.staticdir.dir": str(settings.static_dir),
        "tools.staticdir.match": r"\A(/\w[\w.-]*)+\Z",  # only plain names are served
    }
