"""Hardening: requests that Django trusts too much, or on which it fails."""

import re

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousFileOperation
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.core.validators import ProhibitNullCharactersValidator
from django.http import Http404
from django.http.multipartparser import MultiPartParserError
from django.http.request import MediaType
from django.middleware.csrf import CsrfViewMiddleware
from django.urls.converters import IntConverter, StringConverter
from django.utils.http import http_date, parse_etags
from django.views import View

from problems import explain

MEDIA_TYPE_LIMIT_BYTES = 1024
PHOTO_NAME = re.compile(r"[0-9a-f]{32}\.(png|jpg|webp)")
FILE_VIEWS = {"show_photo", "describe_api", "send_static"}


def harden(settings):
    """Replace the parts of Django that are too lenient. Call this before Django starts."""
    house, security, *others = settings.MIDDLEWARE  # these two add headers to every reply
    others[others.index("django.middleware.csrf.CsrfViewMiddleware")] = "hardening.LazyCsrf"
    settings.MIDDLEWARE = [house, security, "hardening.StrictMiddleware", *others]
    WSGIHandler.request_class = StrictRequest
    # identifiers: int accepts 01; the larder accepts only the plain form.
    IntConverter.regex, IntConverter.to_python = StringConverter.regex, StringConverter.to_python
    # methods: OPTIONS is not allowed.
    View.http_method_names = ["get", "head", "post", "patch"]
    # limits: Django would keep every photo in memory, and more files open than a form has.
    settings.FILE_UPLOAD_HANDLERS = ["hardening.NamelessFileUploadHandler"]
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 10
    # forms: the larder rejects NUL itself, with the sentence for all control characters.
    ProhibitNullCharactersValidator.__call__ = lambda validator, value: None


class StrictMiddleware:
    """Check each request before its view, and answer HEAD like GET."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Refuse a large body; answer HEAD as GET without the body (methods).

        Django leaves the body to the server.
        """
        is_head = request.method == "HEAD"
        if is_head:
            request.method = "GET"  # conditional_page gives HEAD no ETag
        response = refuse_body(request) or self.get_response(request)
        if is_head and response.streaming:
            response.streaming_content = ()
        elif is_head:
            response.content = b""
        return response

    def process_view(self, request, view, arguments, keywords):
        """Reject requests that cannot be read, and prepare the conditions of others."""
        # addresses: Django would add the slash.
        if not request.META["PATH_INFO"].startswith("/"):
            raise BadRequest("The target does not begin with a slash.")
        name = request.resolver_match.url_name
        # identifiers: the folder may contain files that are no photos.
        if name == "show_photo" and not PHOTO_NAME.fullmatch(keywords["name"]):
            raise Http404
        # conditions: serve() compares dates only; tags come before dates, and "*" is any version.
        if name in FILE_VIEWS and (known := request.headers.get("If-None-Match")):
            request.META["HTTP_IF_MODIFIED_SINCE"] = http_date() if known.strip() == "*" else ""
        # conditions: Django ignores a malformed If-Match; no dish has this tag.
        held = request.META.get("HTTP_IF_MATCH")
        if request.method == "PATCH" and held and not parse_etags(held):
            request.META["HTTP_IF_MATCH"] = '"malformed"'
        return None

    def process_exception(self, request, exception):
        """Answer requests on which a view fails."""
        # identifiers: a name outside the folder, deleted meanwhile, or too long.
        if request.resolver_match.url_name in FILE_VIEWS and isinstance(
            exception, (SuspiciousFileOperation, OSError)
        ):
            return explain(request, status=404)
        # json: nested too deep.
        if isinstance(exception, RecursionError) and request.content_type == "application/json":
            return explain(request, status=400)
        return None


def refuse_body(request):
    """Return the reply to a body over the limit, else None (limits).

    Django checks the length only of a body that a view reads, and answers 400.
    """
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal():
        return explain(request, status=400)
    is_large = int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return explain(request, status=413) if is_large else None


class LazyCsrf(CsrfViewMiddleware):
    """Django's middleware, which would load the session even for static files (thrift)."""

    def process_request(self, request):
        """Do nothing before the view is known."""

    def process_view(self, request, callback, callback_args, callback_kwargs):
        name = request.resolver_match.url_name
        if request.method == "GET" and name in {*FILE_VIEWS, "report_health"}:
            return None
        if not getattr(callback, "csrf_exempt", False):
            super().process_request(request)
        return super().process_view(request, callback, callback_args, callback_kwargs)


class StrictRequest(WSGIRequest):
    """Django's request, strict about charsets, forms and Accept."""

    def __init__(self, environ):
        """Count a Content-Type that cannot be parsed as missing (charsets, limits)."""
        try:
            if len(environ.get("CONTENT_TYPE", "")) > MEDIA_TYPE_LIMIT_BYTES:
                raise ValueError("the media type is too long")
            super().__init__(environ)
        except (LookupError, ValueError):
            super().__init__({**environ, "CONTENT_TYPE": ""})

    @property
    def encoding(self):
        """The charset of queries and forms (charsets): None, so that Django decodes UTF-8."""
        return None

    @encoding.setter
    def encoding(self, value):
        """Ignore a charset: Django would parse the query here, where no view can reject it."""

    def parse_file_upload(self, META, post_data):
        """Reject a truncated form, and know the content type in any case (forms)."""
        kind, semicolon, parameters = META["CONTENT_TYPE"].partition(";")
        META = {**META, "CONTENT_TYPE": kind.lower() + semicolon + parameters}
        body = ClosedBody(post_data, self.content_params.get("boundary", ""))
        found = super().parse_file_upload(META, body)
        if not body.is_closed:
            raise MultiPartParserError("The closing boundary is missing.")
        return found

    def get_preferred_type(self, media_types):
        """Return the first type of a tie (media-types).

        Django returns the type that the client names first, and ignores a rejection by q=0.
        """
        try:
            return max(media_types, key=self.quality)
        except ValueError:  # a parameter with an unknown charset
            return media_types[0]

    def quality(self, media_type):
        """Return the quality of a media type by the most specific matching range."""
        ranges = map(MediaType, self.headers.get("Accept", "*/*").split(","))
        fitting = [accepted for accepted in ranges if MediaType(media_type).match(accepted)]
        best = max(fitting, key=lambda one: (one.specificity, one.quality), default=None)
        return best.quality if best else 0


class ClosedBody:
    """A body stream that records whether the closing boundary was read (forms)."""

    def __init__(self, stream, boundary):
        self._stream = stream
        self._mark = f"--{boundary}--".encode()
        self._rest = b""
        self.is_closed = False

    def read(self, size):
        """Return at most `size` bytes."""
        piece = self._stream.read(size)
        seen = self._rest + piece
        self.is_closed = self.is_closed or self._mark in seen
        self._rest = seen[-len(self._mark) :]
        return piece


class NamelessFileUploadHandler(TemporaryFileUploadHandler):
    """Django's upload handler, whose file would get any extension that the client sends (limits).

    File systems do not allow an extension of 250 characters.
    """

    def new_file(self, field_name, file_name, *args, **kwargs):
        super().new_file(field_name, "upload", *args, **kwargs)
