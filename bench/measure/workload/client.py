"""Build the requests that need a session, by visiting the application as a browser does.

The client stores the application's cookies and fills in the application's own forms.
"""

from urllib.parse import urlencode

from bench.agent.multipart import build_file_part, encode_form
from bench.conformance.canonical_dom import parse_html
from bench.conformance.differential.http_client import store_cookies
from bench.conformance.site_constants import FORM_TYPE, SESSION_COOKIE
from bench.measure.workload.worker import Reply, Request, Worker, WorkerError

BOUNDARY = b"----cookoff-4d5c2a"


class SessionClient:
    """A client with cookies, which sends its requests to one worker."""

    def __init__(self, worker: Worker):
        self.worker, self.cookies = worker, dict[str, str]()

    def send(self, request: Request, status: int) -> Reply:
        """Send a request and store the reply's cookies; raise WorkerError for another status."""
        reply = self.worker.call_once(request)
        set_cookies = [text for key, text in reply.headers if key.lower() == "set-cookie"]
        store_cookies(self.cookies, set_cookies)
        if reply.status != status:
            name = self.worker.launch_spec.name
            raise WorkerError(
                f"{name}: {request.method} {request.target} answered {reply.status}, not {status}"
            )
        return reply

    def get_page(self, target: str) -> Reply:
        """Return the reply to a GET request; raise WorkerError unless its status is 200."""
        return self.send(Request(target, environ=self.build_headers()), 200)

    def read_form_fields(self, page: str, action: str) -> dict[str, str]:
        """Return the named fields, with their values, of the page's form that has this action.

        Raises WorkerError when the page has no such form.
        """
        root = parse_html(self.get_page(page).body.decode())
        forms = [form for form in root.iter("form") if form.get("action") == action]
        if not forms:
            raise WorkerError(f"{self.worker.launch_spec.name}: {page} has no form for {action}")
        inputs = [field for field in forms[0].iter("input") if field.get("name")]
        return {field.get("name", ""): field.get("value", "") for field in inputs}

    def build_form_request(self, page: str, action: str, **values: str) -> Request:
        """Return the request that submits a page's form with these values filled in."""
        body = urlencode(self.read_form_fields(page, action) | values).encode("ascii")
        return Request(
            action, "POST", body, self.build_headers(FORM_TYPE), self.cookies.get(SESSION_COOKIE)
        )

    def build_upload_request(self, page: str, action: str, name: str, content: bytes) -> Request:
        """Return the request that submits a page's form with a PNG file in the field `name`."""
        fields = {
            key: value for key, value in self.read_form_fields(page, action).items() if key != name
        }
        body = encode_form(
            BOUNDARY, fields, build_file_part(BOUNDARY, name, f"{name}.png", content)
        )
        content_type = f"multipart/form-data; boundary={BOUNDARY.decode()}"
        return Request(
            action, "POST", body, self.build_headers(content_type), self.cookies.get(SESSION_COOKIE)
        )

    def submit(self, request: Request) -> Reply:
        """Send a form; raise WorkerError unless the reply is a redirect with status 303."""
        return self.send(request, 303)

    def build_headers(self, content_type: str = "") -> dict[str, str]:
        """Return the headers of a request under their names in the WSGI environ."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"HTTP_COOKIE": cookies} if cookies else {}
        return headers | ({"CONTENT_TYPE": content_type} if content_type else {})
