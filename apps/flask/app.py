"""The Larder in Flask: the application factory and the application's few settings."""

import re

from flask import Flask, Request, Response, abort, current_app, g, request
from flask.json.provider import DefaultJSONProvider
from flask_wtf.csrf import CSRFError
from werkzeug.datastructures import ImmutableDict
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_date

from handlers import csrf, site
from problems import HTTP_ERRORS, explain, refuse_forgery, translate
from session import LarderSessionInterface
from shared_db import open_larder

RANGE = re.compile(r"bytes=([0-9]{0,40})-([0-9]{0,40})")
BODY_LIMIT_BYTES = 2 * 1024 * 1024 + 64 * 1024


def create_app(settings):
    """Open the larder and return the application."""
    app = Kitchen(__name__, static_folder=None)
    app.static_folder = settings.static_dir  # set late: its route is one of the site's handlers
    app.url_map.merge_slashes = False  # a doubled slash is no address, and leads to none
    app.config.from_mapping(
        SETTINGS=settings,
        SECRET_KEY=settings.secret,
        SESSION_COOKIE_NAME="larder_session",
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as its session, not an hour
        MAX_CONTENT_LENGTH=BODY_LIMIT_BYTES,
        MAX_FORM_MEMORY_SIZE=BODY_LIMIT_BYTES,  # how long a text may be is the larder's to say
        MAX_FORM_PARTS=1_000,
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
    app.register_blueprint(site)
    return app


def begin_request():
    """Put the larder at the handlers' hand, and refuse what cannot be read.

    Flask refuses a body that is too large by itself, but only once a handler reads it; on bytes
    that no address may hold request.args fails, and that would be a 500. A target without a slash
    before it is no address either, though Werkzeug would add the slash.
    """
    g.larder = current_app.extensions["larder"]
    g.larder.begin_request()
    if (request.content_length or 0) > request.max_content_length:
        abort(413)
    if not request.query_string.isascii() or not request.environ["PATH_INFO"].startswith("/"):
        abort(400)


def add_headers(response):
    """Put on the reply what every reply carries."""
    settings = current_app.config["SETTINGS"]
    response.headers["Content-Security-Policy"] = settings.content_security_policy
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "private, no-cache"
    return response


class DepthLimitedJSON(DefaultJSONProvider):
    """Flask's JSON, where a document too deep for Python is a malformed one: 400, not 500."""

    def loads(self, s, **kwargs):
        try:
            return super().loads(s, **kwargs)
        except RecursionError as error:
            raise ValueError("nested too deep") from error


class StrictFormDataParser(FormDataParser):
    """Werkzeug's parser, which would make an empty form of one that is cut short or malformed."""

    def parse(self, *args, **kwargs):
        self.silent = False
        try:
            return super().parse(*args, **kwargs)
        except ValueError as error:
            raise BadRequest from error


class LastFields(ImmutableDict):
    """Fields by name, of a repeated one the last; a part without a name is none.

    Werkzeug gives such a part the name None, on which Flask-WTF fails when it looks for its token.
    """

    def __init__(self, fields=()):
        super().__init__((name, value) for name, value in fields if name is not None)


class StrictRequest(Request):
    """Flask's request, where JSON is application/json alone: no patch format passes for a dish."""

    form_data_parser_class = StrictFormDataParser
    parameter_storage_class = LastFields

    @property
    def is_json(self):
        return self.mimetype == "application/json"


class TolerantResponse(Response):
    """Flask's response, where a condition that cannot be read is ignored, as RFC 9110 asks.

    Werkzeug fails on a year that no calendar holds, and answers 416 to a Range that is none or
    that asks for more last bytes than there are.
    """

    def make_conditional(self, request_or_environ, accept_ranges=False, complete_length=None):
        environ = dict(getattr(request_or_environ, "environ", request_or_environ))
        for name in ("HTTP_IF_MODIFIED_SINCE", "HTTP_IF_RANGE"):
            if name in environ and not is_readable(environ[name]):
                del environ[name]
                environ.pop("HTTP_RANGE", None)
        # These protect a change, and this site changes nothing by GET; Werkzeug would answer with
        # the status of a refusal and the content of the file.
        environ.pop("HTTP_IF_MATCH", None)
        environ.pop("HTTP_IF_UNMODIFIED_SINCE", None)
        if not is_range(environ.get("HTTP_RANGE", ""), complete_length or 0):
            environ.pop("HTTP_RANGE", None)
        return super().make_conditional(environ, accept_ranges, complete_length)


def is_readable(date):
    """Whether a calendar holds a date; what is no date at all, Werkzeug passes over by itself."""
    try:
        parse_date(date)
    except OverflowError:
        return False
    return True


def is_range(text, length):
    """Whether a Range asks for one range of bytes, and for no more last bytes than there are."""
    first, last = match.groups() if (match := RANGE.fullmatch(text)) else ("", "")
    if first:
        return not last or int(first) <= int(last)
    return bool(last) and int(last) <= length


class Kitchen(Flask):
    """Flask, which also tells how long the larder took."""

    json_provider_class = DepthLimitedJSON
    request_class = StrictRequest
    response_class = TolerantResponse

    def process_response(self, response):
        try:
            return super().process_response(response)
        finally:
            # Not in an after_request function: those run before the session is saved.
            usage = g.larder.usage
            response.headers["Server-Timing"] = (
                f'db;dur={usage.milliseconds};desc="{usage.queries} queries"'
            )
