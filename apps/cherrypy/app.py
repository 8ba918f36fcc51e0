"""The Larder in CherryPy: the application and its configuration."""

import cherrypy
from jinja2 import Environment, FileSystemLoader

from handlers import site
from house import BODY_LIMIT_BYTES, WholeAddress
from problems import explain, translate
from session import COOKIE, LarderSession, keep_cookie_back
from shared_db import open_larder

WITHOUT_SESSION = {
    "tools.sessions.on": False,
    "tools.csrf.on": False,
    "hooks.before_request_body": lambda: None,
}


def create_app(settings):
    """Open the larder and return the application, mounted in no tree: it is a WSGI callable."""
    cherrypy.config.update({"environment": "embedded"})  # no log on the screen, no reloading
    cherrypy.server.unsubscribe()  # another server is at the door
    larder = open_larder(settings.database_url, settings.photos_dir)
    return cherrypy.Application(site(), config=configuration(settings, larder))


def configuration(settings, larder):
    """Return CherryPy's configuration, by address."""
    return {
        "/": request_options() | tools(settings, larder) | session_tools(larder),
        "/api": WITHOUT_SESSION,
        "/health": WITHOUT_SESSION,
        "/photos": WITHOUT_SESSION,
        "/static": WITHOUT_SESSION
        | {
            "tools.staticdir.on": True,
            "tools.staticdir.dir": str(settings.static_dir),
            "tools.staticdir.match": r"\A/static/(?!.*\.\.)[\w./-]+\Z",
        },
    }


def request_options():
    """Return how CherryPy finds handlers, reads bodies and answers errors."""
    return {
        "request.dispatch": WholeAddress(),
        "request.body.maxbytes": BODY_LIMIT_BYTES,
        "request.show_tracebacks": False,
        "request.error_response": translate,
        "error_page.default": explain,
    }


def tools(settings, larder):
    """Return which tools are on, and what they are told."""
    pages = Environment(
        loader=FileSystemLoader(settings.pages_dir), autoescape=True, auto_reload=False
    )
    return {
        "settings": settings,
        "tools.larder.on": True,
        "tools.larder.larder": larder,
        "tools.response_headers.on": True,
        "tools.response_headers.headers": [
            ("Content-Security-Policy", settings.content_security_policy),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "same-origin"),
        ],
        "tools.timing.on": True,
        "tools.log_tracebacks.on": False,  # problems.py tells what was unforeseen, and only that
        "tools.refuse_unreadable.on": True,
        "tools.read_body.on": True,
        "tools.template.pages": pages,
        "tools.csrf.on": True,
        "tools.encode.on": False,  # it would leave no blank before the charset
        "tools.weak_tags.on": True,
    }


def session_tools(larder):
    """Return what makes CherryPy keep sessions in the larder."""
    return {
        "tools.sessions.on": True,
        "tools.sessions.name": COOKIE,
        "tools.sessions.storage_class": LarderSession,
        "tools.sessions.store": larder.sessions,
        "tools.sessions.locking": "explicit",
        "tools.sessions.clean_freq": 0,  # the larder clears up by itself
        "hooks.before_request_body": keep_cookie_back,
    }
