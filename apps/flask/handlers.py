"""The pages of the site, one function each, in the order of features.py."""

import mimetypes
from functools import wraps

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    send_from_directory,
    session,
    url_for,
)
from flask_wtf.csrf import CSRFProtect, generate_csrf

from shared_db.errors import InvalidInputError, SoldOutError, StaleVersionError, WrongPasswordError

site = Blueprint("site", __name__)
csrf = CSRFProtect()

# Python 3.11 knows image/webp only if the machine has a mime.types file.
mimetypes.add_type("image/webp", ".webp")


def staff_only(handler):
    """Allow staff only, and redirect other guests to the sign-in form."""

    @wraps(handler)
    def guarded(**arguments):
        if "staff_id" not in session:
            return redirect(url_for(".show_sign_in", next=url_for(".show_kitchen")), 303)
        return handler(**arguments)

    return guarded


def not_stored(handler):
    """Forbid caches and browsers to store a page that shows a session's own data."""

    @wraps(handler)
    def marked(**arguments):
        response = make_response(handler(**arguments))
        response.cache_control.no_store = True
        return response

    return marked


@site.app_context_processor
def add_cart_count():
    """Give templates a function, not a number, so that error pages do not load the session."""
    return {"cart_count": lambda: g.larder.carts.count(session.token)}


@site.get("/")
def show_menu():
    """Show the menu."""
    response = make_response(render_template("menu.html", sections=g.larder.dishes.menu()))
    response.add_etag()
    return response.make_conditional(request)


@site.get("/dishes")
def search_dishes():
    """Search the dishes."""
    return render_template("search.html", found=g.larder.dishes.search(request.args))


@site.get("/dishes/<int:dish_id>")
def show_dish(dish_id):
    """Show one dish."""
    accept = request.accept_mimetypes
    if accept["application/json"] > accept["text/html"]:
        response = show_dish_to_program(dish_id)
    else:
        response = make_response(dish_page(g.larder.dishes.get(dish_id)))
    response.vary.add("Accept")
    return response


def dish_page(dish, typed=None, errors=None):
    """Return a dish's page, with the values and the errors of its review form."""
    reviews = g.larder.reviews.of(dish.id)
    return render_template(
        "dish.html", dish=dish, reviews=reviews, typed=typed or {}, errors=errors or {}
    )


@site.post("/dishes/<int:dish_id>/reviews")
def write_review(dish_id):
    """Write a review."""
    dish = g.larder.dishes.get(dish_id)
    try:
        g.larder.reviews.write(dish.id, request.form)
    except InvalidInputError as error:
        return dish_page(dish, typed=request.form, errors=error.fields), 422
    flash("Thank you for your review.")
    return redirect(url_for(".show_dish", dish_id=dish.id), 303)


@site.post("/cart")
@not_stored
def put_in_cart():
    """Put a dish in the cart."""
    try:
        g.larder.carts.put(session.token, request.form)
    except InvalidInputError as error:
        return cart_page(errors=error.fields), 422
    return redirect(url_for(".show_cart"), 303)


@site.get("/cart")
@not_stored
def show_cart():
    """Show the cart."""
    return cart_page()


def cart_page(typed=None, errors=None):
    """Return the cart's page, with the values and the errors of its order form."""
    return render_template(
        "cart.html",
        cart=g.larder.carts.show(session.token),
        idempotency_key=g.larder.orders.new_key(),
        typed=typed or {},
        errors=errors or {},
    )


@site.post("/orders")
@not_stored
def place_order():
    """Place the order."""
    try:
        order = g.larder.orders.place(session.token, request.form)
    except InvalidInputError as error:
        return cart_page(typed=request.form, errors=error.fields), 422
    except SoldOutError as error:
        return cart_page(typed=request.form, errors={"cart": str(error)}), 409
    return redirect(url_for(".show_order", code=order.code), 303)


@site.get("/orders/<code>")
@not_stored
def show_order(code):
    """Show one order."""
    return render_template("order.html", order=g.larder.orders.get(code))


@site.get("/login")
@not_stored
def show_sign_in():
    """Show the sign-in form."""
    return render_template("login.html", next=request.args.get("next", ""))


@site.post("/login")
@not_stored
def sign_in():
    """Sign in."""
    goal = request.form.get("next", "")
    try:
        staff = g.larder.staff.sign_in(request.form)
    except WrongPasswordError as error:
        username = request.form.get("username")
        return render_template("login.html", next=goal, username=username, error=error), 401
    session["staff_id"] = staff.id
    session.renew()
    session.pop("csrf_token")
    generate_csrf()
    own_path = current_app.config["SETTINGS"].own_path(goal)
    return redirect(own_path or url_for(".show_kitchen"), 303)


@site.post("/logout")
def sign_out():
    """Sign out."""
    session.clear()
    return redirect(url_for(".show_menu"), 303)


@site.get("/kitchen")
@not_stored
@staff_only
def show_kitchen():
    """Show the kitchen."""
    staff = g.larder.staff.get(session["staff_id"])
    return render_template("kitchen.html", staff=staff, orders=g.larder.orders.open())


@site.post("/kitchen/orders/<code>")
@staff_only
def move_order(code):
    """Move an order along."""
    g.larder.orders.move(code, request.form.get("status", ""))
    return redirect(url_for(".show_kitchen"), 303)


@site.post("/kitchen/dishes/<int:dish_id>/photo")
@staff_only
def change_photo(dish_id):
    """Change a dish's photo."""
    photo = request.files.get("photo")
    if photo is None:
        raise InvalidInputError({"photo": "Choose a photo first."})
    dish = g.larder.photos.keep(dish_id, photo.stream)
    flash("The new photo is up.")
    return redirect(url_for(".show_dish", dish_id=dish.id), 303)


@site.get("/photos/<name>")
def show_photo(name):
    """Serve a photo."""
    return send_from_directory(current_app.config["SETTINGS"].photos_dir, name)


@site.get("/kitchen/orders.csv")
@not_stored
@staff_only
def export_orders():
    """Export the orders."""
    response = Response(g.larder.orders.export_csv(), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename="orders.csv")
    return response


@site.get("/api/dishes")
def list_dishes():
    """List the dishes for programs."""
    found = g.larder.dishes.search(request.args)
    response = jsonify(found.as_dict())
    for rel, query in (("prev", found.previous), ("next", found.next)):
        if query is not None:
            response.headers.add("Link", f'<{url_for(".list_dishes", **query)}>; rel="{rel}"')
    return response


@site.get("/api/dishes/<int:dish_id>")
def show_dish_to_program(dish_id):
    """Show one dish to a program."""
    return dish_document(g.larder.dishes.get(dish_id)).make_conditional(request)


def dish_document(dish):
    """Return a dish as JSON, with its version as the entity tag."""
    response = jsonify(dish.as_dict())
    response.set_etag(str(dish.version))
    return response


@site.post("/api/orders")
@csrf.exempt
def place_order_by_program():
    """Place an order by program."""
    key = request.headers.get("Idempotency-Key") or None
    order = g.larder.orders.place_from_json(request.get_json(), key)
    return order.as_dict(), 201, {"Location": url_for(".show_order", code=order.code)}


@site.patch("/api/dishes/<int:dish_id>")
@csrf.exempt
def change_dish(dish_id):
    """Change a dish by program."""
    authorization = request.authorization
    is_bearer = authorization is not None and authorization.type == "bearer"
    g.larder.staff.check_token(authorization.token if is_bearer else "")
    dish = g.larder.dishes.get(dish_id)
    if not request.headers.get("If-Match"):
        abort(428)
    if str(dish.version) not in request.if_match:
        raise StaleVersionError
    return dish_document(g.larder.dishes.change(dish.id, request.get_json(), dish.version))


@site.get("/api/openapi.json")
def describe_api():
    """Describe the programs' side."""
    return current_app.send_static_file("openapi.json")


@site.get("/about")
def show_journey():
    """Tell how a request travels."""
    return render_template(
        "about.html",
        dishes=g.larder.dishes.count(),
        server=request.environ.get("SERVER_SOFTWARE", ""),
        database=g.larder.database,
        usage=g.larder.usage,
    )


@site.get("/health")
def report_health():
    """Report health."""
    try:
        g.larder.check()
    except Exception:
        return {"status": "down"}, 503
    return {"status": "ok"}


@site.get("/static/<path:filename>")
def send_static(filename):
    """Serve a static file."""
    return current_app.send_static_file(filename)
