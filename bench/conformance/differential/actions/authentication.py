"""Define actions of the sign-in: the form, signing in and out, and the staff's page."""

from typing import Any

from hypothesis import strategies as st

from bench.conformance.differential.actions.registry import (
    MARKUP,
    MOSTLY_STAFF,
    Steps,
    action,
    build_form_request,
    build_get_request,
    sample_mostly,
)
from bench.conformance.differential.expected import (
    HTML_TYPE,
    NormalizedReply,
    Step,
    build_page_facts,
    build_redirect,
    build_reply,
)
from bench.conformance.differential.model import (
    BUTTON_LABELS,
    NEXT_STEPS,
    STAFF_ACCOUNTS,
    Order,
    RequestContext,
    SiteModel,
)
from bench.conformance.differential.text_rules import collapse_whitespace

REDIRECT_TARGETS = sample_mostly(
    "", "/cart", "//example.org", "https://example.org/", "/\\example.org", MARKUP
)
USER_NAMES = sample_mostly("ada", "grace", "nobody", MARKUP)


@action(user=MOSTLY_STAFF, redirect_target=REDIRECT_TARGETS)
def show_sign_in(model: SiteModel, user: str, redirect_target: str) -> Steps:
    """Show the sign-in form."""
    context = RequestContext(model, user)
    request = build_get_request(
        user, "/login", {"next": redirect_target} if redirect_target else None
    )
    yield Step(
        "show the sign-in form", request, build_sign_in_reply(context, redirect_target), model
    )


def build_sign_in_reply(
    context: RequestContext, redirect_target: str, status: int = 200, name: str = ""
) -> NormalizedReply:
    """Return the page with the sign-in form, with the name of a failed sign-in."""
    context.session.setdefault("csrf_token", "[token]")
    sentence = "That name and password do not go together."
    typed = {"next": collapse_whitespace(redirect_target), "username": collapse_whitespace(name)}
    facts: dict[str, Any] = {
        "errors": [sentence] if status == 401 else [],
        "typed": {field: value for field, value in typed.items() if value},
        "forms": ["login"],
    }
    return build_reply(
        context, status, build_page_facts(context, "Sign in", **facts), content_type=HTML_TYPE
    )


@action(
    3,
    user=MOSTLY_STAFF,
    name=USER_NAMES,
    right=st.sampled_from((True, True, True, False)),
    redirect_target=REDIRECT_TARGETS,
)
def sign_in(model: SiteModel, user: str, name: str, right: bool, redirect_target: str) -> Steps:
    """Show the sign-in form, and sign in with a right or wrong password."""
    yield from show_sign_in(model, user, redirect_target)
    staff_id, password = STAFF_ACCOUNTS.get(name, (0, "x"))
    form = {"username": name, "password": password if right else "wrong"}
    context = RequestContext(model, user)
    context.session["csrf_token"] = "[token]"
    context.query_count += 1
    if not (right and staff_id):
        reply = build_sign_in_reply(context, redirect_target, 401, name)
    else:
        context.session["staff_id"] = staff_id
        context.query_count += 2  # the token is replaced, the data is written
        context.cookie = "replaced"
        model.sessions[user] = context.session
        is_own = redirect_target.startswith("/") and redirect_target[1:2] not in ("/", "\\")
        reply = build_redirect(context, redirect_target if is_own else "/kitchen")
    yield Step("sign in", build_form_request(user, "/login", form), reply, model)


@action(user=MOSTLY_STAFF)
def sign_out(model: SiteModel, user: str) -> Steps:
    """Sign out with the form of the staff's page or, before a sign-in, of the sign-in page."""
    if is_staff(model, user):
        yield from show_kitchen(model, user)
    else:
        yield from show_sign_in(model, user, "")
    context = RequestContext(model, user)
    assert context.session
    context.query_count += 1
    context.cookie = "deleted"
    del model.sessions[user]
    model.carts.pop(user, None)  # deleted with the session, by the same statement
    reply = build_reply(context, 303, location="/")
    yield Step("sign out", build_form_request(user, "/logout", {}), reply, model)


def is_staff(model: SiteModel, user: str) -> bool:
    """Return whether a user is signed in."""
    return "staff_id" in model.sessions.get(user, {})


def redirect_to_sign_in(context: RequestContext) -> NormalizedReply:
    """Return the redirect for a user who is not signed in."""
    assert "staff_id" not in context.session
    return build_reply(context, 303, location="/login?next=/kitchen")


@action(user=MOSTLY_STAFF)
def show_kitchen(model: SiteModel, user: str) -> Steps:
    """Show the staff's page."""
    context = RequestContext(model, user)
    if is_staff(model, user):
        number = context.session["staff_id"]
        name = next(name for name, (staff_id, _) in STAFF_ACCOUNTS.items() if staff_id == number)
        context.query_count += 2
        tickets = [
            format_ticket(model, order) for order in model.orders if NEXT_STEPS[order.status]
        ]
        content = build_page_facts(
            context, "The kitchen", lead=f"Signed in as {name}. Export the orders", tickets=tickets,
            forms=["", "logout"] if tickets else ["logout"],
        )  # fmt: skip
        reply = build_reply(context, 200, content, content_type=HTML_TYPE)
    else:
        reply = redirect_to_sign_in(context)
    yield Step("show the kitchen", build_get_request(user, "/kitchen"), reply, model)


def format_ticket(model: SiteModel, order: Order) -> str:
    """Return the text of an open order on the staff's page."""
    lines = [f"{n} × {model.dishes[dish].name}" for dish, (n, _) in order.lines.items()]
    buttons = [BUTTON_LABELS[status] for status in NEXT_STEPS[order.status]]
    return collapse_whitespace(" | ".join([order.guest, order.status, *lines, *buttons]))
