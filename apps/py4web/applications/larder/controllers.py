"""The pages of the site, one action each, in the order of features.py."""

from secrets import token_hex

from ombott import static_file
from py4web import HTTP, URL, Field, abort, action, redirect, request, response
from py4web.core import dumps

from shared_db.errors import InvalidInputError, SoldOutError, StaleVersionError

from .common import (
    flash,
    larder,
    layout,
    not_stored,
    problems,
    session,
    settings,
    staff,
    tagged,
)
from .forms import make_form, order_form, portions_form, review_form, sign_in_form


@action("/", method="GET")
@action.uses(problems, tagged, "menu.html", session, flash, layout)
def show_menu():
    """Show the menu."""
    return {"sections": larder.dishes.menu()}


@action("dishes", method="GET")
@action.uses(problems, "search.html", session, flash, layout)
def search_dishes():
    """Search the dishes."""
    return {"found": larder.dishes.search(request.query)}


@action("dishes/<dish_id:int>", method="GET")
@action.uses(problems, "dish.html", session, flash, layout)
def show_dish(dish_id):
    """Show one dish."""
    response.headers["Vary"] = "Accept"
    accept = request.headers.get("Accept", "")
    if "application/json" in accept and "text/html" not in accept:
        response.content_type = "application/json"
        return dumps(show_dish_to_program(dish_id))
    return dish_page(larder.dishes.get(dish_id), review_form())


def dish_page(dish, form):
    """Return the values of a dish's page, with its review form."""
    return {"dish": dish, "reviews": larder.reviews.of(dish.id), "form": form}


@action("dishes/<dish_id:int>/reviews", method="POST")
@action.uses(problems, "dish.html", session, flash, layout)
def write_review(dish_id):
    """Write a review."""
    form = review_form()
    dish = larder.dishes.get(dish_id)
    if form.errors:
        response.status = 422
        return dish_page(dish, form)
    larder.reviews.write(dish.id, form.vars)
    flash.set("Thank you for your review.")
    redirect(URL("dishes", dish.id))


@action("cart", method="POST")
@action.uses(problems, "cart.html", not_stored, session, flash, layout)
def put_in_cart():
    """Put a dish in the cart."""
    form = portions_form()
    try:
        larder.carts.put(session["uuid"], form.vars)
    except InvalidInputError as error:
        response.status = 422
        return cart_page(form, error.fields)
    redirect(URL("cart"))


@action("cart", method="GET")
@action.uses(problems, "cart.html", not_stored, session, flash, layout)
def show_cart():
    """Show the cart."""
    return cart_page()


def cart_page(form=None, errors=None):
    """Return the values of the cart's page, with its order form and the errors."""
    cart = larder.carts.show(session.get("uuid"))
    return {
        "cart": cart,
        "idempotency_key": larder.orders.new_key(),
        # An empty cart shows no form, so no session is needed yet.
        "form": form or (order_form() if cart.lines else None),
        "errors": errors or {},
    }


@action("orders", method="POST")
@action.uses(problems, "cart.html", not_stored, session, flash, layout)
def place_order():
    """Place the order."""
    form = order_form()
    try:
        order = larder.orders.place(session["uuid"], form.vars)
    except InvalidInputError as error:
        response.status = 422
        return cart_page(form, error.fields)
    except SoldOutError as error:
        response.status = 409
        return cart_page(form, {"cart": str(error)})
    redirect(URL("orders", order.code))


@action("orders/<code>", method="GET")
@action.uses(problems, "order.html", not_stored, session, flash, layout)
def show_order(code):
    """Show one order."""
    return {"order": larder.orders.get(code)}


@action("login", method="GET")
@action.uses(problems, "login.html", not_stored, session, flash, layout)
def show_sign_in():
    """Show the sign-in form."""
    return {"form": sign_in_form(), "next": request.query.get("next", "")}


@action("login", method="POST")
@action.uses(problems, "login.html", not_stored, session, flash, layout)
def sign_in():
    """Sign in."""
    form = sign_in_form()
    goal = form.vars["next"] or ""
    if form.errors:
        response.status = 401
        return {"form": form, "next": goal}
    session["staff_id"] = form.vars["staff"].id
    session.renew()
    session["_formkey"] = token_hex(32)
    redirect(settings.own_path(goal) or URL("kitchen"))


@action("logout", method="POST")
@action.uses(problems, session)
def sign_out():
    """Sign out."""
    make_form()
    session.clear()
    redirect(URL(""))


@action("kitchen", method="GET")
@action.uses(problems, "kitchen.html", not_stored, session, flash, staff, layout)
def show_kitchen():
    """Show the kitchen."""
    member = larder.staff.get(session["staff_id"])
    return {"staff": member, "orders": larder.orders.open(), "form": make_form()}


@action("kitchen/orders/<code>", method="POST")
@action.uses(problems, session, staff)
def move_order(code):
    """Move an order along."""
    form = make_form(Field("status"))
    larder.orders.move(code, form.vars["status"] or "")
    redirect(URL("kitchen"))


@action("kitchen/dishes/<dish_id:int>/photo", method="POST")
@action.uses(problems, session, flash, staff)
def change_photo(dish_id):
    """Change a dish's photo."""
    photo = make_form(Field("photo", "upload")).vars.get("photo")
    if photo is None:
        raise InvalidInputError({"photo": "Choose a photo first."})
    dish = larder.photos.keep(dish_id, photo.file)
    flash.set("The new photo is up.")
    redirect(URL("dishes", dish.id))


@action("photos/<name>", method="GET")
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
            response.headers.append("Link", f'<{URL("api/dishes", vars=query)}>; rel="{rel}"')
    return found.as_dict()


@action("api/dishes/<dish_id:int>", method="GET")
@action.uses(problems)
def show_dish_to_program(dish_id):
    """Show one dish to a program."""
    return dish_document(larder.dishes.get(dish_id))


def dish_document(dish):
    """Return a dish for JSON, with its version as the entity tag."""
    etag = response.headers["ETag"] = f'"{dish.version}"'
    if etag in request.headers.get("If-None-Match", ""):
        raise HTTP(304)
    return dish.as_dict()


@action("api/orders", method="POST")
@action.uses(problems)
def place_order_by_program():
    """Place an order by program."""
    key = request.headers.get("Idempotency-Key") or None
    order = larder.orders.place_from_json(sent_document(), key)
    response.status = 201
    response.headers["Location"] = URL("orders", order.code)
    return order.as_dict()


def sent_document():
    """Return the JSON of the request; request.json is None without one, too."""
    if not request.content_type.startswith("application/json"):
        abort(415)
    if not request.body.read(1):
        abort(400)
    return request.json


@action("api/dishes/<dish_id:int>", method="PATCH")
@action.uses(problems)
def change_dish(dish_id):
    """Change a dish by program."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    larder.staff.check_token(token.strip() if scheme.lower() == "bearer" else "")
    dish = larder.dishes.get(dish_id)
    versions = request.headers.get("If-Match") or abort(428)
    if versions != "*" and f'"{dish.version}"' not in versions:
        raise StaleVersionError
    dish = larder.dishes.change(dish.id, sent_document(), dish.version)
    response.headers["ETag"] = f'"{dish.version}"'
    return dish.as_dict()


@action("api/openapi.json", method="GET")
@action.uses(problems)
def describe_api():
    """Describe the programs' side."""
    return static_file("openapi.json", root=str(settings.static_dir))


@action("about", method="GET")
@action.uses(problems, "about.html", session, flash, layout)
def show_journey():
    """Tell how a request travels."""
    return {
        "dishes": larder.dishes.count(),
        "browser": request.headers.get("User-Agent", ""),
        "server": request.environ.get("SERVER_SOFTWARE", ""),
        "database": larder.database,
        "usage": larder.usage,
    }


@action("health", method="GET")
@action.uses(problems)
def report_health():
    """Report health."""
    try:
        larder.check()
    except Exception:
        response.status = 503
        return {"status": "down"}
    return {"status": "ok"}
