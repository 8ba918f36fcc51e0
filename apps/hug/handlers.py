"""The pages of the site, one function each, in the order of features.py."""

import re
from functools import partial
from urllib.parse import urlencode

import falcon
import hug
from falcon.vendor.mimeparse import quality  # client_prefers() breaks ties by length

import formats
import forms
import problems
from shared_db.errors import InvalidInputError, SoldOutError, StaleVersionError, WrongPasswordError

# future: hug's name for Falcon 2's query parser, which does not split at commas.
api = hug.API(__name__, future=True)

PHOTO_NAME = re.compile(r"[0-9a-f]{32}\.(png|jpg|webp)")

# Derived from http as hug derives get and post; HEAD is a 405 unless it is accepted by name.
look = partial(hug.http, accept=("GET", "HEAD"), output=formats.page, parse_body=False)
send = partial(hug.post, output=formats.page, parse_body=False, requires=forms.own_form)
# Pages that show a session's own data.
own_look = partial(look, requires=forms.not_stored)
own_send = partial(send, requires=(forms.not_stored, forms.own_form))
staff_look = partial(look, requires=(forms.not_stored, forms.staff_only))
staff_send = partial(send, requires=(forms.staff_only, forms.own_form))


@hug.extend_api()
def house():
    """Add the directives and the error handlers."""
    return forms, problems


@look("/", output=formats.tagged_page)
def show_menu(hug_larder):
    """Show the menu."""
    return "menu.html", {"sections": hug_larder.dishes.menu()}


@look("/dishes")
def search_dishes(hug_larder, q="", course="", sort="", page=""):
    """Search the dishes."""
    query = {"q": q, "course": course, "sort": sort, "page": page}
    return "search.html", {"found": hug_larder.dishes.search(query)}


@look("/dishes/{dish_id}")
def show_dish(dish_id, request, response, hug_larder, hug_session):
    """Show one dish."""
    response.append_header("Vary", "Accept")
    if prefers_json(request):
        return show_dish_to_program  # hug then answers with that handler
    return dish_page(hug_larder, hug_session, hug_larder.dishes.get(dish_id))


def prefers_json(request):
    """Return whether Accept ranks JSON above HTML."""
    accept = request.accept.lower()
    try:
        return quality("application/json", accept) > quality("text/html", accept)
    except ValueError:
        return False


def dish_page(larder, session, dish, typed=None, errors=None):
    """Return a dish's page, with the values and the errors of its review form."""
    return "dish.html", {
        "dish": dish,
        "reviews": larder.reviews.of(dish.id),
        "staff": "staff_id" in session,
        "csrf_token": session.csrf_token,
        "typed": typed or {},
        "errors": errors or {},
    }


@send("/dishes/{dish_id}/reviews")
def write_review(dish_id, response, hug_larder, hug_session, hug_form):
    """Write a review."""
    dish = hug_larder.dishes.get(dish_id)
    try:
        hug_larder.reviews.write(dish.id, hug_form)
    except InvalidInputError as error:
        response.status = falcon.HTTP_422
        return dish_page(hug_larder, hug_session, dish, hug_form, error.fields)
    hug_session.flash("Thank you for your review.")
    hug.redirect.see_other(f"/dishes/{dish.id}")


@own_send("/cart")
def put_in_cart(response, hug_larder, hug_session, hug_form):
    """Put a dish in the cart."""
    try:
        hug_larder.carts.put(hug_session.token, hug_form)
    except InvalidInputError as error:
        response.status = falcon.HTTP_422
        return cart_page(hug_larder, hug_session, errors=error.fields)
    hug.redirect.see_other("/cart")


@own_look("/cart")
def show_cart(hug_larder, hug_session):
    """Show the cart."""
    return cart_page(hug_larder, hug_session)


def cart_page(larder, session, typed=None, errors=None):
    """Return the cart's page, with the values and the errors of its order form."""
    cart = larder.carts.show(session.token)
    return "cart.html", {
        "cart": cart,
        # An empty cart shows no form, so no session is needed yet.
        "csrf_token": session.csrf_token if cart.lines else "",
        "idempotency_key": larder.orders.new_key(),
        "typed": typed or {},
        "errors": errors or {},
    }


@own_send("/orders")
def place_order(response, hug_larder, hug_session, hug_form):
    """Place the order."""
    try:
        order = hug_larder.orders.place(hug_session.token, hug_form)
    except InvalidInputError as error:
        response.status = falcon.HTTP_422
        return cart_page(hug_larder, hug_session, hug_form, error.fields)
    except SoldOutError as error:
        response.status = falcon.HTTP_409
        return cart_page(hug_larder, hug_session, hug_form, {"cart": str(error)})
    hug.redirect.see_other(f"/orders/{order.code}")


@own_look("/orders/{code}")
def show_order(code, hug_larder):
    """Show one order."""
    return "order.html", {"order": hug_larder.orders.get(code)}


@own_look("/login")
def show_sign_in(hug_session, next=""):
    """Show the sign-in form."""
    return "login.html", {"csrf_token": hug_session.csrf_token, "next": next}


@own_send("/login")
def sign_in(request, response, hug_larder, hug_session, hug_form):
    """Sign in."""
    goal = hug_form.get("next", "")
    try:
        staff = hug_larder.staff.sign_in(hug_form)
    except WrongPasswordError as error:
        response.status = falcon.HTTP_401
        name, values = show_sign_in(hug_session, goal)  # it is still a plain function
        return name, values | {"username": hug_form.get("username", ""), "error": str(error)}
    hug_session["staff_id"] = staff.id
    hug_session.renew()
    hug.redirect.see_other(request.context["settings"].own_path(goal) or "/kitchen")


@send("/logout")
def sign_out(hug_session):
    """Sign out."""
    hug_session.end()
    hug.redirect.see_other("/")


@staff_look("/kitchen")
def show_kitchen(hug_larder, hug_session):
    """Show the kitchen."""
    staff, orders = hug_larder.staff.get(hug_session["staff_id"]), hug_larder.orders.open()
    return "kitchen.html", {"staff": staff, "orders": orders, "csrf_token": hug_session.csrf_token}


@staff_send("/kitchen/orders/{code}")
def move_order(code, hug_larder, hug_form):
    """Move an order along."""
    hug_larder.orders.move(code, hug_form.get("status", ""))
    hug.redirect.see_other("/kitchen")


@staff_send("/kitchen/dishes/{dish_id}/photo")
def change_photo(dish_id, hug_larder, hug_session, hug_form):
    """Change a dish's photo."""
    if "photo" not in hug_form.files:
        raise InvalidInputError({"photo": "Choose a photo first."})
    dish = hug_larder.photos.keep(dish_id, hug_form.files["photo"].file)
    hug_session.flash("The new photo is up.")
    hug.redirect.see_other(f"/dishes/{dish.id}")


@look("/photos/{name}", output=formats.file)
def show_photo(name, request):
    """Serve a photo."""
    if not PHOTO_NAME.fullmatch(name):
        hug.redirect.not_found()
    return str(request.context["settings"].photos_dir / name)


@staff_look("/kitchen/orders.csv", output=formats.csv)
def export_orders(response, hug_larder):
    """Export the orders."""
    response.downloadable_as = "orders.csv"
    return hug_larder.orders.export_csv()


@look("/api/dishes", output=formats.json)
def list_dishes(response, hug_larder, q="", course="", sort="", page=""):
    """List the dishes for programs."""
    found = hug_larder.dishes.search({"q": q, "course": course, "sort": sort, "page": page})
    for rel, query in (("prev", found.previous), ("next", found.next)):
        if query is not None:
            # Not add_link(), which omits the quotes around the relation.
            response.append_header("Link", f'</api/dishes?{urlencode(query)}>; rel="{rel}"')
    return found.as_dict()


@look("/api/dishes/{dish_id}", output=formats.json)
def show_dish_to_program(dish_id, request, response, hug_larder):
    """Show one dish to a program."""
    dish = hug_larder.dishes.get(dish_id)
    formats.mark_version(request, response, str(dish.version))
    return dish.as_dict()


@hug.post("/api/orders", output=formats.json, parse_body=False)
def place_order_by_program(request, response, hug_larder):
    """Place an order by program."""
    key = request.get_header("Idempotency-Key") or None
    order = hug_larder.orders.place_from_json(forms.read_json(request), key)
    response.status = falcon.HTTP_201
    response.location = f"/orders/{order.code}"
    return order.as_dict()


@hug.patch(
    "/api/dishes/{dish_id}", output=formats.json, parse_body=False, requires=forms.staff_token
)
def change_dish(dish_id, request, response, hug_larder):
    """Change a dish by program."""
    dish = hug_larder.dishes.get(dish_id)
    if not request.if_match:
        raise falcon.HTTPPreconditionRequired
    if not matches(request, falcon.ETag(dish.version)):
        raise StaleVersionError
    dish = hug_larder.dishes.change(dish.id, forms.read_json(request), dish.version)
    response.etag = str(dish.version)
    return dish.as_dict()


def matches(request, etag):
    """Return whether If-Match names this version, and If-None-Match does not.

    Falcon treats the tag "*" (quoted) like a plain asterisk.
    """
    if any(held in ("*", etag) for held in request.if_none_match or ()):
        return False
    if request.get_header("If-Match").strip() == "*":
        return True
    return any(etag.strong_compare(tag) for tag in request.if_match)


@look("/api/openapi.json", output=formats.file)
def describe_api(request):
    """Describe the programs' side."""
    return str(request.context["settings"].static_dir / "openapi.json")


@look("/about")
def show_journey(request, hug_larder):
    """Tell how a request travels."""
    return "about.html", {
        "dishes": hug_larder.dishes.count(),
        "browser": request.user_agent or "",
        "server": request.env.get("SERVER_SOFTWARE", ""),
        "framework": request.context["settings"].framework,
        "database": hug_larder.database,
        "usage": hug_larder.usage,
    }


@look("/health", output=formats.json)
def report_health(response, hug_larder):
    """Report health."""
    try:
        hug_larder.check()
    except Exception:
        response.status = falcon.HTTP_503
        return {"status": "down"}
    return {"status": "ok"}


def names_a_file(request, **kwargs):
    """Require GET or HEAD, and a path without parent directories."""
    if request.method not in ("GET", "HEAD"):
        raise falcon.HTTPMethodNotAllowed(["GET", "HEAD"])
    request.params.clear()
    # hug would open the file without the trailing newline of its name.
    if ".." in request.path.split("/") or "\n" in request.path:
        hug.redirect.not_found()


def serve_static(folder):
    """Add the route of the static files, whose folder hug needs when the route is added."""

    # With a slash, because hug matches every address that begins with this text.
    @hug.static("/static/", api=api, output=formats.file, requires=names_a_file)
    def send_static():
        """Serve a static file."""
        return [folder]
