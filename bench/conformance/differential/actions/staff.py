"""What does a member of staff do? Moves orders along, changes photos, exports the orders."""

import struct
import zlib

from bench.conformance.differential.actions.authentication import (
    is_staff,
    show_kitchen,
    show_sign_in,
    to_sign_in,
)
from bench.conformance.differential.actions.browsing import show_dish
from bench.conformance.differential.actions.registry import (
    COOK,
    DISH,
    ORDER,
    Steps,
    action,
    get,
    mostly,
    post,
)
from bench.conformance.differential.expected import Answer, Step, answer, error_page, redirect
from bench.conformance.differential.http_client import Request
from bench.conformance.differential.model import NEXT_STEPS, Dish, Restaurant, Turn

STATUSES = mostly("cooking", "served", "cancelled", "placed", "eaten", "")
MOST_BYTES = 2 * 1024 * 1024


def chunk(kind: bytes, content: bytes) -> bytes:
    """Return a chunk of a PNG."""
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + checksum


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\x00\x80"))
    + chunk(b"IEND", b"")
)
PHOTOS = {
    "png": PNG,
    "jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9",
    "webp": b"RIFF\x12\x00\x00\x00WEBPVP8L\x06\x00\x00\x00\x2f\0\0\0\0\0",
    "gif": b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
    "empty": b"",
    "too large": PNG.ljust(MOST_BYTES + 1, b"\0"),
    "missing": b"",
}
TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}


@action(3, who=COOK, number=ORDER, status=STATUSES)
def move_order(house: Restaurant, who: str, number: int, status: str) -> Steps:
    """Open the kitchen and move an order along."""
    yield from form_page(house, who)
    turn = Turn(house, who)
    reply = moved(turn, number, status) if is_staff(house, who) else to_sign_in(turn)
    path = f"/kitchen/orders/{{order {number}}}"
    yield Step("move an order along", post(who, path, {"status": status}), reply, house)


def form_page(house: Restaurant, who: str) -> Steps:
    """Open the kitchen, or the sign-in form where that is closed: a form's token is needed."""
    yield from show_kitchen(house, who) if is_staff(house, who) else show_sign_in(house, who, "")


def moved(turn: Turn, number: int, status: str) -> Answer:
    """Return the answer to a member of staff who moves an order along."""
    house = turn.house
    assert turn.session
    if number > len(house.orders):
        return error_page(turn, 404, "There is no such order.")
    order = house.orders[number - 1]
    turn.queries += 1
    if status not in NEXT_STEPS:
        return error_page(turn, 422, "There is no such status.")
    if status not in NEXT_STEPS[order.status]:
        sentence = f"An order that is {order.status} cannot become {status}."
        return error_page(turn, 409, sentence)
    turn.queries += 1
    order.status = status
    for dish, (quantity, _) in order.lines.items() if status == "cancelled" else ():
        turn.queries += 1
        house.dishes[dish].portions += quantity
        house.dishes[dish].version += 1
    return redirect(turn, "/kitchen")


@action(2, who=COOK, dish_id=DISH.map(str), kind=mostly(*PHOTOS))
def change_photo(house: Restaurant, who: str, dish_id: str, kind: str) -> Steps:
    """Open a dish's page, send a photo, and look at it."""
    yield from show_dish(house, who, dish_id)
    turn, dish = Turn(house, who), house.dishes[int(dish_id)]
    reply = photo_changed(turn, dish, kind) if is_staff(house, who) else to_sign_in(turn)
    path, photo = f"/kitchen/dishes/{dish_id}/photo", PHOTOS[kind]
    request = Request(who, "POST", path, fields={}, photo=None if kind == "missing" else photo)
    yield Step("change a dish's photo", request, reply, house)
    if reply.status == 303 and dish.photo:
        yield from show_dish(house, who, dish_id)
        yield show_photo(house, who, dish)


def photo_changed(turn: Turn, dish: Dish, kind: str) -> Answer:
    """Return the answer to a member of staff who sends a photo."""
    assert turn.session
    if kind == "missing":
        return error_page(turn, 422, "Choose a photo first.")
    turn.queries += 1
    if kind == "empty":
        return error_page(turn, 422, "Please choose a photo.")
    if kind == "too large":
        return error_page(turn, 413, "A photo may have 2 MiB at most.")
    if kind not in TYPES:
        return error_page(turn, 415, "A photo must be a PNG, JPEG or WebP picture.")
    turn.queries += 2
    dish.photo, dish.version = f"[photo].{kind}", dish.version + 1
    turn.session["flash"] = [*turn.session.get("flash", []), "The new photo is up."]
    return redirect(turn, f"/dishes/{dish.id}")


def show_photo(house: Restaurant, who: str, dish: Dish) -> Step:
    """Return the step that looks at the photo of the dish whose page was shown last."""
    kind = str(dish.photo).rpartition(".")[2]
    reply = answer(Turn(house, who), 200, PHOTOS[kind], content_type=TYPES[kind], etag="[tag]")
    return Step("serve a photo", get(who, "/photos/{photo}"), reply, house)


@action(who=COOK)
def export_orders(house: Restaurant, who: str) -> Steps:
    """Export the orders."""
    turn = Turn(house, who)
    if is_staff(house, who):
        assert turn.session
        reply = answer(
            turn,
            200,
            exported(house),
            content_type="text/csv",
            content_disposition="attachment; filename=orders.csv",
        )
        reply.spare = 1  # some take the first piece before they send the headers
    else:
        reply = to_sign_in(turn)
    yield Step("export the orders", get(who, "/kitchen/orders.csv"), reply, house)


def exported(house: Restaurant) -> list[list[str]]:
    """Return the rows of the export; what a spreadsheet would take for a formula is marked."""
    rows = [["code", "guest", "status", "total", "placed_at", "lines"]]
    for order in house.orders:
        lines = "; ".join(f"{n} x {house.dishes[d].name}" for d, (n, _) in order.lines.items())
        total = f"{order.total_cents // 100}.{order.total_cents % 100:02d}"
        cells = ["[code]", order.guest, order.status, total, "[minute]", lines]
        rows.append([f"'{cell}" if cell[:1] in "=+-@\t\r" else cell for cell in cells])
    return rows
