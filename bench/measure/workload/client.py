"""How does one come by a request that only a guest with a session can make?

By visiting the application itself, as a browser would: its own cookies, its own forms.
"""

from http.cookies import SimpleCookie
from urllib.parse import urlencode

from bench.conformance.canonical_dom import parse_html
from bench.conformance.site_constants import FORM_TYPE, SESSION_COOKIE
from bench.measure.workload.worker import Reply, Request, Worker, WorkerError

MULTIPART_BOUNDARY = "----cookoff-4d5c2a"


class SessionClient:
    """A browser in front of one worker."""

    def __init__(self, worker: Worker):
        self.worker, self.cookies = worker, dict[str, str]()

    def send(self, request: Request, status: int) -> Reply:
        """Send a request, keep the cookies; raise Broken when the status is another."""
        reply = self.worker.call_once(request)
        for name, value in reply.headers:
            if name.lower() == "set-cookie":
                self.cookies |= {key: one.value for key, one in SimpleCookie(value).items()}
        if reply.status != status:
            name = self.worker.launch_spec.name
            raise WorkerError(f"{name}: {request.method} {request.target} answered {reply.status}")
        return reply

    def get_page(self, target: str) -> Reply:
        """Ask for a page."""
        return self.send(Request(target, environ=self.build_headers()), 200)

    def read_form_fields(self, page: str, action: str) -> dict[str, str]:
        """Return the fields of a page's form that have names and values."""
        root = parse_html(self.get_page(page).body.decode())
        forms = [one for one in root.iter("form") if one.get("action") == action]
        if not forms:
            raise WorkerError(f"{self.worker.launch_spec.name}: {page} has no form for {action}")
        inputs = [one for one in forms[0].iter("input") if one.get("name")]
        return {one.get("name", ""): one.get("value", "") for one in inputs}

    def build_form_request(self, page: str, action: str, **values: str) -> Request:
        """Return the request that sends a page's form with these values in it."""
        body = urlencode(self.read_form_fields(page, action) | values).encode("ascii")
        return Request(
            action, "POST", body, self.build_headers(FORM_TYPE), self.cookies.get(SESSION_COOKIE)
        )

    def build_upload_request(self, page: str, action: str, name: str, content: bytes) -> Request:
        """Return the request that sends a page's form with a PNG in it."""
        fields = {
            key: value for key, value in self.read_form_fields(page, action).items() if key != name
        }
        body = encode_multipart(fields, name, content)
        kind = f"multipart/form-data; boundary={MULTIPART_BOUNDARY}"
        return Request(
            action, "POST", body, self.build_headers(kind), self.cookies.get(SESSION_COOKIE)
        )

    def submit(self, request: Request) -> Reply:
        """Send a form that leads on to another page."""
        return self.send(request, 303)

    def build_headers(self, content_type: str = "") -> dict[str, str]:
        """Return the headers that go with every request, as the environ has them."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"HTTP_COOKIE": cookies} if cookies else {}
        return headers | ({"CONTENT_TYPE": content_type} if content_type else {})


def encode_multipart(fields: dict[str, str], name: str, content: bytes) -> bytes:
    """Return a form's body in parts, a PNG the last of them."""
    head = f"--{MULTIPART_BOUNDARY}\r\nContent-Disposition: form-data; name="
    texts = "".join(f'{head}"{key}"\r\n\r\n{value}\r\n' for key, value in fields.items())
    file = f'{head}"{name}"; filename="{name}.png"\r\nContent-Type: image/png\r\n\r\n'
    return (texts + file).encode() + content + f"\r\n--{MULTIPART_BOUNDARY}--\r\n".encode()
