"""Send requests to the stage that no page of the site can send, and replay shared requests."""

import asyncio
import re
from collections.abc import Mapping, Sequence

from bench.conformance.differential.http_client import HttpSession, Request
from bench.core.errors import CookoffError, UsageError
from bench.workbench.shared_requests import check_target
from bench.workbench.stage import PROGRAM_HEADER
from bench.workbench.upstream import Upstream

METHOD = re.compile(r"[A-Z]{1,20}")
HEADER = re.compile(r"([\w!#$%&'*+.^`|~-]+):[ \t]*([ -~]*)")


async def send_request(upstream: Upstream, stage_origin: str, form: Mapping[str, str]) -> None:
    """Send the request of a form to the stage; raise CookoffError."""
    method, target = form.get("method", "GET").strip().upper(), form.get("target", "").strip()
    check_target(target)
    if not METHOD.fullmatch(method):
        raise UsageError(f"{method[:20]!r} is no method; use one such as GET or PATCH")
    body = form.get("body", "").replace("\r\n", "\n").encode()
    headers = [*read_header_lines(form.get("headers", "")), ("Host", stage_origin[7:])]
    headers += [("Content-Length", str(len(body)))] if body else []
    headers += [(PROGRAM_HEADER, "1")] if form.get("program") else []
    outcome = await upstream.exchange(stage_origin, method, target, headers, body)
    if not outcome.status:
        raise CookoffError(f"the stage sent no reply: {outcome.reason}")


def read_header_lines(text: str) -> list[tuple[str, str]]:
    """Return headers that are written a line each; raise UsageError."""
    matches = [(line, HEADER.fullmatch(line.strip())) for line in text.splitlines() if line.strip()]
    if wrong := [line for line, match in matches if not match]:
        raise UsageError(f"{wrong[0][:80]!r} is no header; write it like Accept: text/html")
    return [(match[1], match[2]) for _, match in matches if match]


async def replay_requests(stage_origin: str, requests: Sequence[Request]) -> None:
    """Send shared requests to the stage, as a browser of the site would; raise CookoffError."""

    def replay() -> None:
        session = HttpSession(stage_origin)
        try:
            for request in requests:
                reply = session.send(request)
                if not reply.status:
                    reason = reply.body.decode("utf-8", "replace")
                    raise CookoffError(f"the stage sent no reply: {reason}")
        finally:
            session.connection.close()

    await asyncio.to_thread(replay)
