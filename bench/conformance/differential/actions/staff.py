"""Define actions of staff: move orders along, change photos, export the orders."""

from bench.conformance.differential.actions.authentication import (
    is_staff,
    redirect_to_sign_in,
    show_kitchen,
    show_sign_in,
)
from bench.conformance.differential.actions.browsing import show_dish
from bench.conformance.differential.actions.registry import (
    ANY_DISH_ID,
    MOSTLY_STAFF,
    ORDER_NUMBER,
    Steps,
    action,
    build_form_request,
    build_get_request,
    sample_mostly,
)
from bench.conformance.differential.expected import (
    NormalizedReply,
    Step,
    build_error_page,
    build_redirect,
    build_reply,
)
from bench.conformance.differential.http_client import Request
from bench.conformance.differential.model import NEXT_STEPS, Dish, RequestContext, SiteModel
from bench.conformance.pictures import GIF, JPEG, MAX_PHOTO_BYTES, PNG, WEBP

STATUSES = sample_mostly("cooking", "served", "cancelled", "placed", "eaten", "")
PHOTOS = {
    "png": PNG,
    "jpg": JPEG,
    "webp": WEBP,
    "gif": GIF,
    "empty": b"",
    "too large": PNG.ljust(MAX_PHOTO_BYTES + 1, b"\0"),
    "missing": b"",
}
PHOTO_TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}


@action(3, user=MOSTLY_STAFF, number=ORDER_NUMBER, status=STATUSES)
def move_order(model: SiteModel, user: str, number: int, status: str) -> Steps:
    """Show the staff's page, and move an order along."""
    yield from open_form_page(model, user)
    context = RequestContext(model, user)
    reply = (
        handle_move(context, number, status)
        if is_staff(model, user)
        else redirect_to_sign_in(context)
    )
    path = f"/kitchen/orders/{{order {number}}}"
    yield Step(
        "move an order along", build_form_request(user, path, {"status": status}), reply, model
    )


def open_form_page(model: SiteModel, user: str) -> Steps:
    """Show the staff's page, or without a sign-in the sign-in form, for the token of its form."""
    yield from show_kitchen(model, user) if is_staff(model, user) else show_sign_in(model, user, "")


def handle_move(context: RequestContext, number: int, status: str) -> NormalizedReply:
    """Return the reply to a member of staff who moves an order along."""
    model = context.model
    assert context.session
    if number > len(model.orders):
        return build_error_page(context, 404, "There is no such order.")
    order = model.orders[number - 1]
    context.query_count += 1
    if status not in NEXT_STEPS:
        return build_error_page(context, 422, "There is no such status.")
    if status not in NEXT_STEPS[order.status]:
        sentence = f"An order that is {order.status} cannot become {status}."
        return build_error_page(context, 409, sentence)
    context.query_count += 1
    order.status = status
    for dish, (quantity, _) in order.lines.items() if status == "cancelled" else ():
        context.query_count += 1
        model.dishes[dish].portions += quantity
        model.dishes[dish].version += 1
    return build_redirect(context, "/kitchen")


@action(2, user=MOSTLY_STAFF, dish_id=ANY_DISH_ID.map(str), kind=sample_mostly(*PHOTOS))
def change_photo(model: SiteModel, user: str, dish_id: str, kind: str) -> Steps:
    """Show the page of a dish, send a photo, and request the photo."""
    yield from show_dish(model, user, dish_id)
    context, dish = RequestContext(model, user), model.dishes[int(dish_id)]
    reply = (
        handle_photo(context, dish, kind) if is_staff(model, user) else redirect_to_sign_in(context)
    )
    path, photo = f"/kitchen/dishes/{dish_id}/photo", PHOTOS[kind]
    request = Request(user, "POST", path, fields={}, photo=None if kind == "missing" else photo)
    yield Step("change a dish's photo", request, reply, model)
    if reply.status == 303 and dish.photo:
        yield from show_dish(model, user, dish_id)
        yield build_photo_step(model, user, dish)


def handle_photo(context: RequestContext, dish: Dish, kind: str) -> NormalizedReply:
    """Return the reply to a member of staff who sends a photo."""
    assert context.session
    if kind == "missing":
        return build_error_page(context, 422, "Choose a photo first.")
    context.query_count += 1
    if kind == "empty":
        return build_error_page(context, 422, "Please choose a photo.")
    if kind == "too large":
        return build_error_page(context, 413, "A photo may have 2 MiB at most.")
    if kind not in PHOTO_TYPES:
        return build_error_page(context, 415, "A photo must be a PNG, JPEG or WebP picture.")
    context.query_count += 2
    dish.photo, dish.version = f"[photo].{kind}", dish.version + 1
    context.session["flash"] = [*context.session.get("flash", []), "The new photo is up."]
    return build_redirect(context, f"/dishes/{dish.id}")


def build_photo_step(model: SiteModel, user: str, dish: Dish) -> Step:
    """Return the step that requests the photo of the dish whose page was shown last."""
    kind = str(dish.photo).rpartition(".")[2]
    reply = build_reply(
        RequestContext(model, user), 200, PHOTOS[kind], content_type=PHOTO_TYPES[kind], etag="[tag]"
    )
    return Step("serve a photo", build_get_request(user, "/photos/{photo}"), reply, model)


@action(user=MOSTLY_STAFF)
def export_orders(model: SiteModel, user: str) -> Steps:
    """Export the orders."""
    context = RequestContext(model, user)
    if is_staff(model, user):
        assert context.session
        reply = build_reply(
            context,
            200,
            build_export_rows(model),
            content_type="text/csv",
            content_disposition="attachment; filename=orders.csv",
        )
        reply.query_tolerance = 1  # some frameworks read the first piece before the headers
    else:
        reply = redirect_to_sign_in(context)
    yield Step("export the orders", build_get_request(user, "/kitchen/orders.csv"), reply, model)


def build_export_rows(model: SiteModel) -> list[list[str]]:
    """Return the rows of the export; a quote precedes a cell that is a formula to spreadsheets."""
    rows = [["code", "guest", "status", "total", "placed_at", "lines"]]
    for order in model.orders:
        lines = "; ".join(f"{n} x {model.dishes[d].name}" for d, (n, _) in order.lines.items())
        total = f"{order.total_cents // 100}.{order.total_cents % 100:02d}"
        cells = ["[code]", order.guest, order.status, total, "[minute]", lines]
        rows.append([f"'{cell}" if cell[:1] in "=+-@\t\r" else cell for cell in cells])
    return rows
