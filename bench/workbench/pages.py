"""The workbench's own pages: one page, and the parts that the page loads again."""

import asyncio
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bench.workbench.actions import Actions
from bench.workbench.guard import Guard
from bench.workbench.panels.contents import build_panel
from bench.workbench.share_pages import SharePages
from bench.workbench.source_page import SourcePage
from bench.workbench.view import PANELS, PARTS, View
from bench.workbench.workbench import Workbench

ASSETS = Path(__file__).parent / "assets"


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
        share_pages = SharePages(workbench, self.templates)
        routes = [
            Route("/", self.show_page),
            Route("/timeline", self.show_timeline),
            Route("/panel", self.show_panel),
            Route("/bar", self.show_bar),
            Route("/source", SourcePage(workbench, self.templates).show),
            Route("/share/{kind}", share_pages.show_shared),
            Route("/replay", share_pages.show_replay),
            Route("/events", self.stream_events),
            Mount("/assets", StaticFiles(directory=ASSETS)),
            *Actions(workbench, self.stage_origin).list_routes(),
        ]
        guard = Middleware(
            Guard, authority=authority, stage_authority=stage_authority, token=token,
            cookie=self.cookie,
        )  # fmt: skip
        self.app = Starlette(routes=routes, middleware=[guard])

    async def render(self, template: str, request: Request) -> HTMLResponse:
        """Return a template with what the address shows."""
        view = View.read(request.query_params, self.workbench.sites)
        context = self.build_context(view, request)
        if "panel" in template or template == "page.html":
            # Not in the loop, which passes on the requests of the stage.
            exchange = context["exchange"]
            context["panel"] = exchange and await asyncio.to_thread(
                build_panel, self.workbench, view, exchange
            )
            if exchange and view.panel in ("code", "journey"):
                self.workbench.sender.note_shown(exchange.number)
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

    async def stream_events(self, request: Request) -> Response:
        """Send what happens as server-sent events."""
        return StreamingResponse(
            self.workbench.broadcaster.subscribe(), media_type="text/event-stream"
        )
