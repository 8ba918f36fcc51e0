"""The Larder in CherryPy: the application and its configuration by address."""

import logging

import cherrypy
from jinja2 import Environment, FileSystemLoader

import tools  # noqa: F401  # registers the tools
from forms import BODY_LIMIT_BYTES, PlainPart
from problems import explain, translate
from request import LenientRequest
from session import COOKIE, LarderSession
from shared_db import open_larder
from tree import WholeAddress, grow


def create_app(settings):
    """Open the larder and return the application, which is a WSGI callable and is not mounted."""
    cherrypy.config.update({"environment": "embedded"})  # no tracebacks in pages, no reloading
    larder = open_larder(settings.database_url, settings.photos_dir)
    application = cherrypy.Application(grow(), config=configuration(settings, larder))
    application.request_class = LenientRequest
    application.relative_urls = "server"  # redirects must not repeat the Host header
    # Not log.screen, which would also log every request.
    application.log.error_log.addHandler(logging.StreamHandler())
    return application


def configuration(settings, larder):
    """Return CherryPy's configuration, by address."""
    # With a session, CherryPy reads the whole file into memory before it sends it.
    without_session = {"tools.sessions.on": False}
    not_stored = {"tools.response_headers.headers": reply_headers(settings, "no-store")}
    return {
        "/": request_options(settings) | house_tools(settings, larder) | session_tools(larder),
        "/cart": not_stored,
        "/kitchen": not_stored,
        "/login": not_stored,
        "/orders": not_stored,
        "/api": without_session | {"tools.check_csrf.on": False},
        "/photos": without_session,
        "/static": without_session
        | {
            "tools.staticdir.on": True,
            "tools.staticdir.dir": str(settings.static_dir),
            "tools.etags.on": True,  # files have no tag, but "*" matches any file
            "tools.staticdir.match": r"\A[\w./-]+\Z",  # only plain names are served
        },
    }


def request_options(settings):
    """Return the settings of the dispatcher, of the body processors and of the error pages."""
    return {
        "settings": settings,
        "request.dispatch": WholeAddress(),
        "request.body.maxbytes": BODY_LIMIT_BYTES,
        "request.body.part_class": PlainPart,
        "request.error_response": translate,
        "error_page.default": explain,
    }


def house_tools(settings, larder):
    """Return the settings of the tools."""
    pages = Environment(
        loader=FileSystemLoader(settings.pages_dir), autoescape=True, auto_reload=False
    )
    return {
        "tools.begin_request.on": True,
        "tools.begin_request.larder": larder,
        "tools.response_headers.on": True,
        "tools.response_headers.headers": reply_headers(settings, "private, no-cache"),
        "tools.server_timing.on": True,
        "tools.log_tracebacks.on": False,  # problems.py logs unexpected errors, and nothing else
        "tools.prepare_body.on": True,
        "tools.read_body.on": True,
        "tools.keep_texts.on": True,
        "tools.check_csrf.on": True,
        "tools.template.pages": pages,
        "tools.encode.on": False,  # otherwise an Accept-Charset without UTF-8 would be rejected
    }


def reply_headers(settings, cache_control):
    """Return the headers of every reply; Cache-Control depends on the address."""
    return [
        ("Content-Security-Policy", settings.content_security_policy),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("Cache-Control", cache_control),
    ]


def session_tools(larder):
    """Return the settings that store CherryPy's sessions in the larder."""
    return {
        "tools.sessions.on": True,
        "tools.sessions.name": COOKIE,
        "tools.sessions.storage_class": LarderSession,
        "tools.sessions.store": larder.sessions,
        "tools.sessions.locking": "explicit",
        "tools.sessions.clean_freq": 0,  # the larder purges expired sessions by itself
        "tools.late_cookie.on": True,
    }
