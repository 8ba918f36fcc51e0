"""A minimal browser: one cookie jar, and the forms of the pages."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from threading import Lock
from urllib.parse import urlencode

from bench.conformance.differential.http_client import store_cookies
from tests.contract.forms import Files, written
from tests.contract.page import Form, Page
from tests.contract.reply import Reply
from tests.contract.wire import Exchange, connect

COOKIE = "larder_session"
# The page that contains the form for an address. Forms for other addresses are on their own page.
PAGE_OF_FORM = {"/orders": "/cart", "/login": "/login", "/logout": "/kitchen"}


class Browser:
    """One browser. It follows no redirect and retries nothing: a clause sees each reply itself."""

    def __init__(
        self, exchange: Exchange, origin: str, shelf: str = "", keeps_cookies: bool = True
    ) -> None:
        """Store the connection. `shelf` is a page with a form that puts a dish in the cart.

        `origin` is the origin that the browser sends; behind HTTPS the requested URL differs.
        """
        self.exchange = exchange
        self.origin = origin
        self.cookies: dict[str, str] = {}
        self._jar_lock = Lock()
        self._shelf = shelf
        self._keeps_cookies = keeps_cookies
        self._forms: dict[str, tuple[str, Form]] = {}

    @property
    def token(self) -> str:
        """The session's token in the cookie, or "" without a cookie."""
        return self.cookies.get(COOKIE, "")

    @token.setter
    def token(self, token: str) -> None:
        self.cookies = {COOKIE: token} if token else {}

    def request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str | bytes] | None = None,
        body: bytes = b"",
        params: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send a request unchanged."""
        target = f"{path}?{urlencode(params)}" if params else path
        reply = self.exchange.ask(method, target, {**self._usual(), **(headers or {})}, body)
        if self._keeps_cookies:
            with self._jar_lock:  # several requests of one browser may be in progress
                jar = dict(self.cookies)  # another thread may read the cookies
                store_cookies(jar, reply.headers.get_list("Set-Cookie"))
                self.cookies = jar
        return reply

    def _usual(self) -> dict[str, str | bytes]:
        """Return the headers that a browser sends with every request."""
        jar = "; ".join(f"{name}={text}" for name, text in self.cookies.items())
        return {"user-agent": "contract", "accept": "*/*", "cookie": jar}

    def get(
        self,
        path: str,
        headers: Mapping[str, str | bytes] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send a GET request."""
        return self.request("GET", path, headers, params=params)

    def send(
        self, method: str, path: str, document: object, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send a document as JSON in ASCII, which can contain escaped lone surrogates."""
        body = json.dumps(document).encode("ascii")
        together = {"content-type": "application/json", **(headers or {})}
        return self.request(method, path, together, body)

    @contextmanager
    def stream(self, path: str) -> Iterator[Iterator[bytes]]:
        """Yield the content of an address in pieces. The rest of the content is never read."""
        with closing(connect(self.exchange.url)) as connection:
            connection.send(self.exchange.request("GET", path, self._usual(), b""))
            yield connection.iterate_body(connection.read_head(), "GET")

    def page(self, path: str) -> Page:
        """Return the page of an address; fail unless its status is 200."""
        reply = self.get(path)
        assert reply.status == 200, f"{path} is {reply.status}"
        return Page(reply)

    def csrf(self, action: str) -> dict[str, str]:
        """Return the CSRF fields of the form for an address, read from the form's page."""
        return self._form(action).csrf

    def _form(self, action: str) -> Form:
        """Return the form for an address. It is read once for each session."""
        page = self._page_of(action)
        token, form = self._forms.get(page, ("", None))
        if form is None or not token or token != self.token:
            form = self._read_form(page, action)
            self._forms[page] = (self.token, form)
        return form

    def _read_form(self, page: str, action: str) -> Form:
        """Read the form; if the page does not show it, read any other form of the session."""
        pages = dict.fromkeys((page, "/login"))
        for path in pages:
            shown = Page(self.get(path))
            for form in shown.forms(action) or shown.forms("/login"):
                return form
        raise AssertionError(f"no form on {' or '.join(pages)}")

    def _page_of(self, action: str) -> str:
        if match := re.match(r"(?:/kitchen)?(/dishes/[^/]+)/(?:reviews|photo)$", action):
            return match[1]
        if action.startswith("/kitchen/"):
            return "/kitchen"
        return self._shelf if action == "/cart" else PAGE_OF_FORM.get(action, "/login")

    def post(
        self, action: str, fields: Mapping[str, str] | None = None, files: Files | None = None
    ) -> Reply:
        """Send a form with its CSRF fields, as a browser does."""
        form = self._form(action)
        return self.post_bare(action, {**form.csrf, **(fields or {})}, files, [*form.fields])

    def post_bare(
        self,
        action: str,
        fields: Mapping[str, str] | None = None,
        files: Files | None = None,
        order: Sequence[str] = (),
    ) -> Reply:
        """Send a form with exactly these fields."""
        kind, body = written(fields or {}, files, order)
        seen_on = {"origin": self.origin, "referer": self.origin + self._page_of(action)}
        return self.request("POST", action, {"content-type": kind, **seen_on}, body)
