"""Hardening: requests that py4web or ombott misread or trust too much, or on which they fail."""

import re
import secrets
from contextlib import suppress
from email.message import Message
from email.utils import formatdate, parsedate_to_datetime
from os import SEEK_END
from pathlib import Path
from urllib.parse import parse_qsl

import jwt
import py4web
from ombott import HTTPError, Ombott
from ombott.request_pkg.errors import BodySizeError
from ombott.router.filter_factory import FilterFactory
from py4web import URL, Flash, Session, abort, core, request, response
from yatl.helpers import XML, xmlescape

from shared_db.errors import NotFoundError
from workplace import given

from .problems import STATUS_OF_ERROR, explain

BODY_LIMIT_BYTES = 2 * 1024 * 1024 + 64 * 1024
MOST_FIELDS = 1_000
FORM_SECRET_CHARACTERS = 64
CLOSING_BYTES = 4 * 1024  # the final boundary of a form is within these last bytes
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
COOKIES = {"larder_session"}
PHOTO = re.compile(r"/photos/[0-9a-f]{32}\.(?:png|jpg|webp)")
QUALITY = re.compile(r";\s*q=([01](?:\.\d*)?)\s*(?:;|$)")
TAG = re.compile(r'(W/)?("[^"]*")')
# One range: static_file() supports no more, and answers 416 to an invalid range.
RANGE = re.compile("bytes=(?:([0-9]{1,40})-([0-9]{0,40})|-[0-9]{1,40})")
# py4web removes such a version from the address of a static file.
VERSION = re.compile(r"^_\d+(\.\d+){2}/")


def harden(ombott):
    """Correct requests before ombott reads them, and its replies. Call this before routes exist."""
    # identifiers: int accepts 01 and ٣ for 1 and 3; the larder accepts only the plain form.
    FilterFactory.filters["int"] = lambda config: ("[^/]+", None, None)
    STATUS_OF_ERROR[RecursionError] = 400  # json: a document nested too deep
    for hook in (correct_headers, check_request, correct_conditions, read_query, read_form):
        ombott.add_hook("before_request", hook)
    ombott.error(405)(complete_allow)
    ombott.error(416)(tell_length)
    ombott.handler = heed_conditions
    Flash.on_request, Flash.on_success = begin_messages, complete_page
    py4web.URL = core.URL = exact_url


def check_request():
    """Reject a large body before reading (limits), and addresses that are not exact.

    ombott ignores slashes around an address and backslashes around a file's name, and resolves
    dot segments (addresses). The folder may contain files that are no photos (identifiers).
    """
    length = request.environ.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdecimal()):
        abort(400)
    if int(length) > BODY_LIMIT_BYTES:
        abort(413)
    path = request.environ["PATH_INFO"]
    is_odd = "\\" in path or {".", ".."}.intersection(path.split("/"))
    is_no_photo = path.startswith("/photos/") and not PHOTO.fullmatch(path)
    if path.strip("/") != path[1:] or is_odd or is_no_photo:
        abort(404)


def correct_headers():
    """Remove or rewrite headers that py4web would trust or misread."""
    environ = request.environ
    # addresses: py4web trusts these headers of any client, but here is no proxy that sends them.
    for name in ("HTTP_X_PY4WEB_APPNAME", "HTTP_X_SCRIPT_NAME", "HTTP_X_FORWARDED_PROTO"):
        environ.pop(name, None)
    # limits: http.cookies drops all cookies if one of them is malformed.
    pairs = (pair.partition("=") for pair in environ.get("HTTP_COOKIE", "").split(";"))
    sent = {name.strip(): value.strip() for name, _, value in pairs}
    request["HTTP_COOKIE"] = "; ".join(f"{name}={sent[name]}" for name in COOKIES & sent.keys())
    # media-types: a handler looks for the names in Accept, and for the start of Content-Type.
    wants_json = prefers_json(environ.get("HTTP_ACCEPT", ""))
    environ["HTTP_ACCEPT"] = "application/json" if wants_json else "text/html"
    # json: outside the API py4web looks for a session's token in any document, also in a list.
    kinds = ("application/json",) if request.path.startswith("/api/") else FORM_TYPES
    if request.ctype[0] not in kinds:
        request["CONTENT_TYPE"] = environ["ombott.request.content_type"] = ""
        environ["ombott.request.ctype"] = [""]


def prefers_json(accept):
    """Return whether an Accept header ranks application/json above text/html (media-types)."""
    ranges = dict(media_range(entry) for entry in accept.lower().split(","))
    return quality(ranges, "application/json") > quality(ranges, "text/html")


def media_range(entry):
    """Return the media range and the quality in an entry of an Accept header."""
    name, mark, parameters = entry.partition(";")
    match = QUALITY.search(mark + parameters)
    return name.strip(), float(match[1]) if match else 1.0


def quality(ranges, media_type):
    """Return the quality of the most specific range that covers a media type."""
    for name in (media_type, media_type.partition("/")[0] + "/*", "*/*"):
        if name in ranges:
            return ranges[name]
    return 0.0


def correct_conditions():
    """Remove headers that static_file() or a handler interprets differently from RFC 9110.

    static_file() fails on an invalid date, and also compares a date beside a tag. It ignores
    If-Range; a server may always ignore a range that depends on a version (conditions).
    """
    environ = request.environ
    date = environ.get("HTTP_IF_MODIFIED_SINCE", "")
    if environ.get("HTTP_IF_NONE_MATCH", "").strip() == "*":  # any version
        environ["HTTP_IF_MODIFIED_SINCE"] = formatdate(usegmt=True)
    elif "HTTP_IF_NONE_MATCH" in environ or not is_date(date):
        environ.pop("HTTP_IF_MODIFIED_SINCE", None)
    if "HTTP_IF_RANGE" in environ or not is_range(environ.get("HTTP_RANGE", "")):
        environ.pop("HTTP_RANGE", None)
    if (versions := environ.get("HTTP_IF_MATCH", "").strip()) not in ("", "*"):
        strong = (tag for weak, tag in TAG.findall(versions) if not weak)
        environ["HTTP_IF_MATCH"] = ", ".join(strong) or '""'


def is_date(text):
    """Return whether a date is valid."""
    try:
        parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def is_range(text):
    """Return whether a Range header has one valid range of bytes."""
    match = RANGE.fullmatch(text)
    first, last = match.groups() if match else ("1", "0")
    return not (first and last) or int(first) <= int(last)


def heed_conditions(app, route, arguments, *rest):
    """Call an action; "*" in If-None-Match is any version, and PATCH heeds it, too (conditions)."""
    known = request.headers.get("If-None-Match", "").strip()
    is_change = request.method == "PATCH" and bool(arguments)
    if is_change and "HTTP_IF_MATCH" in request.environ and known:
        with suppress(NotFoundError):
            dish = given["larder"].dishes.get(arguments["dish_id"])
            if known == "*" or f'"{dish.version}"' in known:
                request["HTTP_IF_MATCH"] = '""'
    output = Ombott.handler(app, route, arguments, *rest)
    if known == "*" and request.method != "PATCH" and "ETag" in response.headers:
        response.status = 304
        return ""
    return output


def read_query():
    """Store the parsed query in ombott's cache (forms); ombott makes lists, breaks raw UTF-8."""
    try:
        request.environ["ombott.request.query"] = fields_of(request.query_string.encode("latin-1"))
    except ValueError:
        abort(400)


def read_form():
    """Store the parsed form in ombott's cache (forms); reject a form on which ombott fails."""
    is_form = request.method == "POST" and not request.path.startswith("/api/")
    try:
        texts, files = sent_form() if is_form else ({}, {})
    except HTTPError:
        raise
    except BodySizeError as error:
        raise HTTPError(413, exception=error) from error
    except Exception as error:
        raise HTTPError(400, exception=error) from error
    request.environ["ombott.request.forms"] = texts
    request.environ["ombott.request.files"] = files
    request.environ["ombott.request.post"] = texts | files


def sent_form():
    """Return the texts and the files of the form; the last value of a repeated field counts."""
    kind = request.ctype[0]
    if kind not in FORM_TYPES:
        return {}, {}  # ombott parses bodies of all other types as forms, too
    if kind == FORM_TYPES[0]:
        return fields_of(request.body.read(), MOST_FIELDS), {}
    # ombott supports a boundary only without quotes and in lower case.
    sent = Message()
    sent["Content-Type"] = request.environ["CONTENT_TYPE"]
    request["CONTENT_TYPE"] = f"{kind}; boundary={sent.get_boundary() or abort(400)}"
    texts, files = {}, {}
    refuse_half_a_form(sent.get_boundary())
    for name, values in request.POST.items():
        for value in values if isinstance(values, list) else [values]:
            (texts if isinstance(value, str) else files)[name] = value
    return texts, files


def refuse_half_a_form(boundary):
    """Reject a truncated multipart form, which ombott would accept (forms)."""
    body = request.body
    end = body.seek(0, SEEK_END)
    body.seek(max(0, end - CLOSING_BYTES))
    if f"--{boundary}--".encode() not in body.read():
        abort(400)
    body.seek(0)


def fields_of(text, most=None):
    """Parse the bytes of a query or urlencoded form; return the values by name."""
    return dict(parse_qsl(text.decode(), keep_blank_values=True, max_num_fields=most))


def complete_allow(error):
    """Add HEAD to Allow (methods): ombott answers HEAD wherever it answers GET."""
    if "GET" in (allowed := response.headers.get("Allow", "")):
        response.headers["Allow"] = f"{allowed},HEAD"
    return explain(error)


def tell_length(error):
    """Add Content-Range to a 416 (conditions), which static_file() does not do."""
    _, folder, name = request.path.split("/", 2)
    settings = given["settings"]
    root = settings.photos_dir if folder == "photos" else settings.static_dir
    path = Path(root, VERSION.sub("", name).strip("/\\"))
    with suppress(OSError):  # the path may lead through a folder outside
        response.headers["Content-Range"] = f"bytes */{path.stat().st_size}"
    return explain(error)


def exact_url(*parts, **options):
    """Return py4web's URL without braces (addresses), which URL() does not encode."""
    return URL(*parts, **options).replace("{", "%7B").replace("}", "%7D")


def begin_messages(flash, context):
    """Begin without messages; the messages of earlier requests are in the session (thrift)."""
    Flash.local_initialize(flash)
    flash.local.flash = None


def complete_page(flash, context):
    """Pass the messages and the key of the forms to the page.

    py4web stores one message in a second cookie, which it deletes on every page (thrift).
    """
    session = next(fixture for fixture in context["fixtures"] if isinstance(fixture, Session))
    texts = session.get("flash", [])
    if flash.local.flash:
        session["flash"] = [*texts, flash.local.flash["message"]]
    elif isinstance(context["output"], dict):
        shown = '</p><p class="flash" role="status">'.join(map(xmlescape, texts))
        context["template_inject"]["flash"] = {"message": XML(shown)} if texts else ""
        del session["flash"]
        if context["output"].get("form"):
            sign(context["output"]["form"], session)


def sign(form, session):
    """Sign the form always alike, as HEAD needs (methods), with a secret of our own."""
    if len(session["_formkey"]) < FORM_SECRET_CHARACTERS:
        session["_formkey"] = secrets.token_hex(FORM_SECRET_CHARACTERS // 2)
    form.formkey = jwt.encode({}, session["_formkey"], algorithm="HS256")
