"""The pages for guests, in the order of features.py."""

from hashlib import sha256

from gluon.storage import Storage

from applications.larder.modules.access import not_stored
from applications.larder.modules.conditional import with_tag
from applications.larder.modules.forms import guest_form
from applications.larder.modules.links import address_of
from shared_db.errors import InvalidInputError, SoldOutError, WrongPasswordError


def show_menu():
    """Show the menu."""
    page = response.render("default/show_menu.html", sections=larder.dishes.menu())
    return with_tag(page, f'"{sha256(page.encode()).hexdigest()}"')


def search_dishes():
    """Search the dishes."""
    return dict(found=larder.dishes.search(request.get_vars), address_of=address_of)


def show_dish():
    """Show one dish."""
    response.headers["Vary"] = "Accept"
    dish = larder.dishes.get(request.args(0))
    # web2py chooses a format by an extension of the address, and does not read Accept.
    if request.env.http_accept == "application/json":
        return with_tag(response.json(dish.as_dict()), f'"{dish.version}"')
    return dish_page(dish, guest_form())


def dish_page(dish, form):
    """Return the values of a dish's page, with the errors of its review form."""
    response.view = "default/show_dish.html"
    response.status = 422 if form.errors else 200
    return dict(dish=dish, reviews=larder.reviews.of(dish.id), form=form)


def write_review():
    """Write a review."""
    dish, form = larder.dishes.get(request.args(0)), guest_form()
    try:
        larder.reviews.write(dish.id, request.post_vars)
    except InvalidInputError as error:
        form.errors.update(error.fields)
        return dish_page(dish, form)
    session.flash = [*(session.flash or []), "Thank you for your review."]
    redirect(URL("show_dish", args=dish.id))


def put_in_cart(form):
    """Put a dish in the cart."""
    try:
        larder.carts.put(session.token, request.post_vars)
    except InvalidInputError as error:
        form.errors.update(error.fields)
    else:
        redirect(URL("show_cart"))


@not_stored
def show_cart():
    """Show the cart."""
    if not request.post_vars:
        return cart_page()
    form = guest_form()
    put_in_cart(form)
    return cart_page(form, 422)


def cart_page(form=None, status=200):
    """Return the values of the cart's page, with the errors of its forms."""
    response.view = "default/show_cart.html"
    response.status = status
    cart, key = larder.carts.show(session.token), larder.orders.new_key()
    # An empty cart shows no form, so no session is needed yet.
    form = form or (guest_form() if cart.lines else Storage(errors={}))
    return dict(cart=cart, idempotency_key=key, form=form)


@not_stored
def place_order():
    """Place the order."""
    form = guest_form()
    try:
        order = larder.orders.place(session.token, request.post_vars)
    except InvalidInputError as error:
        form.errors.update(error.fields)
        return cart_page(form, 422)
    except SoldOutError as error:
        form.errors.cart = str(error)
        return cart_page(form, 409)
    redirect(URL("show_order", args=order.code))


@not_stored
def show_order():
    """Show one order."""
    return dict(order=larder.orders.get(request.args(0)))


@not_stored
def show_sign_in():
    """Show the sign-in form."""
    form = guest_form()
    if form.accepted:
        sign_in(form)
    return dict(form=form)


def sign_in(form):
    """Sign in."""
    try:
        staff = larder.staff.sign_in(request.post_vars)
    except WrongPasswordError as error:
        response.status = 401
        form.errors.password = str(error)
    else:
        session.renew()
        session.staff_id = staff.id
        redirect(settings.own_path(request.post_vars.next or "") or URL("kitchen", "show_kitchen"))


def sign_out():
    """Sign out."""
    session.clear()
    redirect(URL("show_menu"))


def show_journey():
    """Tell how a request travels."""
    return dict(
        dishes=larder.dishes.count(),
        browser=request.env.http_user_agent or "",
        server=request.env.server_software or "",
        database=larder.database,
        usage=larder.usage,
    )
