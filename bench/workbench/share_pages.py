"""The pages that share the requests so far, and show shared requests before they are sent."""

import asyncio
from urllib.parse import urlencode

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from bench.conformance.differential.http_client import Request as SharedRequest
from bench.core.errors import UsageError
from bench.workbench.share import WRITERS
from bench.workbench.shared_requests import decode_requests, encode_requests
from bench.workbench.workbench import Workbench


class SharePages:
    """The requests as a file for other programs, or as an address."""

    def __init__(self, workbench: Workbench, templates: Environment) -> None:
        self.workbench, self.templates = workbench, templates

    async def show_shared(self, request: Request) -> Response:
        """Send the requests so far in one of the forms for other programs, or as an address."""
        requests = await asyncio.to_thread(self.workbench.share_requests)
        kind = request.path_params["kind"]
        if kind == "address":
            query = urlencode({"requests": encode_requests(requests)})
            return self.render_replay(requests, f"{request.base_url}replay?{query}")
        if kind not in WRITERS:
            return PlainTextResponse("There is no such form.\n", 404)
        name, write = WRITERS[kind]
        count = self.workbench.journal.count
        entries = (self.workbench.journal.read(index) for index in range(count))
        statuses = [entry.status for entry in entries if not entry.is_file][: len(requests)]
        disposition = {"content-disposition": f'attachment; filename="{name}"'}
        text = write(requests[: len(statuses)], statuses)
        return PlainTextResponse(text, headers=disposition)

    async def show_replay(self, request: Request) -> Response:
        """Show the requests of an address before they are sent."""
        try:
            requests = decode_requests(request.query_params.get("requests", ""))
        except UsageError as error:
            return PlainTextResponse(f"{error}\n", 400)
        return self.render_replay(requests, "")

    def render_replay(self, requests: list[SharedRequest], address: str) -> Response:
        """Return the page with shared requests; `address` is that of requests to share."""
        text = self.templates.get_template("replay.html").render(
            requests=requests,
            encoded=encode_requests(requests),
            address=address,
            shared=bool(address),
        )
        return HTMLResponse(text)
