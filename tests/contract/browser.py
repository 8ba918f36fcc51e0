"""How does a browser ask? With one cookie jar, and forms as the pages give them."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

from tests.contract.forms import Files, written
from tests.contract.page import Form, Page
from tests.contract.reply import Reply
from tests.contract.wire import Exchange, Line

COOKIE = "larder_session"
# Where the form that goes to an address is found. Every other address has its own page.
PAGE_OF_FORM = {"/orders": "/cart", "/login": "/login", "/logout": "/kitchen"}


class Browser:
    """One browser. Nothing is followed and nothing retried: a clause sees each reply as it came."""

    def __init__(
        self, exchange: Exchange, origin: str, shelf: str = "", keeps_cookies: bool = True
    ) -> None:
        """Open it; `shelf` is a page with a form that puts a dish in the cart.

        `origin` is where it believes to be: behind https it is not what is asked.
        """
        self.exchange = exchange
        self.origin = origin
        self.cookies: dict[str, str] = {}
        self._shelf = shelf
        self._keeps_cookies = keeps_cookies
        self._forms: dict[str, tuple[str, Form]] = {}

    @property
    def token(self) -> str:
        """The session's token, as the cookie holds it; "" without one."""
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
        """Send a request as it is."""
        target = f"{path}?{urlencode(params)}" if params else path
        reply = self.exchange.ask(method, target, {**self._usual(), **(headers or {})}, body)
        if self._keeps_cookies:
            self.cookies = kept(self.cookies, reply.headers.get_list("Set-Cookie"))
        return reply

    def _usual(self) -> dict[str, str | bytes]:
        """Return the headers a browser sends by itself."""
        jar = "; ".join(f"{name}={text}" for name, text in self.cookies.items())
        return {"user-agent": "contract", "accept": "*/*", "cookie": jar}

    def get(
        self,
        path: str,
        headers: Mapping[str, str | bytes] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Reply:
        """Ask for an address."""
        return self.request("GET", path, headers, params=params)

    def send(
        self, method: str, path: str, document: object, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send a document as JSON, in ASCII, so that it may hold what UTF-8 cannot."""
        body = json.dumps(document).encode("ascii")
        together = {"content-type": "application/json", **(headers or {})}
        return self.request(method, path, together, body)

    @contextmanager
    def stream(self, path: str) -> Iterator[Iterator[bytes]]:
        """Give the content of an address piece by piece; what is left is never read."""
        line = Line(self.exchange.url)
        try:
            line.send(self.exchange.request("GET", path, self._usual(), b""))
            yield line.pieces(*line.head())
        finally:
            line.close()

    def page(self, path: str) -> Page:
        """Open a page that is there."""
        reply = self.get(path)
        assert reply.status == 200, f"{path} is {reply.status}"
        return Page(reply)

    def csrf(self, action: str) -> dict[str, str]:
        """Return the CSRF fields of the form that goes to an address, from the page it is on."""
        return self._form(action).csrf

    def _form(self, action: str) -> Form:
        """Return the form that goes to an address, read once as long as the session lasts."""
        page = self._page_of(action)
        token, form = self._forms.get(page, ("", None))
        if form is None or not token or token != self.token:
            form = self._read_form(page, action)
            self._forms[page] = (self.token, form)
        return form

    def _read_form(self, page: str, action: str) -> Form:
        """Read the form itself; where it is not shown, any form of the session will do."""
        for path in (page, "/login"):
            shown = Page(self.get(path))
            for form in shown.forms(action) or shown.forms("/login"):
                return form
        raise AssertionError(f"no form on {page} or /login")

    def _page_of(self, action: str) -> str:
        if match := re.match(r"(?:/kitchen)?(/dishes/[^/]+)/(?:reviews|photo)$", action):
            return match[1]
        if action.startswith("/kitchen/"):
            return "/kitchen"
        return self._shelf if action == "/cart" else PAGE_OF_FORM.get(action, "/login")

    def post(
        self, action: str, fields: Mapping[str, str] | None = None, files: Files | None = None
    ) -> Reply:
        """Send a form with its CSRF fields, as a browser would."""
        form = self._form(action)
        return self.post_bare(action, {**form.csrf, **(fields or {})}, files, [*form.fields])

    def post_bare(
        self,
        action: str,
        fields: Mapping[str, str] | None = None,
        files: Files | None = None,
        order: Sequence[str] = (),
    ) -> Reply:
        """Send a form of these very fields."""
        kind, body = written(fields or {}, files, order)
        seen_on = {"origin": self.origin, "referer": self.origin + self._page_of(action)}
        return self.request("POST", action, {"content-type": kind, **seen_on}, body)


def kept(cookies: dict[str, str], given: list[str]) -> dict[str, str]:
    """Return a jar after a reply. Flags are for clauses to look at; here only deletion counts."""
    jar = dict(cookies)
    for cookie in given:
        pair, _, attributes = cookie.partition(";")
        name, _, text = pair.strip().partition("=")
        if is_deletion(attributes):
            jar.pop(name, None)
        else:
            jar[name] = text
    return jar


def is_deletion(attributes: str) -> bool:
    """Tell whether a cookie's attributes make a browser drop it: its age, or a day that is past."""
    if re.search(r"max-age=0\b", attributes, re.IGNORECASE):
        return True
    expires = re.search(r"expires=([^;]+)", attributes, re.IGNORECASE)
    return bool(expires and parsedate_to_datetime(expires[1]) < datetime.now(UTC))
