"""Hardening: requests that Zope and Grok trust too much, or on which they fail."""

import re
from contextlib import suppress
from datetime import datetime
from functools import partial
from io import BytesIO
from types import SimpleNamespace

import grok
import multipart
import zope.publisher.browser
from grokcore.view.interfaces import IGrokView
from grokcore.view.publication import GrokBrowserFactory, GrokBrowserPublication
from zope.authentication.interfaces import IAuthentication
from zope.browserresource.file import etag_matches, parse_etags, quote_etag
from zope.browserresource.interfaces import IFileResource
from zope.component import getMultiAdapter, getSiteManager, getUtility
from zope.configuration import xmlconfig
from zope.error.error import globalErrorReportingUtility
from zope.interface import Interface, providedBy
from zope.publisher.browser import BrowserRequest, FileUpload
from zope.publisher.http import DirectResult
from zope.publisher.interfaces import (
    BadRequest,
    IEndRequestEvent,
    NotFound,
    PublishingException,
)
from zope.publisher.interfaces.browser import IDefaultBrowserLayer
from zope.publisher.interfaces.http import MethodNotAllowed
from zope.security.proxy import removeSecurityProxy

import handlers
import problems
import security
from house import Dishes, House, KitchenDish, KitchenDishes, ProgramDish, ProgramDishes
from interfaces import ILarder, IPatch, IPost
from shared_db.errors import StaleVersionError

# The publishers of site.zcml, of Grok and of Zope, each replaced by its name.
ZCML = """
<configure xmlns="http://namespaces.zope.org/zope" xmlns:grok="http://namespaces.zope.org/grok">
  <publisher name="HTTP" methods="*" mimetypes="*" priority="1"
             factory="hardening.RequestFactory" />
  <publisher name="BROWSER" methods="GET POST HEAD" mimetypes="*" priority="11"
             factory="hardening.RequestFactory" />
  <publisher name="XMLRPC" methods="POST" mimetypes="text/xml" priority="20"
             factory="hardening.RequestFactory" />
  <grok:grok package="hardening" />
</configure>
"""
BODY_LIMIT_BYTES = 2 * 1024 * 1024 + 64 * 1024  # a photo of 2 MiB, and its form
CHARSETS = ("utf-8", "utf8", "us-ascii")
# Zope skips empty steps, and has special steps such as /@@view, /++namespace++ and /index, the
# name of every default view. This site rejects them, and names that no photo has.
MEDIA_TYPE_LIMIT_BYTES = 1024
ADDRESS = re.compile(
    r"/?|(?!/photos/)(/(?!@@|\+\+|(\.\.?|index)(/|$))[^/]+)+|"
    r"/photos/[0-9a-f]{32}\.(png|jpg|webp)"
)


def harden(configuration):
    """Replace components of the configured site by those of this module."""
    xmlconfig.string(ZCML, configuration)
    expected = (*problems.EXPECTED, "BodyTooLarge")
    globalErrorReportingUtility.setProperties(keep_entries=20, ignored_exceptions=expected)
    # forms: Zope would silently drop the invalid parts of a form.
    strict = partial(multipart.parse_form_data, ignore_errors=False)
    zope.publisher.browser.multipart = SimpleNamespace(parse_form_data=strict)


class RequestFactory(GrokBrowserFactory):
    """The factory that gives Zope's publisher the classes of request and publication."""

    def __call__(self):
        return StrictRequest, StrictPublication


class StrictPublication(GrokBrowserPublication):
    """Grok's publication, for requests on which it fails."""

    def traverseName(self, request, ob, name):
        """Return a view without its proxy: its method is checked before its permission (methods).

        callObject() still checks the permission.
        """
        found = super().traverseName(request, ob, name)
        bare = removeSecurityProxy(found)
        return bare if IGrokView.providedBy(bare) else found

    def getDefaultTraversal(self, request, ob):
        """Refuse to send a form to a file (methods)."""
        if IFileResource.providedBy(ob) and request.method != "GET":
            raise MethodNotAllowed(ob, request)
        return super().getDefaultTraversal(request, ob)

    def callObject(self, request, ob):
        """Refuse a document that is nested too deep for Python (json)."""
        try:
            result = super().callObject(request, ob)
        except RecursionError as error:
            raise BadRequest("nested too deep") from error
        return DirectResult(()) if request.response.getStatus() == 304 else result


class StrictRequest(BrowserRequest):
    """A request whose form, cookies and path contain only plain texts and files."""

    _typeFormat = re.compile("(?!)")  # forms: a name does not select a type, as "page:int" would

    def __init__(self, body_instream, environ, response=None):
        environ = tidy(environ)
        if environ["CONTENT_LENGTH"] == "0":
            body_instream = BytesIO()  # limits: Zope would read until the connection is closed
        super().__init__(body_instream, environ, response)
        self.charsets = ["utf-8", "iso-8859-1"]  # charsets: whatever Accept-Charset says
        if self.method == "HEAD":
            self.method = "GET"  # methods: answered like GET, and drop_body removes the body

    def processInputs(self):
        """Reject invalid requests, and read the form; the publisher calls this first."""
        getUtility(ILarder).begin_request()
        path = self.environment["PATH_INFO"]
        if int(self.environment["CONTENT_LENGTH"]) > BODY_LIMIT_BYTES:  # limits
            raise BodyTooLarge
        if not ADDRESS.fullmatch(path):  # addresses, identifiers
            raise NotFound(None, path)
        if self.method == "GET":
            super().processInputs()
        elif not path.startswith("/api/"):
            self._read_form()
        self.form = {name: value for name, value in map(last_value, self.form.items()) if value}

    def _read_form(self):
        """Read a form in UTF-8 (charsets, forms)."""
        _, options = multipart.parse_options_header(self.getHeader("Content-Type", ""))
        if options.get("charset", "utf-8").lower() not in CHARSETS:
            raise BadRequest("a form in a charset other than UTF-8")
        try:
            super().processInputs()
        except (LookupError, OSError, ValueError) as error:  # OSError: too many parts, each a file
            raise BadRequest(str(error)) from error

    def _parseCookies(self, text, result=None):
        """Parse each cookie separately, so that a malformed cookie hides no other (limits)."""
        for cookie in text.split(";"):
            with suppress(UnicodeDecodeError):
                super()._parseCookies(cookie, result)

    def _authUserPW(self):
        """Return no Basic credentials, which Zope would parse in every request (limits)."""


def tidy(environ):
    """Return an environ without the values on which Zope fails (addresses, limits)."""
    path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
    length = environ.get("CONTENT_LENGTH") or "0"
    media_type = environ.get("CONTENT_TYPE", "")
    accept = environ.get("HTTP_ACCEPT", "")
    environ = {
        **environ,
        "PATH_INFO": path.encode().decode("latin-1"),
        "CONTENT_LENGTH": length if length.isdecimal() else "0",
        "CONTENT_TYPE": media_type if len(media_type) <= MEDIA_TYPE_LIMIT_BYTES else "",
        "SERVER_URL": "",  # links and redirects are paths: the Host header is not trusted
        "HTTPS": "on" if environ["wsgi.url_scheme"] == "https" else "off",
        "HTTP_ACCEPT": "application/json" if prefers_json(accept) else "text/html",
        "HTTP_AUTHORIZATION": " ".join(environ.get("HTTP_AUTHORIZATION", "").split()),
    }
    if path.startswith("/api/"):  # media-types
        media_type = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        environ["CONTENT_TYPE"] = media_type if media_type == "application/json" else ""
    date = environ.get("HTTP_IF_MODIFIED_SINCE", "")
    if "HTTP_IF_NONE_MATCH" in environ or not is_date(date):  # conditions
        environ.pop("HTTP_IF_MODIFIED_SINCE", None)
    for name in {"HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"} & environ.keys():
        if environ[name].strip() not in ("", "*"):  # an asterisk in a list is no condition
            # A backslash in a tag quotes nothing (RFC 9110, 8.8.3); no tag of this site has one.
            tags = (tag for tag in parse_etags(environ[name].replace("\\", "/")) if tag != "*")
            environ[name] = ", ".join(tags) or '""'
    if "HTTP_IF_NONE_MATCH" in environ:  # weak tags match (RFC 9110, 13.1.2)
        environ["HTTP_IF_NONE_MATCH"] = environ["HTTP_IF_NONE_MATCH"].replace("W/", "")
    return environ


def is_date(text):
    """Return whether a text is a date in the format that RFC 9110 requires of senders."""
    try:
        return bool(text and datetime.strptime(text, "%a, %d %b %Y %H:%M:%S GMT"))
    except ValueError:
        return False


def last_value(field):
    """Return a field with its last value, which counts (Zope: a list), or with None (forms).

    The field photo is a file, and all other fields are texts.
    """
    name, value = field
    value = value[-1] if isinstance(value, list) else value
    return name, value if isinstance(value, FileUpload if name == "photo" else str) else None


def prefers_json(accept):
    """Return whether an Accept header ranks application/json above text/html (media-types)."""
    ranges = [parse_range(entry) for entry in accept.split(",")]
    return quality_of("application/json", ranges) > quality_of("text/html", ranges)


def parse_range(entry):
    """Return a media range and its quality; an invalid range has quality 0."""
    media_range, *parameters = (part.strip().lower() for part in entry.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "q":
            try:
                return media_range, float(value)
            except ValueError:
                return media_range, 0.0
    return media_range, 1.0


def quality_of(wanted, ranges):
    """Return the quality of the most specific matching range."""
    for matching in (wanted, wanted.partition("/")[0] + "/*", "*/*"):
        qualities = [quality for media_range, quality in ranges if media_range == matching]
        if qualities:
            return qualities[0]
    return 0.0


@grok.subscribe(IEndRequestEvent)
def drop_body(event):
    """Remove the body of the reply to HEAD (methods); Zope also changes the headers."""
    response = event.request.response
    if event.request.environment["REQUEST_METHOD"] == "HEAD":
        if close := getattr(response.consumeBodyIter(), "close", None):
            close()
        response.setResult(DirectResult(()))


class BodyTooLarge(PublishingException):
    """The body is larger than the limit (limits)."""


class TooMuch(problems.Explain):
    grok.context(BodyTooLarge)
    status = 413


class NamesMethods(problems.NotInThatWay):
    """The reply 405, which names the methods of all views at the address (methods)."""

    def __call__(self):
        view = self.context.object
        self.response.setHeader("Allow", ", ".join(sorted(methods_at(view))))
        return super().__call__()


def methods_at(found):
    """Return the methods of the views at the address of an object or view."""
    is_view = IGrokView.providedBy(found)
    context, name = (found.context, found.__name__) if is_view else (found, "index")
    find, methods = getSiteManager().adapters.lookup, set()
    for layer in (IDefaultBrowserLayer, IPost, IPatch):
        view = find((providedBy(context), layer), Interface, name)
        methods.add(getattr(view, "method", "GET"))
    return methods | {"HEAD"} if "GET" in methods else methods


class AnyDish(grok.Traverser):
    """The address of a dish; int() would accept 01 and ٣ for 1 and 3 (identifiers)."""

    grok.context(Dishes)

    def traverse(self, name):
        return getUtility(ILarder).dishes.get(name)


class AnyKitchenDish(grok.Traverser):
    grok.context(KitchenDishes)

    def traverse(self, name):
        return KitchenDish(name)


class AnyProgramDish(grok.Traverser):
    grok.context(ProgramDishes)

    def traverse(self, name):
        return ProgramDish(name)


class FindChangeDish(handlers.FindChangeDish):
    def traverse(self, name):
        return getMultiAdapter((ProgramDish(name), self.request), name="index")


class ChangeDishOnce(handlers.ChangeDish):
    """The change of a dish, unless the program has that version (conditions)."""

    def update(self):
        if tags := parse_etags(self.request.getHeader("If-None-Match", "")):
            dish = getUtility(ILarder).dishes.get(self.context.dish_id)
            if etag_matches(quote_etag(str(dish.version)), tags):
                raise StaleVersionError


class KitchenAuthentication(security.StaffAuthentication):
    """Only the kitchen needs a principal: other pages do not load the session (thrift)."""

    def authenticate(self, request):
        to_the_kitchen = request.getTraversalStack()[-1:] == ["kitchen"]
        return super().authenticate(request) if to_the_kitchen else None


@grok.subscribe(House, grok.IObjectAddedEvent)
def replace_authentication(house, event):
    """Register KitchenAuthentication in place of the utility that the house declares."""
    house.getSiteManager().registerUtility(KitchenAuthentication(), IAuthentication)
