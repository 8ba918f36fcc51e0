"""Refuse foreign requests, and those without the token; add headers to all replies."""

from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bench.workbench.access import SAFE_METHODS, find_refusal, is_token, read_headers

TOKEN_HEADER = "x-workbench-token"
OPEN_PATHS = ("/assets/",)  # need no token: they show nothing of the sites


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
