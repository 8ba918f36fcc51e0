"""CherryPy's request with headers, cookies and queries parsed as the standards require."""

import re
from contextlib import suppress
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl

import cherrypy
from cherrypy._cprequest import Request

HEADER_LIMIT_BYTES = 8 * 1024
# One valid range; to any other Range header the answer is the whole file.
RANGE = re.compile(r"bytes=([0-9]{1,18}-[0-9]{0,18}|-[1-9][0-9]{0,17})")


class LenientRequest(Request):
    """CherryPy's request; the site's error page answers an invalid request."""

    refusal = None

    def process_headers(self):
        # Replaces CherryPy's method, which decodes encoded words (RFC 2047; HTTP has none),
        # and uses the Host header in addresses. For a target without a leading slash, CherryPy
        # would find no configuration and no error page. CherryPy also merges two slashes into
        # one.
        path = self.wsgi_environ["PATH_INFO"] or "/"
        if not path.startswith("/") or "//" in path:
            self.refusal = cherrypy.NotFound()
        for name, value in self.header_list:
            if len(value) > HEADER_LIMIT_BYTES:
                self.refusal = cherrypy.HTTPError(431)
            else:
                self.headers[name] = value.strip()
        if self.protocol >= (1, 1) and "Host" not in self.headers:
            self.refusal = self.refusal or cherrypy.HTTPError(400)
        self.base = f"{self.scheme}://{self.local.name}"
        self.cookie = TolerantCookie(self.headers.get("Cookie", ""))
        if self.method != "PATCH":
            self.headers.pop("If-Match", None)  # it protects changes, but CherryPy also rejects GET
        forgive(self.headers)

    def get_resource(self, path):
        super().get_resource("/" if self.refusal else path)
        if self.refusal:
            self.handler, self.process_request_body = self.refusal, False

    def process_query_string(self):
        # CherryPy splits at semicolons and makes lists of repeated fields.
        self.params.update(parse_qsl(self.query_string, keep_blank_values=True))


class TolerantCookie(SimpleCookie):
    """Cookies, parsed one by one: SimpleCookie drops all of them if one is malformed."""

    def load(self, rawdata):
        for pair in rawdata.split(";"):
            name, _, value = pair.partition("=")
            with suppress(CookieError):
                self[name.strip()] = value.strip()


def forgive(headers):
    """Normalise the headers that CherryPy interprets literally."""
    if "Accept" in headers:
        headers["Accept"] = headers["Accept"].lower()  # section 8.3.1
    if "Content-Type" in headers:
        kind, semicolon, parameters = headers["Content-Type"].partition(";")
        headers["Content-Type"] = kind.lower() + semicolon + parameters
    if "If-None-Match" in headers:
        headers["If-None-Match"] = headers["If-None-Match"].replace("W/", "")  # 13.1.2: weak
        headers.pop("If-Modified-Since", None)  # 13.1.3
    if "If-Range" in headers or not RANGE.fullmatch(headers.get("Range", "")):
        headers.pop("Range", None)  # 14.2: a server may ignore it
    headers.pop("If-Unmodified-Since", None)  # CherryPy would compare the dates as texts
    headers.pop("Content-Disposition", None)  # a header of parts and replies, never of a request
    # RFC 9112, 6.3: without a length there is no body. CherryPy would answer 411, or read forever.
    headers["Content-Length"] = headers.get("Content-Length") or "0"
    headers.pop("Transfer-Encoding", None)  # the server handles it


def prefers_json():
    """Return whether Accept ranks JSON above HTML; cptools.accept ignores specific ranges."""
    with suppress(cherrypy.HTTPError):  # a malformed Accept is ignored
        ranges = cherrypy.request.headers.elements("Accept")
        qualities = {each.value: each.qvalue for each in ranges}
        return quality(qualities, "application/json") > quality(qualities, "text/html")
    return False


def quality(qualities, kind):
    """Return the quality of a media type by the most specific matching range."""
    for each in (kind, kind.partition("/")[0] + "/*", "*/*"):
        if each in qualities:
            return qualities[each]
    return 0
