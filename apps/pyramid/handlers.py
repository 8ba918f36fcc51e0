"""The pages of the site, one function each, in the order of features.py."""

import mimetypes

from pyramid.csrf import new_csrf_token
from pyramid.httpexceptions import (
    HTTPNotFound,
    HTTPPreconditionRequired,
    HTTPSeeOther,
    HTTPUnsupportedMediaType,
)
from pyramid.renderers import render_to_response
from pyramid.response import FileResponse, Response
from pyramid.security import forget, remember
from pyramid.view import view_config

from shared_db.errors import InvalidInputError, SoldOutError, StaleVersionError, WrongPasswordError

# Python 3.11 knows image/webp only if the machine has a mime.types file.
mimetypes.add_type("image/webp", ".webp")
NOT_STORED = (None, {"no_store": True})  # for pages that show a session's own data


@view_config(route_name="menu", request_method="GET")
def show_menu(request):
    """Show the menu."""
    sections = request.larder.dishes.menu()
    response = render_to_response("menu.jinja2", {"sections": sections}, request)
    response.md5_etag()
    response.conditional_response = True
    return response


@view_config(route_name="dishes", request_method="GET", renderer="search.jinja2")
def search_dishes(request):
    """Search the dishes."""
    return {"found": request.larder.dishes.search(request.GET)}


@view_config(route_name="dish", request_method="GET", accept="text/html", renderer="dish.jinja2")
def show_dish(request):
    """Show one dish."""
    request.response.vary = ["Accept"]
    return dish_values(request, request.larder.dishes.get(request.matchdict["dish_id"]))


@view_config(route_name="dish", request_method="GET", accept="application/json", renderer="json")
def show_dish_as_json(request):
    """Return the same dish to clients that prefer JSON."""
    request.response.vary = ["Accept"]
    return show_dish_to_program(request)


def dish_values(request, dish, typed=None, errors=None):
    """Return the values of a dish's page, with the values and errors of its review form."""
    reviews = request.larder.reviews.of(dish.id)
    return {"dish": dish, "reviews": reviews, "typed": typed or {}, "errors": errors or {}}


@view_config(route_name="reviews", request_method="POST", renderer="dish.jinja2")
def write_review(request):
    """Write a review."""
    dish = request.larder.dishes.get(request.matchdict["dish_id"])
    try:
        request.larder.reviews.write(dish.id, request.POST)
    except InvalidInputError as error:
        request.response.status_int = 422
        return dish_values(request, dish, typed=request.POST, errors=error.fields)
    request.session.flash("Thank you for your review.")
    return HTTPSeeOther(request.route_path("dish", dish_id=dish.id))


@view_config(
    route_name="cart", request_method="POST", http_cache=NOT_STORED, renderer="cart.jinja2"
)
def put_in_cart(request):
    """Put a dish in the cart."""
    try:
        request.larder.carts.put(request.session.token, request.POST)
    except InvalidInputError as error:
        request.response.status_int = 422
        return cart_values(request, errors=error.fields)
    return HTTPSeeOther(request.route_path("cart"))


@view_config(route_name="cart", request_method="GET", http_cache=NOT_STORED, renderer="cart.jinja2")
def show_cart(request):
    """Show the cart."""
    return cart_values(request)


def cart_values(request, typed=None, errors=None):
    """Return the values of the cart's page, with the values and errors of its order form."""
    return {
        "cart": request.larder.carts.show(request.session.token),
        "idempotency_key": request.larder.orders.new_key(),
        "typed": typed or {},
        "errors": errors or {},
    }


@view_config(
    route_name="orders", request_method="POST", http_cache=NOT_STORED, renderer="cart.jinja2"
)
def place_order(request):
    """Place the order."""
    try:
        order = request.larder.orders.place(request.session.token, request.POST)
    except InvalidInputError as error:
        request.response.status_int = 422
        return cart_values(request, typed=request.POST, errors=error.fields)
    except SoldOutError as error:
        request.response.status_int = 409
        return cart_values(request, typed=request.POST, errors={"cart": str(error)})
    return HTTPSeeOther(request.route_path("order", code=order.code))


@view_config(
    route_name="order", request_method="GET", http_cache=NOT_STORED, renderer="order.jinja2"
)
def show_order(request):
    """Show one order."""
    return {"order": request.larder.orders.get(request.matchdict["code"])}


@view_config(
    route_name="login", request_method="GET", http_cache=NOT_STORED, renderer="login.jinja2"
)
def show_sign_in(request):
    """Show the sign-in form."""
    return {"next": request.GET.get("next", "")}


@view_config(
    route_name="login", request_method="POST", http_cache=NOT_STORED, renderer="login.jinja2"
)
def sign_in(request):
    """Sign in."""
    goal = request.POST.get("next", "")
    try:
        staff = request.larder.staff.sign_in(request.POST)
    except WrongPasswordError as error:
        request.response.status_int = 401
        return {"next": goal, "username": request.POST.get("username"), "error": error}
    headers = remember(request, staff.id)
    new_csrf_token(request)
    goal = request.registry.settings["site"].own_path(goal) or request.route_path("kitchen")
    return HTTPSeeOther(goal, headers=headers)


@view_config(route_name="logout", request_method="POST")
def sign_out(request):
    """Sign out."""
    return HTTPSeeOther(request.route_path("menu"), headers=forget(request))


@view_config(
    route_name="kitchen",
    request_method="GET",
    permission="cook",
    http_cache=NOT_STORED,
    renderer="kitchen.jinja2",
)
def show_kitchen(request):
    """Show the kitchen."""
    staff = request.larder.staff.get(request.authenticated_userid)
    return {"staff": staff, "orders": request.larder.orders.open()}


@view_config(route_name="kitchen_order", request_method="POST", permission="cook")
def move_order(request):
    """Move an order along."""
    request.larder.orders.move(request.matchdict["code"], request.POST.get("status", ""))
    return HTTPSeeOther(request.route_path("kitchen"))


@view_config(route_name="kitchen_photo", request_method="POST", permission="cook")
def change_photo(request):
    """Change a dish's photo."""
    photo = request.POST.get("photo")
    if not hasattr(photo, "file"):
        raise InvalidInputError({"photo": "Choose a photo first."})
    dish = request.larder.photos.keep(request.matchdict["dish_id"], photo.file)
    request.session.flash("The new photo is up.")
    return HTTPSeeOther(request.route_path("dish", dish_id=dish.id))


@view_config(route_name="photo", request_method="GET")
def show_photo(request):
    """Serve a photo."""
    path = request.registry.settings["site"].photos_dir / request.matchdict["name"]
    if not path.is_file():
        raise HTTPNotFound
    return FileResponse(path, request)


@view_config(route_name="export", request_method="GET", permission="cook", http_cache=NOT_STORED)
def export_orders(request):
    """Export the orders."""
    return Response(
        app_iter=(text.encode() for text in request.larder.orders.export_csv()),
        content_type="text/csv",
        charset="UTF-8",
        content_disposition='attachment; filename="orders.csv"',
    )


@view_config(route_name="api_dishes", request_method="GET", renderer="json")
def list_dishes(request):
    """List the dishes for programs."""
    found = request.larder.dishes.search(request.GET)
    for rel, query in (("prev", found.previous), ("next", found.next)):
        if query is not None:
            address = request.route_path("api_dishes", _query=query)
            request.response.headers.add("Link", f'<{address}>; rel="{rel}"')
    return found.as_dict()


@view_config(route_name="api_dish", request_method="GET", renderer="json")
def show_dish_to_program(request):
    """Show one dish to a program."""
    request.response.conditional_response = True
    return dish_document(request, request.larder.dishes.get(request.matchdict["dish_id"]))


def dish_document(request, dish):
    """Return a dish for JSON, and set the reply's tag to its version."""
    request.response.etag = str(dish.version)
    return dish.as_dict()


@view_config(route_name="api_orders", request_method="POST", require_csrf=False, renderer="json")
def place_order_by_program(request):
    """Place an order by program."""
    key = request.headers.get("Idempotency-Key") or None
    order = request.larder.orders.place_from_json(document_in(request), key)
    request.response.status_int = 201
    request.response.location = request.route_path("order", code=order.code)
    return order.as_dict()


def document_in(request):
    """Return the JSON of the request; raise an HTTP error if its type is not JSON."""
    if request.content_type != "application/json":
        raise HTTPUnsupportedMediaType
    return request.json_body


@view_config(route_name="api_dish", request_method="PATCH", require_csrf=False, renderer="json")
def change_dish(request):
    """Change a dish by program."""
    kind, token = request.authorization or ("", "")
    request.larder.staff.check_token(token if kind == "Bearer" else "")
    dish = request.larder.dishes.get(request.matchdict["dish_id"])
    if not request.headers.get("If-Match"):
        raise HTTPPreconditionRequired
    if str(dish.version) not in request.if_match:
        raise StaleVersionError
    changed = request.larder.dishes.change(dish.id, document_in(request), dish.version)
    return dish_document(request, changed)


@view_config(route_name="openapi", request_method="GET")
def describe_api(request):
    """Describe the programs' side."""
    return FileResponse(request.registry.settings["site"].static_dir / "openapi.json", request)


@view_config(route_name="about", request_method="GET", renderer="about.jinja2")
def show_journey(request):
    """Tell how a request travels."""
    return {
        "dishes": request.larder.dishes.count(),
        "server": request.environ.get("SERVER_SOFTWARE", ""),
        "database": request.larder.database,
        "usage": request.larder.usage,
    }


@view_config(route_name="health", request_method="GET", renderer="json")
def report_health(request):
    """Report health."""
    try:
        request.larder.check()
    except Exception:
        request.response.status_int = 503
        return {"status": "down"}
    return {"status": "ok"}
