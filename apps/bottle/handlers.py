"""The pages of the site, one function each, in the order of features.py."""

from hashlib import sha1
from urllib.parse import urlencode

from bottle import Bottle, FormsDict, abort, redirect, request, response, static_file, template

from shared_db.errors import InvalidInputError, SoldOutError, StaleVersionError, WrongPasswordError

site = Bottle()


def staff_only(callback):
    """Allow staff only, and redirect other guests to the sign-in form."""

    def guarded(*args, **kwargs):
        if "staff_id" not in request.session:
            redirect("/login?next=/kitchen")
        return callback(*args, **kwargs)

    return guarded


def not_stored(callback):
    """Forbid caches and browsers to store a page that shows a session's own data."""

    def marked(*args, **kwargs):
        response.set_header("Cache-Control", "no-store")
        return callback(*args, **kwargs)

    return marked


@site.get("/")
def show_menu(larder):
    """Show the menu."""
    page = template("menu", sections=larder.dishes.menu())
    return tagged(page, sha1(page.encode(), usedforsecurity=False).hexdigest())


def tagged(body, version):
    """Return the body and set its entity tag, or return 304 if the client has this version."""
    etag = f'"{version}"'
    response.set_header("ETag", etag)
    if request.headers.get("If-None-Match") == etag:
        response.status = 304
        return ""
    return body


@site.get("/dishes")
def search_dishes(larder):
    """Search the dishes."""
    return template("search", found=larder.dishes.search(request.query.decode()))


@site.get("/dishes/<dish_id:int>")
def show_dish(dish_id, larder):
    """Show one dish."""
    response.set_header("Vary", "Accept")
    accept = request.headers.get("Accept", "")
    if "application/json" in accept and "text/html" not in accept:
        return show_dish_to_program(dish_id, larder)
    return dish_page(larder, larder.dishes.get(dish_id))


def dish_page(larder, dish, typed=None, errors=None):
    """Return a dish's page, with the values and the errors of its review form."""
    reviews = larder.reviews.of(dish.id)
    return template(
        "dish", dish=dish, reviews=reviews, typed=typed or FormsDict(), errors=errors or {}
    )


@site.post("/dishes/<dish_id:int>/reviews")
def write_review(dish_id, larder):
    """Write a review."""
    dish = larder.dishes.get(dish_id)
    form = request.forms.decode()
    try:
        larder.reviews.write(dish.id, form)
    except InvalidInputError as error:
        response.status = 422
        return dish_page(larder, dish, form, error.fields)
    request.session.setdefault("flash", []).append("Thank you for your review.")
    redirect(f"/dishes/{dish.id}")


@site.post("/cart", apply=not_stored)
def put_in_cart(larder):
    """Put a dish in the cart."""
    try:
        larder.carts.put(request.session.token, request.forms.decode())
    except InvalidInputError as error:
        response.status = 422
        return cart_page(larder, errors=error.fields)
    redirect("/cart")


@site.get("/cart", apply=not_stored)
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


@site.post("/orders", apply=not_stored)
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
    redirect(f"/orders/{order.code}")


@site.get("/orders/<code>", apply=not_stored)
def show_order(code, larder):
    """Show one order."""
    return template("order", order=larder.orders.get(code))


@site.get("/login", apply=not_stored)
def show_sign_in():
    """Show the sign-in form."""
    return template("login", next=request.query.next, username="", error="")


@site.post("/login", apply=not_stored)
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
    redirect(own_path or "/kitchen")


@site.post("/logout")
def sign_out():
    """Sign out."""
    request.session.end()
    redirect("/")


@site.get("/kitchen", apply=[not_stored, staff_only])
def show_kitchen(larder):
    """Show the kitchen."""
    staff = larder.staff.get(request.session["staff_id"])
    return template("kitchen", staff=staff, orders=larder.orders.open())


@site.post("/kitchen/orders/<code>", apply=staff_only)
def move_order(code, larder):
    """Move an order along."""
    larder.orders.move(code, request.forms.status)
    redirect("/kitchen")


@site.post("/kitchen/dishes/<dish_id:int>/photo", apply=staff_only)
def change_photo(dish_id, larder):
    """Change a dish's photo."""
    photo = request.files.get("photo")
    if photo is None:
        raise InvalidInputError({"photo": "Choose a photo first."})
    dish = larder.photos.keep(dish_id, photo.file)
    request.session.setdefault("flash", []).append("The new photo is up.")
    redirect(f"/dishes/{dish.id}")


@site.get("/photos/<name>")
def show_photo(name):
    """Serve a photo."""
    return static_file(name, root=site.config["settings"].photos_dir)


@site.get("/kitchen/orders.csv", apply=[not_stored, staff_only])
def export_orders(larder):
    """Export the orders."""
    response.content_type = "text/csv; charset=utf-8"
    response.set_header("Content-Disposition", 'attachment; filename="orders.csv"')
    return larder.orders.export_csv()


@site.get("/api/dishes")
def list_dishes(larder):
    """List the dishes for programs."""
    found = larder.dishes.search(request.query.decode())
    for rel, query in (("prev", found.previous), ("next", found.next)):
        if query is not None:
            response.add_header("Link", f'</api/dishes?{urlencode(query)}>; rel="{rel}"')
    return found.as_dict()


@site.get("/api/dishes/<dish_id:int>")
def show_dish_to_program(dish_id, larder):
    """Show one dish to a program."""
    dish = larder.dishes.get(dish_id)
    return tagged(dish.as_dict(), dish.version)


@site.post("/api/orders", skip="csrf")
def place_order_by_program(larder):
    """Place an order by program."""
    key = request.headers.get("Idempotency-Key") or None
    order = larder.orders.place_from_json(sent_document(), key)
    response.status = 201
    response.set_header("Location", f"/orders/{order.code}")
    return order.as_dict()


def sent_document():
    """Return the JSON document of the request; request.json is None without one, too."""
    if not request.content_type.startswith("application/json"):
        abort(415)
    if not request.body.read(1):
        abort(400)
    return request.json


@site.patch("/api/dishes/<dish_id:int>", skip="csrf")
def change_dish(dish_id, larder):
    """Change a dish by program."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    larder.staff.check_token(token.strip() if scheme.lower() == "bearer" else "")
    dish = larder.dishes.get(dish_id)
    versions = request.headers.get("If-Match")
    if not versions:
        abort(428)
    if versions != "*" and f'"{dish.version}"' not in versions.split(", "):
        raise StaleVersionError
    dish = larder.dishes.change(dish.id, sent_document(), dish.version)
    response.set_header("ETag", f'"{dish.version}"')
    return dish.as_dict()


@site.get("/api/openapi.json")
def describe_api():
    """Describe the programs' side."""
    return static_file("openapi.json", root=site.config["settings"].static_dir)


@site.get("/about")
def show_journey(larder):
    """Tell how a request travels."""
    return template(
        "about",
        dishes=larder.dishes.count(),
        browser=request.headers.get("User-Agent", ""),
        server=request.environ.get("SERVER_SOFTWARE", ""),
        database=larder.database,
        usage=larder.usage,
    )


@site.get("/health")
def report_health(larder):
    """Report health."""
    try:
        larder.check()
    except Exception:
        response.status = 503
        return {"status": "down"}
    return {"status": "ok"}


@site.get("/static/<name:path>")
def send_static(name):
    """Serve a static file."""
    return static_file(name, root=site.config["settings"].static_dir)
