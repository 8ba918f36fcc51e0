"""The pages of the site, one function each, in the order of features.py."""

import io
from urllib.parse import urlencode

import falcon
import hug
from hug.directives import session
from hug.types import number

import formats
import problems
from directives import larder
from forms import read_json, staff_only, staff_token
from shared_db.errors import InvalidInputError, SoldOutError, StaleVersionError, WrongPasswordError

# future: Falcon 2's query parser, which splits no text at commas (hug's change log, 2.5.2).
api = hug.API(__name__, future=True)

NOT_STORED = {"Cache-Control": "no-store"}  # of pages that show a session's own data


@hug.extend_api()
def add_problems():
    """Add the error handlers."""
    return [problems]


@hug.get("/", output=formats.tagged_page)
def show_menu(larder: larder):
    """Show the menu."""
    return "menu.html", {"sections": larder.dishes.menu()}


@hug.get("/dishes")
def search_dishes(larder: larder, q="", course="", sort="", page=""):
    """Search the dishes."""
    query = {"q": q, "course": course, "sort": sort, "page": page}
    return "search.html", {"found": larder.dishes.search(query)}


@hug.get("/dishes/{dish_id}", on_invalid=hug.redirect.not_found)
def show_dish(dish_id: number, request, response, larder: larder, session: session):
    """Show one dish."""
    response.append_header("Vary", "Accept")
    if request.client_prefers(["application/json", "text/html"]) == "application/json":
        return show_dish_to_program  # hug then answers with that handler
    return dish_page(larder, session, larder.dishes.get(dish_id))


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


@hug.post("/dishes/{dish_id}/reviews", on_invalid=hug.redirect.not_found)
def write_review(dish_id: number, response, larder: larder, session: session, **form):
    """Write a review."""
    dish = larder.dishes.get(dish_id)
    try:
        larder.reviews.write(dish.id, form)
    except InvalidInputError as error:
        response.status = falcon.HTTP_422
        return dish_page(larder, session, dish, form, error.fields)
    session.flash("Thank you for your review.")
    hug.redirect.see_other(f"/dishes/{dish.id}")


@hug.post("/cart", response_headers=NOT_STORED)
def put_in_cart(response, larder: larder, session: session, **form):
    """Put a dish in the cart."""
    try:
        larder.carts.put(session.token, form)
    except InvalidInputError as error:
        response.status = falcon.HTTP_422
        return cart_page(larder, session, errors=error.fields)
    hug.redirect.see_other("/cart")


@hug.get("/cart", response_headers=NOT_STORED)
def show_cart(larder: larder, session: session):
    """Show the cart."""
    return cart_page(larder, session)


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


@hug.post("/orders", response_headers=NOT_STORED)
def place_order(response, larder: larder, session: session, **form):
    """Place the order."""
    try:
        order = larder.orders.place(session.token, form)
    except InvalidInputError as error:
        response.status = falcon.HTTP_422
        return cart_page(larder, session, form, error.fields)
    except SoldOutError as error:
        response.status = falcon.HTTP_409
        return cart_page(larder, session, form, {"cart": str(error)})
    hug.redirect.see_other(f"/orders/{order.code}")


@hug.get("/orders/{code}", response_headers=NOT_STORED)
def show_order(code, larder: larder):
    """Show one order."""
    return "order.html", {"order": larder.orders.get(code)}


@hug.get("/login", response_headers=NOT_STORED)
def show_sign_in(session: session, next=""):
    """Show the sign-in form."""
    return "login.html", {"csrf_token": session.csrf_token, "next": next}


@hug.post("/login", response_headers=NOT_STORED)
def sign_in(request, response, larder: larder, session: session, next="", **form):
    """Sign in."""
    try:
        staff = larder.staff.sign_in(form)
    except WrongPasswordError as error:
        response.status = falcon.HTTP_401
        name, values = show_sign_in(session, next)  # it is still a plain function
        return name, values | {"username": form.get("username", ""), "error": str(error)}
    session["staff_id"] = staff.id
    session.renew()
    hug.redirect.see_other(request.context["settings"].own_path(next) or "/kitchen")


@hug.post("/logout")
def sign_out(session: session):
    """Sign out."""
    session.end()
    hug.redirect.see_other("/")


@hug.get("/kitchen", response_headers=NOT_STORED, requires=staff_only)
def show_kitchen(larder: larder, session: session):
    """Show the kitchen."""
    staff, orders = larder.staff.get(session["staff_id"]), larder.orders.open()
    return "kitchen.html", {"staff": staff, "orders": orders, "csrf_token": session.csrf_token}


@hug.post("/kitchen/orders/{code}", requires=staff_only)
def move_order(code, larder: larder, status=""):
    """Move an order along."""
    larder.orders.move(code, status)
    hug.redirect.see_other("/kitchen")


@hug.post("/kitchen/dishes/{dish_id}/photo", requires=staff_only, on_invalid=hug.redirect.not_found)
def change_photo(dish_id: number, larder: larder, session: session, photo=None):
    """Change a dish's photo."""
    if not isinstance(photo, bytes):  # a text field, or nothing
        raise InvalidInputError({"photo": "Choose a photo first."})
    dish = larder.photos.keep(dish_id, io.BytesIO(photo))
    session.flash("The new photo is up.")
    hug.redirect.see_other(f"/dishes/{dish.id}")


@hug.get("/photos/{name}", output=formats.file)
def show_photo(name, request):
    """Serve a photo."""
    path = request.context["settings"].photos_dir / name
    return path if path.is_file() else hug.redirect.not_found()


@hug.get(
    "/kitchen/orders.csv", output=formats.csv, response_headers=NOT_STORED, requires=staff_only
)
def export_orders(response, larder: larder):
    """Export the orders."""
    response.downloadable_as = "orders.csv"
    return larder.orders.export_csv()


@hug.get("/api/dishes", output=formats.json)
def list_dishes(response, larder: larder, q="", course="", sort="", page=""):
    """List the dishes for programs."""
    found = larder.dishes.search({"q": q, "course": course, "sort": sort, "page": page})
    for rel, query in (("prev", found.previous), ("next", found.next)):
        if query is not None:
            response.add_link(f"/api/dishes?{urlencode(query)}", rel)
    return found.as_dict()


@hug.get("/api/dishes/{dish_id}", output=formats.json, on_invalid=hug.redirect.not_found)
def show_dish_to_program(dish_id: number, request, response, larder: larder):
    """Show one dish to a program."""
    dish = larder.dishes.get(dish_id)
    formats.mark_version(request, response, str(dish.version))
    return dish.as_dict()


@hug.post("/api/orders", output=formats.json, parse_body=False)
def place_order_by_program(request, response, larder: larder):
    """Place an order by program."""
    key = request.get_header("Idempotency-Key") or None
    order = larder.orders.place_from_json(read_json(request), key)
    response.status = falcon.HTTP_201
    response.location = f"/orders/{order.code}"
    return order.as_dict()


@hug.patch(
    "/api/dishes/{dish_id}",
    output=formats.json,
    parse_body=False,
    requires=staff_token,
    on_invalid=hug.redirect.not_found,
)
def change_dish(dish_id: number, request, response, larder: larder):
    """Change a dish by program."""
    dish = larder.dishes.get(dish_id)
    if not request.if_match:
        raise falcon.HTTPPreconditionRequired
    if not formats.matches(str(dish.version), request.if_match):
        raise StaleVersionError
    dish = larder.dishes.change(dish.id, read_json(request), dish.version)
    response.etag = str(dish.version)
    return dish.as_dict()


@hug.get("/api/openapi.json", output=formats.file)
def describe_api(request):
    """Describe the programs' side."""
    return request.context["settings"].static_dir / "openapi.json"


@hug.get("/about")
def show_journey(request, larder: larder):
    """Tell how a request travels."""
    return "about.html", {
        "dishes": larder.dishes.count(),
        "browser": request.user_agent or "",
        "server": request.env.get("SERVER_SOFTWARE", ""),
        "database": larder.database,
        "usage": larder.usage,
    }


@hug.get("/health", output=formats.json)
def report_health(response, larder: larder):
    """Report health."""
    try:
        larder.check()
    except Exception:
        response.status = falcon.HTTP_503
        return {"status": "down"}
    return {"status": "ok"}


def is_own_file(request, **kwargs):
    """Require GET, and a path without parent directories."""
    if request.method not in ("GET", "HEAD"):
        raise falcon.HTTPMethodNotAllowed(["GET", "HEAD"])
    if ".." in request.path.split("/"):
        hug.redirect.not_found()


def serve_static(folder):
    """Add the route of the static files, whose folder hug needs when the route is added."""

    # With a slash, because hug matches every address that begins with this text.
    @hug.static("/static/", api=api, output=formats.file, requires=is_own_file)
    def send_static():
        """Serve a static file."""
        return [folder]
