"""How does a browser go through a site, one request after another?

Standard library only: this file's text is part of every script that replays a journey.
"""

import http.client
import re
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

BOUNDARY = "----walk-5f2b7c"
TIMEOUT_SECONDS = 60
PLACEHOLDER = re.compile(r"\{(order|photo|etag) ?(\d*)\}")
ORDER_LOCATION = re.compile(r"/orders/([0-9a-f]{20})$")
DELETED_COOKIE = re.compile(r"max-age=0\b|expires=[^;]*\b(19\d\d|2000)\b")


class Request(NamedTuple):
    """One request. {order 1}, {photo} and {etag} in path and headers stand for what was seen."""

    user: str  # whose cookies it carries; the "program" keeps none
    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    fields: dict[str, str] | None = None  # of a form
    photo: bytes | None = None  # sent as a file, with the fields in parts
    body: bytes = b""  # where there is no form
    with_csrf: bool = True  # whether the hidden fields of the form on the page before go along


class Reply(NamedTuple):
    """What came back; status 0 where nothing did, with the reason as the body."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def get_all(self, name: str) -> list[str]:
        """Return the text of each header of a name, given in lower case."""
        return [text for known, text in self.headers if known.lower() == name]

    def get_first(self, name: str) -> str:
        """Return the text of the first header of a name, "" without one."""
        return next(iter(self.get_all(name)), "")


class HiddenFieldParser(HTMLParser):
    """The hidden fields of a page's POST forms, by action."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields_by_action: dict[str, dict[str, str]] = {}
        self.current_form: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, or a hidden field of the form that is open."""
        facts = {name: text or "" for name, text in attrs}
        if tag == "form":
            self.current_form = {}
            if facts.get("method", "").lower() == "post":
                self.current_form = self.fields_by_action.setdefault(
                    facts.get("action", ""), self.current_form
                )
        elif tag == "input" and facts.get("type", "").lower() == "hidden":
            self.current_form.setdefault(facts.get("name", ""), facts.get("value", ""))


class Browser:
    """What one guest's browser remembers of the pages before."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}
        self.forms: dict[str, dict[str, str]] = {}
        self.photo = self.etag = ""

    def remember(self, reply: Reply) -> None:
        """Keep the cookies, the tag, and a page's forms and photo."""
        for cookie in reply.get_all("set-cookie"):
            pair, _, attributes = cookie.partition(";")
            name, _, text = pair.strip().partition("=")
            self.cookies.pop(name, None)
            if not DELETED_COOKIE.search(attributes.lower()):
                self.cookies[name] = text
        self.etag = reply.get_first("etag") or self.etag
        is_page = reply.get_first("content-type").lower().startswith("text/html")
        if is_page and reply.body and not 300 <= reply.status < 400:
            page = reply.body.decode("utf-8", "replace")
            self.forms = HiddenFieldParser(page).fields_by_action
            self.photo = next(iter(re.findall(r"/photos/([\w.]+)", page)), "")

    def find_hidden_fields(self, action: str) -> dict[str, str]:
        """Return the hidden fields of the form that goes there, else of any form on the page."""
        return self.forms.get(action) or next(iter(self.forms.values()), {})


class HttpSession:
    """All guests of a journey at one site."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT_SECONDS)
        self.browsers: dict[str, Browser] = {}
        self.order_codes: list[str] = []  # codes, in the order in which they were first seen

    def send(self, request: Request) -> Reply:
        """Send a request, and remember what came back."""
        browser = self.browsers.setdefault(request.user, Browser())
        method, path, headers, body = self.build_request(request, browser)
        try:
            self.connection.request(method, path, body or None, headers)
            answer = self.connection.getresponse()
            reply = Reply(answer.status, answer.getheaders(), answer.read())
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            return Reply(0, [], f"{type(error).__name__}: {error}".encode())
        browser.remember(reply)
        if request.user == "program":
            browser.cookies.clear()
        code = ORDER_LOCATION.search(reply.get_first("location"))
        if code and code[1] not in self.order_codes:
            self.order_codes.append(code[1])
        return reply

    def build_request(
        self, request: Request, browser: Browser
    ) -> tuple[str, str, dict[str, str], bytes]:
        """Return the method, the path, the headers and the body as they are sent."""
        path = self.fill_placeholders(request.path, browser)
        headers = {name: self.fill_placeholders(text, browser) for name, text in request.headers}
        if browser.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in browser.cookies.items())
        if request.fields is None:
            return request.method, path, headers, request.body
        fields = (browser.find_hidden_fields(path) if request.with_csrf else {}) | request.fields
        headers |= {"Origin": self.url, "Referer": f"{self.url}/"}
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        if request.photo is None:
            return request.method, path, headers, urlencode(fields).encode()
        headers["Content-Type"] = f"multipart/form-data; boundary={BOUNDARY}"
        return request.method, path, headers, build_multipart(fields, request.photo)

    def fill_placeholders(self, text: str, browser: Browser) -> str:
        """Return a text with what was seen in place of {order 1}, {photo} and {etag}."""

        def value(found: re.Match[str]) -> str:
            if found[1] == "order":
                return (["none", *self.order_codes] + ["none"] * 99)[int(found[2])]
            return browser.photo if found[1] == "photo" else browser.etag

        return PLACEHOLDER.sub(value, text)


def build_multipart(fields: dict[str, str], photo: bytes) -> bytes:
    """Return a form with a photo as a browser writes it."""
    named = [(f'"{name}"', text.encode()) for name, text in fields.items()]
    named.append(('"photo"; filename="p.png"\r\nContent-Type: image/png', photo))
    start = f"--{BOUNDARY}\r\nContent-Disposition: form-data; name="
    body = b"".join(f"{start}{head}\r\n\r\n".encode() + text + b"\r\n" for head, text in named)
    return body + f"--{BOUNDARY}--\r\n".encode()
