"""The pages of the site, one action each, in the order of features.py."""

from ombott import static_file
from py4web import URL, abort, action, redirect, request, response
from py4web.core import dumps

from shared_db.errors import (
    InvalidInputError,
    LarderError,
    SoldOutError,
    StaleVersionError,
    WrongPasswordError,
)

from .common import (
    address,
    flash,
    forms,
    larder,
    not_stored,
    page,
    posted_json,
    problems,
    session,
    settings,
    staff,
    tagged,
)
from .conditional import is_held, mark, names_version
from .negotiation import prefers_json

# An id is a plain segment: ombott's int filter also accepts -1, 01 and ٣.


@action("/", method="GET")
@action.uses(problems, tagged)
@page("menu.html")
def show_menu():
    """Show the menu."""
    return {"sections": larder.dishes.menu()}


@action("dishes", method="GET")
@page("search.html")
def search_dishes():
    """Search the dishes."""
    return {"found": larder.dishes.search(request.query)}


@action("dishes/<dish_id>", method="GET")
@page("dish.html", forms)
def show_dish(dish_id):
    """Show one dish."""
    response.headers["Vary"] = "Accept"
    dish = larder.dishes.get(dish_id)
    if prefers_json(request.headers.get("Accept", "")):
        mark(f'"{dish.version}"')
        response.content_type = "application/json"
        return dumps(dish.as_dict())
    return dish_page(dish)


def dish_page(dish, typed=None, errors=None):
    """Return the values of a dish's page, with the values and errors of its review form."""
    reviews = larder.reviews.of(dish.id)
    return {"dish": dish, "reviews": reviews, "typed": typed or {}, "errors": errors or {}}


@action("dishes/<dish_id>/reviews", method="POST")
@page("dish.html", forms)
def write_review(dish_id):
    """Write a review."""
    dish, form = larder.dishes.get(dish_id), request.forms
    try:
        larder.reviews.write(dish.id, form)
    except InvalidInputError as error:
        response.status = 422
        return dish_page(dish, form, error.fields)
    flash.set("Thank you for your review.")
    redirect(URL("dishes", dish.id))


@action("cart", method="POST")
@page("cart.html", not_stored, forms)
def put_in_cart():
    """Put a dish in the cart."""
    try:
        larder.carts.put(session.token, request.forms)
    except InvalidInputError as error:
        response.status = 422
        return cart_page(errors=error.fields)
    redirect(URL("cart"))


@action("cart", method="GET")
@page("cart.html", not_stored, forms)
def show_cart():
    """Show the cart."""
    return cart_page()


def cart_page(typed=None, errors=None):
    """Return the values of the cart's page, with the values and errors of its order form."""
    cart, key = larder.carts.show(session.token), larder.orders.new_key()
    shown = {"cart": cart, "idempotency_key": key, "typed": typed or {}, "errors": errors or {}}
    return {**shown, "forms": bool(cart.lines)}


@action("orders", method="POST")
@page("cart.html", not_stored, forms)
def place_order():
    """Place the order."""
    form = request.forms
    try:
        order = larder.orders.place(session.token, form)
    except InvalidInputError as error:
        response.status = 422
        return cart_page(form, error.fields)
    except SoldOutError as error:
        response.status = 409
        return cart_page(form, {"cart": str(error)})
    redirect(URL("orders", order.code))


@action("orders/<code>", method="GET")
@page("order.html", not_stored)
def show_order(code):
    """Show one order."""
    return {"order": larder.orders.get(code)}


@action("login", method="GET")
@page("login.html", not_stored, forms)
def show_sign_in():
    """Show the sign-in form."""
    return {"next": request.query.get("next", ""), "username": "", "error": ""}


@action("login", method="POST")
@page("login.html", not_stored, forms)
def sign_in():
    """Sign in."""
    form = request.forms
    goal = form.get("next") or ""
    try:
        member = larder.staff.sign_in(form)
    except WrongPasswordError as error:
        response.status = 401
        return {"next": goal, "username": form.get("username") or "", "error": str(error)}
    session["staff_id"] = member.id
    session.renew()
    forms.renew()
    redirect(settings.own_path(goal) or URL("kitchen"))


@action("logout", method="POST")
@action.uses(problems, forms)
def sign_out():
    """Sign out."""
    session.clear()
    redirect(URL(""))


@action("kitchen", method="GET")
@page("kitchen.html", not_stored, staff, forms)
def show_kitchen():
    """Show the kitchen."""
    return {"staff": larder.staff.get(session["staff_id"]), "orders": larder.orders.open()}


@action("kitchen/orders/<code>", method="POST")
@action.uses(problems, forms, staff)
def move_order(code):
    """Move an order along."""
    larder.orders.move(code, request.forms.get("status") or "")
    redirect(URL("kitchen"))


@action("kitchen/dishes/<dish_id>/photo", method="POST")
@action.uses(problems, forms, staff, flash)
def change_photo(dish_id):
    """Change a dish's photo."""
    photo = request.files.get("photo")
    if photo is None:
        raise InvalidInputError({"photo": "Choose a photo first."})
    dish = larder.photos.keep(dish_id, photo.file)
    flash.set("The new photo is up.")
    redirect(URL("dishes", dish.id))


@action(r"photos/<name:re:[0-9a-f]{32}\.(?:png|jpg|webp)>", method="GET")
@action.uses(problems)
def show_photo(name):
    """Serve a photo."""
    return static_file(name, root=str(settings.photos_dir))


@action("kitchen/orders.csv", method="GET")
@action.uses(problems, not_stored, session, staff)
def export_orders():
    """Export the orders."""
    response.content_type = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="orders.csv"'
    return larder.orders.export_csv()


@action("api/dishes", method="GET")
@action.uses(problems)
def list_dishes():
    """List the dishes for programs."""
    found = larder.dishes.search(request.query)
    for rel, query in (("prev", found.previous), ("next", found.next)):
        if query is not None:
            response.headers.append("Link", f'<{address("api/dishes", query)}>; rel="{rel}"')
    return found.as_dict()


@action("api/dishes/<dish_id>", method="GET")
@action.uses(problems)
def show_dish_to_program(dish_id):
    """Show one dish to a program."""
    dish = larder.dishes.get(dish_id)
    mark(f'"{dish.version}"')
    return dish.as_dict()


@action("api/orders", method="POST")
@action.uses(problems)
def place_order_by_program():
    """Place an order by program."""
    key = request.headers.get("Idempotency-Key") or None
    order = larder.orders.place_from_json(posted_json(), key)
    response.status = 201
    response.headers["Location"] = URL("orders", order.code)
    return order.as_dict()


@action("api/dishes/<dish_id>", method="PATCH")
@action.uses(problems)
def change_dish(dish_id):
    """Change a dish by program."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    larder.staff.check_token(token.strip() if scheme.lower() == "bearer" else "")
    dish = larder.dishes.get(dish_id)
    versions = request.headers.get("If-Match") or abort(428)
    if not names_version(versions, tag := f'"{dish.version}"') or is_held(tag):
        raise StaleVersionError
    dish = larder.dishes.change(dish.id, posted_json(), dish.version)
    response.headers["ETag"] = f'"{dish.version}"'
    return dish.as_dict()


@action("api/openapi.json", method="GET")
@action.uses(problems)
def describe_api():
    """Describe the programs' side."""
    return static_file("openapi.json", root=str(settings.static_dir))


@action("about", method="GET")
@page("about.html")
def show_journey():
    """Tell how a request travels."""
    return {
        "dishes": larder.dishes.count(),
        "browser": request.headers.get("User-Agent", ""),
        "server": request.environ.get("SERVER_SOFTWARE", ""),
        "framework": settings.framework,
        "database": larder.database,
        "usage": larder.usage,
    }


@action("health", method="GET")
@action.uses(problems)
def report_health():
    """Report health."""
    try:
        larder.check()
    except LarderError:
        response.status = 503
        return {"status": "down"}
    return {"status": "ok"}
