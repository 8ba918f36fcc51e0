"""Define actions with invalid requests (forged forms, wrong methods, missing pages) and files."""

from hypothesis import strategies as st

from bench.conformance.differential.actions.authentication import is_staff
from bench.conformance.differential.actions.registry import (
    ANY_USER,
    Steps,
    action,
    build_form_request,
    build_get_request,
)
from bench.conformance.differential.expected import (
    HTML_TYPE,
    Step,
    build_error_page,
    build_problem,
    build_reply,
)
from bench.conformance.differential.http_client import Request
from bench.conformance.differential.model import RequestContext, SiteModel
from bench.conformance.levels import CORE, HARDENING
from bench.core.paths import Paths

FORM_PATHS = ("/cart", "/orders", "/login", "/logout", "/dishes/1/reviews")
STAFF_FORM_PATHS = ("/kitchen/orders/none", "/kitchen/dishes/1/photo")
MISSING_PATHS = ("/none", "/menu.html", "/%F0%9F%8D%B2", "/dishes/1/none", "/orders/none", "/a/b/c")
STATIC_FILES = {"site.css": "text/css", "favicon.svg": "image/svg+xml"}


@action(user=ANY_USER, path=st.sampled_from((*FORM_PATHS, *STAFF_FORM_PATHS)), wrong=st.booleans())
def forge_form(model: SiteModel, user: str, path: str, wrong: bool) -> Steps:
    """Send a form without its session's token, or with a wrong token."""
    if path in STAFF_FORM_PATHS and not is_staff(model, user):
        path = FORM_PATHS[0]  # some sites check the sign-in first, others the token
    reply = build_error_page(RequestContext(model, user), 403)
    fields = {"dish_id": "1", "quantity": "2", "status": "cancelled"}
    names = ("csrf_token", "csrfmiddlewaretoken", "_formkey", "_csrf_token")
    fields |= dict.fromkeys(names, "0" * 32) if wrong else {}
    yield Step(
        "forge a form", build_form_request(user, path, fields, with_csrf=False), reply, model
    )


@action(user=ANY_USER, path=st.sampled_from(MISSING_PATHS), head=st.booleans())
def request_missing_page(model: SiteModel, user: str, path: str, head: bool) -> Steps:
    """Request a page that does not exist."""
    sentence = "There is no such order." if "orders" in path else ""
    reply = build_error_page(RequestContext(model, user), 404, sentence)
    request, level = build_get_request(user, path), CORE
    if head:
        request, reply.content, level = request._replace(method="HEAD"), None, HARDENING
    yield Step("request a missing page", request, reply, model, level)


@action(user=ANY_USER, path=st.sampled_from(("/logout", "/orders", "/dishes/1/reviews")))
def get_form_address(model: SiteModel, user: str, path: str) -> Steps:
    """Send GET to an address that allows only POST."""
    reply = build_error_page(RequestContext(model, user), 405, allow="POST")
    yield Step("get a form's address", build_get_request(user, path), reply, model, HARDENING)


@action(
    request=st.sampled_from(
        (
            ("DELETE", "/api/dishes", "GET, HEAD"),
            ("GET", "/api/orders", "POST"),
            ("PUT", "/api/dishes/1", "GET, HEAD, PATCH"),
            ("POST", "/api/openapi.json", "GET, HEAD"),
            ("GET", "/api/none", ""),
            ("GET", "/api/dishes/1/none", ""),
        )
    )
)
def send_wrong_method(model: SiteModel, request: tuple[str, str, str]) -> Steps:
    """Send a method that an address of the API does not allow, or request a missing address."""
    method, path, allowed = request
    context = RequestContext(model, "program")
    reply = build_problem(context, 405, allow=allowed) if allowed else build_problem(context, 404)
    level = HARDENING if allowed else CORE
    yield Step("send a wrong method", Request("program", method, path), reply, model, level)


@action(user=ANY_USER, name=st.sampled_from((*STATIC_FILES, "none.css", "dishes/none.svg")))
def fetch_file(model: SiteModel, user: str, name: str) -> Steps:
    """Request a static file."""
    context = RequestContext(model, user)
    if name in STATIC_FILES:
        content = (Paths.from_environ().static / name).read_bytes()
        reply = build_reply(context, 200, content, content_type=STATIC_FILES[name], etag="[tag]")
    else:
        reply = build_error_page(context, 404)
    yield Step("serve a static file", build_get_request(user, f"/static/{name}"), reply, model)


@action(path=st.sampled_from(("/about", "/health", "/api/openapi.json")))
def read_information(model: SiteModel, path: str) -> Steps:
    """Request the page about requests, the health of the site, or the document of the API."""
    context = RequestContext(model, "program")
    if path == "/about":
        context.query_count += 1
        lead = "A web site works like a restaurant. You are the guest at the front of the house"
        content: object = {"title": "How a request travels", "lead": lead[:60]}
        reply = build_reply(context, 200, content, content_type=HTML_TYPE)
    elif path == "/health":
        context.query_count += 1
        reply = build_reply(context, 200, {"status": "ok"}, content_type="application/json")
    else:
        content = (Paths.from_environ().static / "openapi.json").read_bytes()
        reply = build_reply(context, 200, content, content_type="application/json")
    yield Step("read information", build_get_request("program", path), reply, model)
