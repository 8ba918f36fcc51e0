"""The pages of the site, one function each, in the order of features.py."""

from functools import wraps
from urllib.parse import urlencode

from files import send_file
from problems import Problem
from reply import Reply, as_json, page, redirect, tag_of, with_tag
from routing import Routes
from shared_db.errors import (
    InvalidInputError,
    SoldOutError,
    StaleVersionError,
    WrongPasswordError,
)

site = Routes()


def staff_only(handler):
    """Allow staff only, and redirect other guests to the sign-in form."""

    @wraps(handler)
    def guarded(request, **arguments):
        if "staff_id" not in request.session:
            return redirect("/login?next=/kitchen")
        return handler(request, **arguments)

    return guarded


def not_stored(handler):
    """Forbid caches and browsers to store a page that shows a session's own data."""

    @wraps(handler)
    def marked(request, **arguments):
        reply = handler(request, **arguments)
        reply.headers.append(("Cache-Control", "no-store"))
        return reply

    return marked


@site.route("GET", "/")
def show_menu(request):
    """Show the menu."""
    reply = page(request, "menu.html", sections=request.larder.dishes.menu())
    return with_tag(request, reply, tag_of(reply.body[0]))


@site.route("GET", "/dishes")
def search_dishes(request):
    """Search the dishes."""
    return page(request, "search.html", found=request.larder.dishes.search(request.query))


@site.route("GET", "/dishes/{dish_id}")
def show_dish(request, dish_id):
    """Show one dish."""
    if request.prefers_json:
        reply = show_dish_to_program(request, dish_id)
    else:
        reply = dish_page(request, request.larder.dishes.get(dish_id))
    reply.headers.append(("Vary", "Accept"))
    return reply


def dish_page(request, dish, status=200, typed=(), errors=()):
    """Return a dish's page, with the values and the errors of its review form."""
    return page(
        request,
        "dish.html",
        status,
        dish=dish,
        reviews=request.larder.reviews.of(dish.id),
        staff="staff_id" in request.session,
        csrf_token=request.session.csrf_token,
        typed=dict(typed),
        errors=dict(errors),
    )


@site.route("POST", "/dishes/{dish_id}/reviews")
def write_review(request, dish_id):
    """Write a review."""
    dish = request.larder.dishes.get(dish_id)
    try:
        request.larder.reviews.write(dish.id, request.form)
    except InvalidInputError as error:
        return dish_page(request, dish, 422, request.form, error.fields)
    request.session.setdefault("flash", []).append("Thank you for your review.")
    return redirect(f"/dishes/{dish.id}")


@site.route("POST", "/cart")
@not_stored
def put_in_cart(request):
    """Put a dish in the cart."""
    try:
        request.larder.carts.put(request.session.token, request.form)
    except InvalidInputError as error:
        return cart_page(request, 422, errors=error.fields)
    return redirect("/cart")


@site.route("GET", "/cart")
@not_stored
def show_cart(request):
    """Show the cart."""
    return cart_page(request)


def cart_page(request, status=200, typed=(), errors=()):
    """Return the cart's page, with the values and the errors of its order form."""
    cart = request.larder.carts.show(request.session.token)
    return page(
        request,
        "cart.html",
        status,
        cart=cart,
        # An empty cart shows no form, so no session is needed yet.
        csrf_token=request.session.csrf_token if cart.lines else "",
        idempotency_key=request.larder.orders.new_key(),
        typed=dict(typed),
        errors=dict(errors),
    )


@site.route("POST", "/orders")
@not_stored
def place_order(request):
    """Place the order."""
    try:
        order = request.larder.orders.place(request.session.token, request.form)
    except InvalidInputError as error:
        return cart_page(request, 422, request.form, error.fields)
    except SoldOutError as error:
        return cart_page(request, 409, request.form, {"cart": str(error)})
    return redirect(f"/orders/{order.code}")


@site.route("GET", "/orders/{code}")
@not_stored
def show_order(request, code):
    """Show one order."""
    return page(request, "order.html", order=request.larder.orders.get(code))


@site.route("GET", "/login")
@not_stored
def show_sign_in(request):
    """Show the sign-in form."""
    return sign_in_page(request, request.query.get("next", ""))


def sign_in_page(request, goal, status=200, username="", error=""):
    """Return the sign-in form."""
    return page(
        request,
        "login.html",
        status,
        csrf_token=request.session.csrf_token,
        next=goal,
        username=username,
        error=error,
    )


@site.route("POST", "/login")
@not_stored
def sign_in(request):
    """Sign in."""
    form = request.form
    try:
        staff = request.larder.staff.sign_in(form)
    except WrongPasswordError as error:
        return sign_in_page(
            request, form.get("next", ""), 401, form.get("username", ""), str(error)
        )
    request.session["staff_id"] = staff.id
    request.session.renew()
    return redirect(request.settings.own_path(form.get("next", "")) or "/kitchen")


@site.route("POST", "/logout")
def sign_out(request):
    """Sign out."""
    request.session.end()
    return redirect("/")


@site.route("GET", "/kitchen")
@not_stored
@staff_only
def show_kitchen(request):
    """Show the kitchen."""
    return page(
        request,
        "kitchen.html",
        staff=request.larder.staff.get(request.session["staff_id"]),
        orders=request.larder.orders.open(),
        csrf_token=request.session.csrf_token,
    )


@site.route("POST", "/kitchen/orders/{code}")
@staff_only
def move_order(request, code):
    """Move an order along."""
    request.larder.orders.move(code, request.form.get("status", ""))
    return redirect("/kitchen")


@site.route("POST", "/kitchen/dishes/{dish_id}/photo")
@staff_only
def change_photo(request, dish_id):
    """Change a dish's photo."""
    photo = request.files.get("photo")
    if photo is None:
        raise InvalidInputError({"photo": "Choose a photo first."})
    dish = request.larder.photos.keep(dish_id, photo.file)
    request.session.setdefault("flash", []).append("The new photo is up.")
    return redirect(f"/dishes/{dish.id}")


@site.route("GET", "/photos/{name}")
def show_photo(request, name):
    """Serve a photo."""
    return send_file(request, request.settings.photos_dir, name)


@site.route("GET", "/kitchen/orders.csv")
@not_stored
@staff_only
def export_orders(request):
    """Export the orders."""
    rows = (text.encode() for text in request.larder.orders.export_csv())
    headers = [
        ("Content-Type", "text/csv; charset=utf-8"),
        ("Content-Disposition", 'attachment; filename="orders.csv"'),
    ]
    return Reply(rows, 200, headers)


@site.route("GET", "/api/dishes")
def list_dishes(request):
    """List the dishes for programs."""
    found = request.larder.dishes.search(request.query)
    pages = (("prev", found.previous), ("next", found.next))
    links = [f'</api/dishes?{urlencode(query)}>; rel="{rel}"' for rel, query in pages if query]
    reply = as_json(found.as_dict())
    if links:
        reply.headers.append(("Link", ", ".join(links)))
    return reply


@site.route("GET", "/api/dishes/{dish_id}")
def show_dish_to_program(request, dish_id):
    """Show one dish to a program."""
    dish = request.larder.dishes.get(dish_id)
    return with_tag(request, as_json(dish.as_dict()), f'"{dish.version}"')


@site.route("POST", "/api/orders")
def place_order_by_program(request):
    """Place an order by program."""
    key = request.header("Idempotency-Key") or None
    order = request.larder.orders.place_from_json(request.json(), key)
    reply = as_json(order.as_dict(), 201)
    reply.headers.append(("Location", f"/orders/{order.code}"))
    return reply


@site.route("PATCH", "/api/dishes/{dish_id}")
def change_dish(request, dish_id):
    """Change a dish by program."""
    scheme, _, token = request.header("Authorization").partition(" ")
    request.larder.staff.check_token(token.strip() if scheme.lower() == "bearer" else "")
    dish = request.larder.dishes.get(dish_id)
    if not request.header("If-Match"):
        raise Problem(428)
    if not request.may_change(f'"{dish.version}"'):
        raise StaleVersionError()
    dish = request.larder.dishes.change(dish.id, request.json(), dish.version)
    reply = as_json(dish.as_dict())
    reply.headers.append(("ETag", f'"{dish.version}"'))
    return reply


@site.route("GET", "/api/openapi.json")
def describe_api(request):
    """Describe the programs' side."""
    return send_file(request, request.settings.static_dir, "openapi.json")


@site.route("GET", "/about")
def show_journey(request):
    """Tell how a request travels."""
    dishes = request.larder.dishes.count()
    return page(
        request,
        "about.html",
        browser=request.header("User-Agent"),
        server=request.environ.get("SERVER_SOFTWARE", ""),
        database=request.larder.database,
        dishes=dishes,
        usage=request.larder.usage,
    )


@site.route("GET", "/health")
def report_health(request):
    """Report health."""
    try:
        request.larder.check()
    except Exception:
        return as_json({"status": "down"}, 503)
    return as_json({"status": "ok"})


@site.route("GET", "/static/{*name}")
def send_static(request, name):
    """Serve a static file."""
    return send_file(request, request.settings.static_dir, name)
