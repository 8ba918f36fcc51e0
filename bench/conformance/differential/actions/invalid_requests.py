"""What does a visitor do who strays? Forged forms, wrong methods, addresses that lead nowhere."""

from hypothesis import strategies as st

from bench.conformance.differential.actions.authentication import is_staff
from bench.conformance.differential.actions.registry import WHO, Steps, action, get, post
from bench.conformance.differential.expected import HTML, Step, answer, error_page, problem
from bench.conformance.differential.http_client import Request
from bench.conformance.differential.model import Restaurant, Turn
from bench.core.paths import Places

FORMS = ("/cart", "/orders", "/login", "/logout", "/dishes/1/reviews")
FORMS_OF_STAFF = ("/kitchen/orders/none", "/kitchen/dishes/1/photo")
NOWHERE = ("/none", "/menu.html", "/%F0%9F%8D%B2", "/dishes/1/none", "/orders/none", "/a/b/c")
FILES = {"site.css": "text/css", "favicon.svg": "image/svg+xml"}


@action(who=WHO, path=st.sampled_from((*FORMS, *FORMS_OF_STAFF)), wrong=st.booleans())
def forge_form(house: Restaurant, who: str, path: str, wrong: bool) -> Steps:
    """Send a form without its session's token, or with another."""
    if path in FORMS_OF_STAFF and not is_staff(house, who):
        path = FORMS[0]  # some look first who it is, some at the form
    reply = error_page(Turn(house, who), 403)
    fields = {"dish_id": "1", "quantity": "2", "status": "cancelled"}
    names = ("csrf_token", "csrfmiddlewaretoken", "_formkey", "_csrf_token")
    fields |= dict.fromkeys(names, "0" * 32) if wrong else {}
    yield Step("forge a form", post(who, path, fields, csrf=False), reply, house)


@action(who=WHO, path=st.sampled_from(NOWHERE), head=st.booleans())
def go_astray(house: Restaurant, who: str, path: str, head: bool) -> Steps:
    """Ask for what is not there."""
    sentence = "There is no such order." if "orders" in path else ""
    reply = error_page(Turn(house, who), 404, sentence)
    request = get(who, path)
    if head:
        request, reply.content = request._replace(method="HEAD"), None
    yield Step("ask for what is not there", request, reply, house)


@action(who=WHO, path=st.sampled_from(("/logout", "/orders", "/dishes/1/reviews")))
def look_where_forms_go(house: Restaurant, who: str, path: str) -> Steps:
    """Look at an address that takes forms only."""
    reply = error_page(Turn(house, who), 405, allow="POST")
    yield Step("look where only forms go", get(who, path), reply, house)


@action(
    asked=st.sampled_from(
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
def use_wrong_method(house: Restaurant, asked: tuple[str, str, str]) -> Steps:
    """Ask the programs' side in a way it does not know, or for what is not there."""
    method, path, allowed = asked
    turn = Turn(house, "program")
    reply = problem(turn, 405, allow=allowed) if allowed else problem(turn, 404)
    yield Step("ask in the wrong way", Request("program", method, path), reply, house)


@action(who=WHO, name=st.sampled_from((*FILES, "none.css", "dishes/none.svg")))
def fetch_file(house: Restaurant, who: str, name: str) -> Steps:
    """Fetch a static file."""
    turn = Turn(house, who)
    if name in FILES:
        content = (Places.from_environ().static / name).read_bytes()
        reply = answer(turn, 200, content, content_type=FILES[name], etag="[tag]")
    else:
        reply = error_page(turn, 404)
    yield Step("serve a static file", get(who, f"/static/{name}"), reply, house)


@action(path=st.sampled_from(("/about", "/health", "/api/openapi.json")))
def ask_about_house(house: Restaurant, path: str) -> Steps:
    """Ask how a request travels, whether all is well, and what programs can do."""
    turn = Turn(house, "program")
    if path == "/about":
        turn.queries += 1
        lead = "A web site works like a restaurant. You are the guest at the front of the house"
        content: object = {"title": "How a request travels", "lead": lead[:60]}
        reply = answer(turn, 200, content, content_type=HTML)
    elif path == "/health":
        turn.queries += 1
        reply = answer(turn, 200, {"status": "ok"}, content_type="application/json")
    else:
        content = (Places.from_environ().static / "openapi.json").read_bytes()
        reply = answer(turn, 200, content, content_type="application/json")
    yield Step("ask about the house", get("program", path), reply, house)
