"""The request: CherryPy's, with headers, cookies and queries read as their standards say."""

import re
from contextlib import suppress
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl

import cherrypy
from cherrypy._cprequest import Request

HEADER_LIMIT_BYTES = 8 * 1024
# One range, and a sound one; anything else is answered with the whole file.
RANGE = re.compile(r"bytes=([0-9]{1,18}-[0-9]{0,18}|-[1-9][0-9]{0,17})")


class LenientRequest(Request):
    """CherryPy's request, which refuses what cannot be read with the site's error page."""

    refusal = None

    def process_headers(self):
        # In CherryPy's place, which decodes encoded words (RFC 2047) that HTTP does not have,
        # and makes the Host header a part of addresses. A target without a slash is outside the
        # root: CherryPy would find no configuration, and no error page. And it makes one slash
        # of two.
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
            self.headers.pop("If-Match", None)  # it protects a change; CherryPy refuses reading
        forgive(self.headers)

    def get_resource(self, path):
        super().get_resource("/" if self.refusal else path)
        if self.refusal:
            self.handler, self.process_request_body = self.refusal, False

    def process_query_string(self):
        # In CherryPy's place, which splits at semicolons and makes lists of repeated fields.
        self.params.update(parse_qsl(self.query_string, keep_blank_values=True))


class TolerantCookie(SimpleCookie):
    """Cookies, read one by one: SimpleCookie drops all of them if one is malformed."""

    def load(self, rawdata):
        for pair in rawdata.split(";"):
            name, _, value = pair.partition("=")
            with suppress(CookieError):
                self[name.strip()] = value.strip()


def forgive(headers):
    """Change the headers that CherryPy would take to the letter."""
    if "Accept" in headers:
        headers["Accept"] = headers["Accept"].lower()  # section 8.3.1
    if "Content-Type" in headers:
        kind, semicolon, parameters = headers["Content-Type"].partition(";")
        headers["Content-Type"] = kind.lower() + semicolon + parameters
    if "If-None-Match" in headers:
        headers["If-None-Match"] = headers["If-None-Match"].replace("W/", "")  # 13.1.2: weakly
        headers.pop("If-Modified-Since", None)  # 13.1.3
    if "If-Range" in headers or not RANGE.fullmatch(headers.get("Range", "")):
        headers.pop("Range", None)  # 14.2: a server may ignore it
    headers.pop("If-Unmodified-Since", None)  # CherryPy would compare it as a text
    headers.pop("Content-Disposition", None)  # of a part or a reply, never of a request
    # RFC 9112, 6.3: no length, no body. CherryPy would answer 411, or read on without an end.
    headers["Content-Length"] = headers.get("Content-Length") or "0"
    headers.pop("Transfer-Encoding", None)  # the server's business


def prefers_json():
    """Whether the guest ranks JSON above HTML; cptools.accept ignores the more precise range."""
    with suppress(cherrypy.HTTPError):  # a malformed Accept has no meaning
        ranges = cherrypy.request.headers.elements("Accept")
        qualities = {each.value: each.qvalue for each in ranges}
        return quality(qualities, "application/json") > quality(qualities, "text/html")
    return False


def quality(qualities, kind):
    """Return the quality of a media type: that of the most precise range that has it."""
    for each in (kind, kind.partition("/")[0] + "/*", "*/*"):
        if each in qualities:
            return qualities[each]
    return 0
