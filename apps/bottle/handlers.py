"""The pages of the site, one function each, in the order of features.py."""

import json
from hashlib import sha1

from bottle import Bottle, FormsDict, abort, redirect, request, response, template

from conditional import is_held, names_version, tagged
from files import send_file
from larder_plugin import STATUS_OF_REFUSAL
from negotiation import prefers_json
from shared_db.errors import (
    InvalidInputError,
    LarderError,
    SoldOutError,
    StaleVersionError,
    WrongPasswordError,
)

site = Bottle()


def staff_only(callback):
    """Allow staff only, and redirect other guests to the sign-in form."""

    def guarded(*args, **kwargs):
        if "staff_id" not in request.session:
            redirect(f"{site.get_url('show_sign_in')}?next={site.get_url('show_kitchen')}", 303)
        return callback(*args, **kwargs)

    return guarded


def not_stored(callback):
    """Forbid caches and browsers to store a page that shows a session's own data."""

    def marked(*args, **kwargs):
        response.set_header("Cache-Control", "no-store")
        return callback(*args, **kwargs)

    return marked


# An id is a plain segment: Bottle's int filter also accepts -1, 01, ٣ and a trailing newline.


@site.get("/", name="show_menu")
def show_menu(larder):
    """Show the menu."""
    page = template("menu", sections=larder.dishes.menu()).encode()
    return tagged(page, f'"{sha1(page, usedforsecurity=False).hexdigest()}"')


@site.get("/dishes", name="search_dishes")
def search_dishes(larder):
    """Search the dishes."""
    return template("search", found=larder.dishes.search(request.query.decode()))


@site.get("/dishes/<dish_id>", name="show_dish")
def show_dish(dish_id, larder):
    """Show one dish."""
    response.set_header("Vary", "Accept")
    if prefers_json(request.get_header("Accept", "")):
        return show_dish_to_program(dish_id, larder)
    return dish_page(larder, larder.dishes.get(dish_id))


def dish_page(larder, dish, typed=None, errors=None):
    """Return a dish's page, with the values and the errors of its review form."""
    reviews = larder.reviews.of(dish.id)
    return template(
        "dish", dish=dish, reviews=reviews, typed=typed or FormsDict(), errors=errors or {}
    )


@site.post("/dishes/<dish_id>/reviews", name="write_review")
def write_review(dish_id, larder):
    """Write a review."""
    dish, form = larder.dishes.get(dish_id), request.forms.decode()
    try:
        larder.reviews.write(dish.id, form)
    except InvalidInputError as error:
        response.status = 422
        return dish_page(larder, dish, form, error.fields)
    request.session.setdefault("flash", []).append("Thank you for your review.")
    redirect(site.get_url("show_dish", dish_id=dish.id), 303)


@site.post("/cart", name="put_in_cart", apply=not_stored)
def put_in_cart(larder):
    """Put a dish in the cart."""
    try:
        larder.carts.put(request.session.token, request.forms.decode())
    except InvalidInputError as error:
        response.status = 422
        return cart_page(larder, errors=error.fields)
    redirect(site.get_url("show_cart"), 303)


@site.get("/cart", name="show_cart", apply=not_stored)
def show_cart(larder):
    """Show the cart."""
    return cart_page(larder)


def cart_page(larder, typed=None, errors=None):
    """Return the cart's page, with the values and the errors of its order form."""
    return template(
        "cart",
        cart=larder.carts.show(request.session.token),
        idempotency_key=larder.orders.new_key(),
        typed=typed or FormsDict(),
        errors=errors or {},
    )


@site.post("/orders", name="place_order", apply=not_stored)
def place_order(larder):
    """Place the order."""
    form = request.forms.decode()
    try:
        order = larder.orders.place(request.session.token, form)
    except InvalidInputError as error:
        response.status = 422
        return cart_page(larder, form, error.fields)
    except SoldOutError as error:
        response.status = 409
        return cart_page(larder, form, {"cart": str(error)})
    redirect(site.get_url("show_order", code=order.code), 303)


@site.get("/orders/<code>", name="show_order", apply=not_stored)
def show_order(code, larder):
    """Show one order."""
    return template("order", order=larder.orders.get(code))


@site.get("/login", name="show_sign_in", apply=not_stored)
def show_sign_in():
    """Show the sign-in form."""
    return template("login", next=request.query.next, username="", error="")


@site.post("/login", name="sign_in", apply=not_stored)
def sign_in(larder):
    """Sign in."""
    form = request.forms.decode()
    try:
        staff = larder.staff.sign_in(form)
    except WrongPasswordError as error:
        response.status = 401
        return template("login", next=form.next, username=form.username, error=str(error))
    request.session["staff_id"] = staff.id
    request.session.renew()
    own_path = site.config["settings"].own_path(form.next)
    redirect(own_path or site.get_url("show_kitchen"), 303)


@site.post("/logout", name="sign_out")
def sign_out():
    """Sign out."""
    request.session.end()
    redirect(site.get_url("show_menu"), 303)


@site.get("/kitchen", name="show_kitchen", apply=[not_stored, staff_only])
def show_kitchen(larder):
    """Show the kitchen."""
    staff = larder.staff.get(request.session["staff_id"])
    return template("kitchen", staff=staff, orders=larder.orders.open())


@site.post("/kitchen/orders/<code>", name="move_order", apply=staff_only)
def move_order(code, larder):
    """Move an order along."""
    larder.orders.move(code, request.forms.status)
    redirect(site.get_url("show_kitchen"), 303)


@site.post("/kitchen/dishes/<dish_id>/photo", name="change_photo", apply=staff_only)
def change_photo(dish_id, larder):
    """Change a dish's photo."""
    photo = request.files.get("photo")
    if photo is None:
        raise InvalidInputError({"photo": "Choose a photo first."})
    dish = larder.photos.keep(dish_id, photo.file)
    request.session.setdefault("flash", []).append("The new photo is up.")
    redirect(site.get_url("show_dish", dish_id=dish.id), 303)


@site.get(r"/photos/<name:re:[0-9a-f]{32}\.(?:png|jpg|webp)\Z>", name="show_photo")
def show_photo(name):
    """Serve a photo."""
    return send_file(name, root=site.config["settings"].photos_dir)


@site.get("/kitchen/orders.csv", name="export_orders", apply=[not_stored, staff_only])
def export_orders(larder):
    """Export the orders."""
    response.content_type = "text/csv; charset=utf-8"
    response.set_header("Content-Disposition", 'attachment; filename="orders.csv"')
    return larder.orders.export_csv()


@site.get("/api/dishes", name="list_dishes")
def list_dishes(larder):
    """List the dishes for programs."""
    found = larder.dishes.search(request.query.decode())
    for rel, query in (("prev", found.previous), ("next", found.next)):
        if query is not None:
            address = site.get_url("list_dishes", **query)
            response.add_header("Link", f'<{address}>; rel="{rel}"')
    return found.as_dict()


@site.get("/api/dishes/<dish_id>", name="show_dish_to_program")
def show_dish_to_program(dish_id, larder):
    """Show one dish to a program."""
    dish = larder.dishes.get(dish_id)
    return tagged(dish.as_dict(), f'"{dish.version}"')


@site.post("/api/orders", name="place_order_by_program", skip="csrf")
def place_order_by_program(larder):
    """Place an order by program."""
    key = request.get_header("Idempotency-Key") or None
    order = larder.orders.place_from_json(sent_document(), key)
    response.status = 201
    response.set_header("Location", site.get_url("show_order", code=order.code))
    return order.as_dict()


def sent_document():
    """Return the JSON document of the request; abort with 415 or 400 without one."""
    if request.content_type.partition(";")[0].strip() != "application/json":
        abort(415)
    try:
        # Not request.json: None without a body and for `null`, and limited to MEMFILE_MAX bytes.
        return json.load(request.body)
    except (ValueError, RecursionError):
        abort(400)


@site.patch("/api/dishes/<dish_id>", name="change_dish")
def change_dish(dish_id, larder):
    """Change a dish by program."""
    scheme, _, token = request.get_header("Authorization", "").partition(" ")
    larder.staff.check_token(token.strip() if scheme.lower() == "bearer" else "")
    dish = larder.dishes.get(dish_id)
    versions = request.get_header("If-Match") or abort(428)
    if not names_version(versions, tag := f'"{dish.version}"') or is_held(tag):
        raise StaleVersionError
    dish = larder.dishes.change(dish.id, sent_document(), dish.version)
    response.set_header("ETag", f'"{dish.version}"')
    return dish.as_dict()


@site.get("/api/openapi.json", name="describe_api")
def describe_api():
    """Describe the programs' side."""
    return send_file("openapi.json", root=site.config["settings"].static_dir)


@site.get("/about", name="show_journey")
def show_journey(larder):
    """Tell how a request travels."""
    return template(
        "about",
        dishes=larder.dishes.count(),
        browser=request.get_header("User-Agent", ""),
        server=request.environ.get("SERVER_SOFTWARE", ""),
        framework=site.config["settings"].framework,
        database=larder.database,
        usage=larder.usage,
    )


@site.get("/health", name="report_health")
def report_health(larder):
    """Report health."""
    try:
        larder.check()
    except LarderError:
        response.status = 503
        return {"status": "down"}
    return {"status": "ok"}


@site.get("/static/<name:path>", name="send_static")
def send_static(name):
    """Serve a static file."""
    return send_file(name, root=site.config["settings"].static_dir)


def explain(error):
    """Show what went wrong."""
    if "Server-Timing" not in response:
        # Bottle calls the hook before it turns an unexpected exception into a reply.
        site.trigger_hook("after_request")
    if "GET" in (allowed := response.get_header("Allow", "")):
        # Bottle answers HEAD wherever it answers GET, but omits HEAD from Allow.
        response.set_header("Allow", f"{allowed},HEAD")
    settings, status = site.config["settings"], error.status_code
    refusal = error.exception if type(error.exception) in STATUS_OF_REFUSAL else None
    detail = str(refusal or settings.problems.get(status, settings.problems[400]))
    facts = {"title": settings.phrase(status), "status": status, "detail": detail}
    if not request.path.startswith("/api/"):
        return template("error", facts)
    response.content_type = "application/problem+json"
    fields = {"errors": refusal.fields} if isinstance(refusal, InvalidInputError) else {}
    return json.dumps({"type": "about:blank"} | facts | fields)


site.default_error_handler = explain
