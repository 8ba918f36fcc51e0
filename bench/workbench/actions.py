"""The buttons of the workbench's page: what each does with its form, and where it leads."""

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bench.core.errors import CookoffError
from bench.workbench.faults import find_fault, put_in, take_out
from bench.workbench.sending import replay_requests, send_request
from bench.workbench.shared_requests import decode_requests
from bench.workbench.view import View
from bench.workbench.workbench import Workbench

MAX_FORM_BYTES = 1024 * 1024
Form = dict[str, str]


class Actions:
    """The actions of the buttons."""

    def __init__(self, workbench: Workbench, stage_origin: str) -> None:
        self.workbench, self.stage_origin = workbench, stage_origin

    def list_routes(self) -> list[Route]:
        """Return the paths of the buttons."""
        actions = {
            "/switch": self.switch,
            "/restart": self.restart,
            "/record": self.set_recording,
            "/send": self.send,
            "/faults": self.put_fault_in,
            "/faults/remove": self.take_fault_out,
            "/replay": self.replay,
        }
        return [
            Route(path, self.build_endpoint(run), methods=["POST"]) for path, run in actions.items()
        ]

    def build_endpoint(
        self, run: Callable[[Form], Awaitable[None]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Return the endpoint of a button: it acts, and shows the page again with any error."""

        async def act(request: Request) -> Response:
            form = await read_form(request)
            try:
                await run(form)
                message = ""
            except CookoffError as error:
                message = str(error)
            if "application/json" in request.headers.get("accept", ""):
                return PlainTextResponse(message, 409 if message else 200)
            query = urlsplit(request.headers.get("referer", "")).query
            return self.show_again(query, message)

        return act

    def show_again(self, query: str, message: str) -> Response:
        """Return a redirect to the page that had the button."""
        view = View.read(QueryParams(query), self.workbench.sites)
        address = "/" + view.build_query()
        more = "&" + urlencode({"message": message}) if message else ""
        return RedirectResponse(address + more, 303)

    async def switch(self, form: Form) -> None:
        """Put another framework on stage."""
        await self.workbench.switch(form.get("name", ""))

    async def restart(self, form: Form) -> None:
        """Start a framework again."""
        await self.workbench.replace(self.workbench.get_site(form.get("name", "")))

    async def send(self, form: Form) -> None:
        """Send a request that no page of the site can send."""
        await send_request(self.workbench.sender.upstream, self.stage_origin, form)

    async def put_fault_in(self, form: Form) -> None:
        """Put a known fault into a site."""
        site = self.workbench.get_site(form.get("name", ""))
        names = (form.get("declared_in", ""), form.get("fault", ""))
        await put_in(self.workbench, site, find_fault(self.workbench, site.name, *names))

    async def take_fault_out(self, form: Form) -> None:
        """Take the fault out of a site."""
        await take_out(self.workbench, self.workbench.get_site(form.get("name", "")))

    async def replay(self, form: Form) -> None:
        """Send the requests of an address."""
        await replay_requests(self.stage_origin, decode_requests(form.get("requests", "")))

    async def set_recording(self, form: Form) -> None:
        """Record lines and calls of each request, or not."""
        self.workbench.sender.records_code = form.get("records") == "1"
        self.workbench.broadcaster.publish("sites")


async def read_form(request: Request) -> Form:
    """Return the fields of a form; too large a form has none."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_FORM_BYTES:
            return {}
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
