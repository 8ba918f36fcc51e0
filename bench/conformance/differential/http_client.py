"""Send requests to a site as browsers do, with cookies, form tokens and addresses of pages before.

This module and multipart.py need only the standard library: their texts are in each replay script.
"""

import http.client
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from bench.agent.multipart import build_file_part, encode_form

BOUNDARY = b"----differential-5f2b7c"
TIMEOUT_SECONDS = 60
FORM_FIELDS = ("dish_id", "idempotency_key", "next", "quantity")  # hidden fields that are no tokens
PLACEHOLDER = re.compile(r"\{(order|photo|etag) ?(\d*)\}")
ORDER_LOCATION = re.compile(r"/orders/([0-9a-f]{20})$")


class Request(NamedTuple):
    """One request; {order 1}, {photo} and {etag} in path and headers become values of the site."""

    user: str  # the user with the cookies; the user "program" has none
    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    fields: dict[str, str] | None = None  # of a form
    photo: bytes | None = None  # sent as a file in a multipart body
    body: bytes = b""  # of a request without a form
    with_csrf: bool = True  # whether the hidden fields of the previous page's form are sent


class Reply(NamedTuple):
    """One reply; without a reply, the status is 0 and the body is the reason."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def get_all(self, name: str) -> list[str]:
        """Return the values of the headers with a name in lower case."""
        return [text for known, text in self.headers if known.lower() == name]

    def get_first(self, name: str) -> str:
        """Return the value of the first header with a name in lower case, "" without one."""
        return next(iter(self.get_all(name)), "")


class HiddenFieldParser(HTMLParser):
    """Read the hidden fields of a page's POST forms, by action."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields_by_action: dict[str, dict[str, str]] = {}
        self.current_form: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Store a form, or a hidden field of the current form."""
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
    """The values that a user's browser remembers from previous pages."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}
        self.forms: dict[str, dict[str, str]] = {}
        self.photo = self.etag = ""

    def remember(self, reply: Reply) -> None:
        """Store the cookies, the tag, and a page's forms and photo."""
        store_cookies(self.cookies, reply.get_all("set-cookie"))
        self.etag = reply.get_first("etag") or self.etag
        is_page = reply.get_first("content-type").lower().startswith("text/html")
        if is_page and reply.body and not 300 <= reply.status < 400:
            page = reply.body.decode("utf-8", "replace")
            self.forms = HiddenFieldParser(page).fields_by_action
            self.photo = next(iter(re.findall(r"/photos/([\w.]+)", page)), "")

    def find_hidden_fields(self, action: str) -> dict[str, str]:
        """Return the hidden fields of the form with this action, else another form's tokens."""
        if action in self.forms:
            return self.forms[action]
        others = next(iter(self.forms.values()), {})
        return {name: text for name, text in others.items() if name not in FORM_FIELDS}


class HttpSession:
    """The browsers of all users of a sequence at one site."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT_SECONDS)
        self.browsers: dict[str, Browser] = {}
        self.order_codes: list[str] = []  # codes of orders, in the order of their first replies

    def send(self, request: Request) -> Reply:
        """Send a request, and remember the values of the reply."""
        browser = self.browsers.setdefault(request.user, Browser())
        method, path, headers, body = self.build_request(request, browser)
        try:
            self.connection.request(method, path, body or None, headers)
            response = self.connection.getresponse()
            reply = Reply(response.status, response.getheaders(), response.read())
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
        """Return the method, the path, the headers and the body of a request."""
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
        headers["Content-Type"] = f"multipart/form-data; boundary={BOUNDARY.decode()}"
        photo = build_file_part(BOUNDARY, "photo", "p.png", request.photo)
        return request.method, path, headers, encode_form(BOUNDARY, fields, photo)

    def fill_placeholders(self, text: str, browser: Browser) -> str:
        """Return a text with values in place of {order 1}, {photo} and {etag}."""

        def fill(match: re.Match[str]) -> str:
            if match[1] == "order":
                return (["none", *self.order_codes] + ["none"] * 99)[int(match[2])]
            return browser.photo if match[1] == "photo" else browser.etag

        return PLACEHOLDER.sub(fill, text)


def store_cookies(cookies: dict[str, str], set_cookie_values: Iterable[str]) -> None:
    """Store and delete cookies by a reply's headers; ignore all attributes except a deletion."""
    for value in set_cookie_values:
        pair, _, attributes = value.partition(";")
        name, _, text = pair.strip().partition("=")
        cookies.pop(name, None)
        if not is_deletion(attributes):
            cookies[name] = text


def is_deletion(attributes: str) -> bool:
    """Return whether a cookie's attributes delete it: a Max-Age of 0 or a date in the past."""
    if re.search(r"max-age=0\b", attributes, re.IGNORECASE):
        return True
    expires = re.search(r"expires=([^;]+)", attributes, re.IGNORECASE)
    return bool(expires and parsedate_to_datetime(expires[1]) < datetime.now(UTC))
