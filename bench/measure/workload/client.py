"""How does one come by a request that only a guest with a session can make?

By visiting the application itself, as a browser would: its own cookies, its own forms.
"""

from http.cookies import SimpleCookie
from urllib.parse import urlencode

from bench.conformance.canonical_dom import parse
from bench.conformance.site_constants import COOKIE, FORM
from bench.measure.workload.worker import Broken, Reply, Request, Worker

BOUNDARY = "----cookoff-4d5c2a"


class Guest:
    """A browser in front of one worker."""

    def __init__(self, worker: Worker):
        self.worker, self.cookies = worker, dict[str, str]()

    def call(self, request: Request, status: int) -> Reply:
        """Send a request, keep the cookies; raise Broken when the status is another."""
        reply = self.worker.call(request)
        for name, value in reply.headers:
            if name.lower() == "set-cookie":
                self.cookies |= {key: one.value for key, one in SimpleCookie(value).items()}
        if reply.status != status:
            name = self.worker.order.name
            raise Broken(f"{name}: {request.method} {request.target} answered {reply.status}")
        return reply

    def get(self, target: str) -> Reply:
        """Ask for a page."""
        return self.call(Request(target, environ=self.headers()), 200)

    def fields(self, page: str, action: str) -> dict[str, str]:
        """Return the fields of a page's form that have names and values."""
        root = parse(self.get(page).body.decode())
        forms = [one for one in root.iter("form") if one.get("action") == action]
        if not forms:
            raise Broken(f"{self.worker.order.name}: {page} has no form for {action}")
        inputs = [one for one in forms[0].iter("input") if one.get("name")]
        return {one.get("name", ""): one.get("value", "") for one in inputs}

    def form(self, page: str, action: str, **values: str) -> Request:
        """Return the request that sends a page's form with these values in it."""
        body = urlencode(self.fields(page, action) | values).encode("ascii")
        return Request(action, "POST", body, self.headers(FORM), self.cookies.get(COOKIE))

    def upload(self, page: str, action: str, name: str, content: bytes) -> Request:
        """Return the request that sends a page's form with a PNG in it."""
        fields = {key: value for key, value in self.fields(page, action).items() if key != name}
        body = multipart(fields, name, content)
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        return Request(action, "POST", body, self.headers(kind), self.cookies.get(COOKIE))

    def submit(self, request: Request) -> Reply:
        """Send a form that leads on to another page."""
        return self.call(request, 303)

    def headers(self, content_type: str = "") -> dict[str, str]:
        """Return the headers that go with every request, as the environ has them."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"HTTP_COOKIE": cookies} if cookies else {}
        return headers | ({"CONTENT_TYPE": content_type} if content_type else {})


def multipart(fields: dict[str, str], name: str, content: bytes) -> bytes:
    """Return a form's body in parts, a PNG the last of them."""
    head = f"--{BOUNDARY}\r\nContent-Disposition: form-data; name="
    texts = "".join(f'{head}"{key}"\r\n\r\n{value}\r\n' for key, value in fields.items())
    file = f'{head}"{name}"; filename="{name}.png"\r\nContent-Type: image/png\r\n\r\n'
    return (texts + file).encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
