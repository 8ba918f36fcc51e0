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
    app.static_folder = settings.static_dir  # set later: its route is one of the site's handlers
    app.url_map.merge_slashes = False  # a double slash is not redirected to another address
    app.config.from_mapping(
        SETTINGS=settings,
        SECRET_KEY=settings.secret,
        SESSION_COOKIE_NAME="larder_session",
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # a token is valid as long as its session, not for an hour
        MAX_CONTENT_LENGTH=BODY_LIMIT_BYTES,
        MAX_FORM_MEMORY_SIZE=BODY_LIMIT_BYTES,  # the larder limits the length of texts
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
    """Make the larder available to handlers, and reject requests that cannot be read.

    Flask rejects a body that is too large only when a handler reads it. On bytes that no address
    may contain, request.args fails, which would be a 500. A target without a leading slash is
    not an address either, but Werkzeug would add the slash.
    """
    g.larder = current_app.extensions["larder"]
    g.larder.begin_request()
    if (request.content_length or 0) > request.max_content_length:
        abort(413)
    if not request.query_string.isascii() or not request.environ["PATH_INFO"].startswith("/"):
        abort(400)


def add_headers(response):
    """Add the common headers to a reply."""
    settings = current_app.config["SETTINGS"]
    response.headers["Content-Security-Policy"] = settings.content_security_policy
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "private, no-cache"
    return response


class DepthLimitedJSON(DefaultJSONProvider):
    """Flask's JSON provider; a document nested too deep for Python is malformed: 400, not 500."""

    def loads(self, s, **kwargs):
        try:
            return super().loads(s, **kwargs)
        except RecursionError as error:
            raise ValueError("nested too deep") from error


class StrictFormDataParser(FormDataParser):
    """Werkzeug's parser, which would read a truncated or malformed form as an empty form."""

    def parse(self, *args, **kwargs):
        self.silent = False
        try:
            return super().parse(*args, **kwargs)
        except ValueError as error:
            raise BadRequest from error


class LastFields(ImmutableDict):
    """The last value of each field; a part without a name is ignored.

    Werkzeug gives such a part the name None, on which Flask-WTF fails when it reads its token.
    """

    def __init__(self, fields=()):
        super().__init__((name, value) for name, value in fields if name is not None)


class StrictRequest(Request):
    """Flask's request that accepts only application/json as JSON, and no patch format."""

    form_data_parser_class = StrictFormDataParser
    parameter_storage_class = LastFields

    @property
    def is_json(self):
        return self.mimetype == "application/json"


class TolerantResponse(Response):
    """Flask's response, which ignores invalid conditions, as RFC 9110 requires.

    Werkzeug fails on a year out of range, and answers 416 to a Range that is invalid or that
    asks for more last bytes than the file has.
    """

    def make_conditional(self, request_or_environ, accept_ranges=False, complete_length=None):
        environ = dict(getattr(request_or_environ, "environ", request_or_environ))
        if not is_readable(environ.get("HTTP_IF_MODIFIED_SINCE", "")):
            del environ["HTTP_IF_MODIFIED_SINCE"]
        # Werkzeug accepts a weak tag and a later date in If-Range; RFC 9110, 13.1.5, does not.
        own = (None, self.headers.get("ETag"), self.headers.get("Last-Modified"))
        if environ.get("HTTP_IF_RANGE") not in own:
            environ.pop("HTTP_RANGE", None)
        # These headers protect changes, but GET changes nothing; Werkzeug would answer 412 with
        # the content of the file.
        environ.pop("HTTP_IF_MATCH", None)
        environ.pop("HTTP_IF_UNMODIFIED_SINCE", None)
        if not is_range(environ.get("HTTP_RANGE", ""), complete_length or 0):
            environ.pop("HTTP_RANGE", None)
        return super().make_conditional(environ, accept_ranges, complete_length)


def is_readable(date):
    """Return whether a date is in range; Werkzeug itself ignores texts that are not dates."""
    try:
        parse_date(date)
    except OverflowError:
        return False
    return True


def is_range(text, length):
    """Return whether a Range has one valid range, with no more last bytes than the file has."""
    first, last = match.groups() if (match := RANGE.fullmatch(text)) else ("", "")
    if first:
        return not last or int(first) <= int(last)
    return bool(last) and int(last) <= length


class Kitchen(Flask):
    """Flask, with the Server-Timing header."""

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
