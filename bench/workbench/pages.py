"""The workbench's own pages: one page, its parts, and the actions of its buttons."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.datastructures import QueryParams
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from bench.conformance.differential.http_client import Request as SharedRequest
from bench.core.errors import CookoffError, UsageError
from bench.report.highlight import find_language, highlight_lines, wrap_lines
from bench.results.schema import LAYERS
from bench.workbench.access import SAFE_METHODS, find_refusal, is_token, read_headers
from bench.workbench.exchanges import Exchange
from bench.workbench.faults import find_fault, put_in, take_out
from bench.workbench.outcomes import Outcome
from bench.workbench.panels import code, faults, journey, replies, rows
from bench.workbench.sending import replay_requests, send_request
from bench.workbench.share import WRITERS
from bench.workbench.shared_requests import decode_requests, encode_requests
from bench.workbench.view import PANELS, PARTS, View
from bench.workbench.workbench import Workbench

ASSETS = Path(__file__).parent / "assets"
TOKEN_HEADER = "x-workbench-token"
OPEN_PATHS = ("/assets/",)  # need no token: they show nothing of the sites
MAX_FORM_BYTES = 1024 * 1024
Action = Callable[[dict[str, str]], Awaitable[None]]


class Guard:
    """Refuses foreign requests, and requests without the token; adds headers to all replies."""

    def __init__(
        self, app: ASGIApp, authority: str, stage_authority: str, token: str, cookie: str
    ) -> None:
        self.app, self.authority, self.token, self.cookie = app, authority, token, cookie
        policy = (
            f"default-src 'self'; frame-src http://{stage_authority}; frame-ancestors 'none'; "
            "base-uri 'none'; form-action 'self'"
        )
        self.headers = [
            (b"content-security-policy", policy.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
            (b"cache-control", b"no-store"),
            (b"cross-origin-resource-policy", b"same-origin"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""

        async def send_with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *self.headers]
            await send(message)

        refusal = find_refusal(scope, self.authority) or self.find_missing_token(scope)
        app = PlainTextResponse(f"{refusal}\n", 403) if refusal else self.app
        await app(scope, receive, send_with_headers)

    def find_missing_token(self, scope: Scope) -> str:
        """Return why a request without the token is refused, "" for one with the token."""
        if scope["path"].startswith(OPEN_PATHS):
            return ""
        request = Request(scope)
        given = [
            read_headers(scope).get(TOKEN_HEADER, ""),
            request.cookies.get(self.cookie, ""),
            request.query_params.get("token", "") if scope["method"] in SAFE_METHODS else "",
        ]
        if any(is_token(text, self.token) for text in given):
            return ""
        return "Open the address that cookoff workbench printed: it contains the token."


class Pages:
    """The pages of one workbench."""

    def __init__(
        self, workbench: Workbench, authority: str, stage_authority: str, token: str
    ) -> None:
        self.workbench, self.token = workbench, token
        self.stage_origin = f"http://{stage_authority}"
        self.cookie = f"cookoff_workbench_{authority.rpartition(':')[2]}"
        self.templates = Environment(
            loader=PackageLoader("bench.workbench"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        routes = [
            Route("/", self.show_page),
            Route("/timeline", self.show_timeline),
            Route("/panel", self.show_panel),
            Route("/bar", self.show_bar),
            Route("/source", self.show_source),
            Route("/share/{kind}", self.show_shared),
            Route("/replay", self.show_replay),
            Route("/events", self.stream_events),
            Mount("/assets", StaticFiles(directory=ASSETS)),
            *(Route(path, self.build_action(run), methods=["POST"]) for path, run in self.actions),
        ]
        guard = Middleware(
            Guard, authority=authority, stage_authority=stage_authority, token=token,
            cookie=self.cookie,
        )  # fmt: skip
        self.app = Starlette(routes=routes, middleware=[guard])

    @property
    def actions(self) -> list[tuple[str, Action]]:
        """Return the paths of the page's buttons, and what they do with their form."""
        return [
            ("/switch", self.switch),
            ("/restart", self.restart),
            ("/record", self.set_recording),
            ("/send", self.send),
            ("/faults", self.put_fault_in),
            ("/faults/remove", self.take_fault_out),
            ("/replay", self.replay),
        ]

    async def render(self, template: str, request: Request) -> HTMLResponse:
        """Return a template with what the address shows."""
        view = View.read(request.query_params, self.workbench.sites)
        context = self.build_context(view, request)
        if "panel" in template or template == "page.html":
            # Not in the loop, which passes on the requests of the stage.
            exchange = context["exchange"]
            context["panel"] = exchange and await asyncio.to_thread(
                self.build_panel, view, exchange
            )
        return HTMLResponse(self.templates.get_template(template).render(context))

    def build_context(self, view: View, request: Request) -> dict[str, Any]:
        """Return the values of the templates."""
        store = self.workbench.exchanges
        shown = [each for each in store.exchanges.values() if view.files or not each.is_file]
        exchange = store.exchanges.get(view.number) or (shown[-1] if shown else None)
        return {
            "workbench": self.workbench,
            "stage_address": self.stage_origin + self.workbench.page_target,
            "view": view,
            "panels": PANELS,
            "parts": PARTS,
            "shown": shown,
            "exchange": exchange,
            "message": request.query_params.get("message", "")[:500],
            "panel": None,
        }

    def build_panel(self, view: View, exchange: Exchange) -> dict[str, Any]:
        """Return the values of the panel that the view shows. Reads files."""
        outcomes = self.workbench.exchanges.read_outcomes(exchange.number)
        entry = self.workbench.journal.read(exchange.number - 1)
        sites = self.workbench.sites
        picked = [name for name in view.picked if name in outcomes]
        if view.panel == "faults":
            groups, problem = faults.build_groups(self.workbench)
            return {"groups": groups, "problem": problem}
        if view.panel == "rows":
            names = picked or [name for name in (exchange.stage,) if name in outcomes]
            shown = [(sites[name], outcomes[name]) for name in names]
            return {"shown": shown, "names": names, "describe_changes": rows.describe_changes}
        names = picked or self.choose_two(exchange, outcomes)
        if view.panel == "code":
            lives = [(name, sites[name].live) for name in names]
            codes = [
                code.show_code(live.environment, exchange.feature, outcomes[name])
                for name, live in lives
                if live
            ]
            return {"shown": codes, "names": names}
        if view.panel == "journey":
            shown_calls = [(sites[name].environment.title, outcomes[name]) for name in names]
            charts = journey.build_charts(shown_calls)
            return {"charts": charts, "names": names, "layers": LAYERS}
        return {
            "rows": replies.build_rows(sites, exchange, outcomes),
            "pair": replies.compare_pair(entry, outcomes, tuple(picked)),
            "picked": picked,
        }

    def choose_two(self, exchange: Exchange, outcomes: Mapping[str, Outcome]) -> list[str]:
        """Return the site on stage and another one that answered, one that differs if any does."""
        differing = [name for each in exchange.differences for name in each.sites]
        others = [name for name in (*differing, *self.workbench.sites) if name != exchange.stage]
        return [name for name in (exchange.stage, *others) if name in outcomes][:2]

    async def show_page(self, request: Request) -> Response:
        """Show the page; the address with the token leads to the one without."""
        if "token" in request.query_params:
            view = View.read(request.query_params, self.workbench.sites)
            response = RedirectResponse("/" + view.build_query(), 303)
            response.set_cookie(self.cookie, self.token, httponly=True, samesite="strict")
            return response
        return await self.render("page.html", request)

    async def show_timeline(self, request: Request) -> Response:
        """Show the part of the page with the requests."""
        return await self.render("timeline.html", request)

    async def show_panel(self, request: Request) -> Response:
        """Show the part of the page about one request."""
        return await self.render("panel.html", request)

    async def show_bar(self, request: Request) -> Response:
        """Show the part of the page with the frameworks."""
        return await self.render("bar.html", request)

    async def show_source(self, request: Request) -> Response:
        """Show a source file of the project or of a framework."""
        path = Path(request.query_params.get("path", ""))
        folders = [site.environment.folder for site in self.workbench.sites.values()]
        trees = [site.environment.source for site in self.workbench.sites.values()]
        roots = journey.list_source_roots([*folders, *trees, Path(os.__file__).parent])
        if not is_shown_source(path, roots):
            return PlainTextResponse("This file is not shown.\n", 404)
        return await asyncio.to_thread(self.render_source, path)

    def render_source(self, path: Path) -> Response:
        """Return the page of a source file."""
        text = path.read_text(encoding="utf-8", errors="replace")
        highlighted = highlight_lines(text, find_language(path.name))
        ids = {number: f"L{number}" for number in range(1, len(highlighted) + 1)}
        lines = Markup("").join(wrap_lines(highlighted, 1, {}, ids))
        template = self.templates.get_template("source.html")
        return HTMLResponse(template.render(path=journey.shorten_path(str(path)), lines=lines))

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

    async def stream_events(self, request: Request) -> Response:
        """Send what happens as server-sent events."""
        return StreamingResponse(
            self.workbench.broadcaster.subscribe(), media_type="text/event-stream"
        )

    def build_action(self, run: Action) -> Callable[[Request], Awaitable[Response]]:
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

    async def switch(self, form: dict[str, str]) -> None:
        """Put another framework on stage."""
        await self.workbench.switch(form.get("name", ""))

    async def restart(self, form: dict[str, str]) -> None:
        """Start a framework again."""
        await self.workbench.replace(self.workbench.get_site(form.get("name", "")))

    async def send(self, form: dict[str, str]) -> None:
        """Send a request that no page of the site can send."""
        await send_request(self.workbench.upstream, self.stage_origin, form)

    async def put_fault_in(self, form: dict[str, str]) -> None:
        """Put a known fault into a site."""
        site = self.workbench.get_site(form.get("name", ""))
        names = (form.get("declared_in", ""), form.get("fault", ""))
        await put_in(self.workbench, site, find_fault(self.workbench, site.name, *names))

    async def take_fault_out(self, form: dict[str, str]) -> None:
        """Take the fault out of a site."""
        await take_out(self.workbench, self.workbench.get_site(form.get("name", "")))

    async def replay(self, form: dict[str, str]) -> None:
        """Send the requests of an address."""
        await replay_requests(self.stage_origin, decode_requests(form.get("requests", "")))

    async def set_recording(self, form: dict[str, str]) -> None:
        """Record lines and calls of each request, or not."""
        self.workbench.records_code = form.get("records") == "1"
        self.workbench.broadcaster.publish("sites")


def is_shown_source(path: Path, roots: list[Path]) -> bool:
    """Return whether a file is code or a template in one of some folders."""
    try:
        resolved = path.resolve()
        is_inside = any(resolved.is_relative_to(root) for root in roots)
        return is_inside and resolved.is_file() and find_language(path.name) != "text"
    except (OSError, ValueError):
        return False


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a form; too large a form has none."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_FORM_BYTES:
            return {}
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
