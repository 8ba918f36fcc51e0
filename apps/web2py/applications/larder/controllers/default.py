"""The pages for guests, in the order of features.py."""

from conditional import tag_of, with_tag
from negotiation import prefers_json
from shared_db.errors import InvalidInputError, SoldOutError, WrongPasswordError


def show_menu():
    """Show the menu."""
    page = response.render("default/show_menu.html", sections=larder.dishes.menu())
    return with_tag(page, tag_of(page))


def search_dishes():
    """Search the dishes."""
    return dict(found=larder.dishes.search(one_each(request.get_vars)))


def show_dish():
    """Show one dish."""
    response.headers["Vary"] = "Accept"
    dish = larder.dishes.get(request.args(0))
    if prefers_json(request.env.http_accept or ""):
        return with_tag(response.json(dish.as_dict()), f'"{dish.version}"')
    return dish_page(dish)


def dish_page(dish, status=200, typed=None, errors=None):
    """Return the values of a dish's page, with the values and errors of its review form."""
    response.status = status
    response.view = "default/show_dish.html"
    reviews = larder.reviews.of(dish.id)
    return dict(
        dish=dish, reviews=reviews, form=guest_form(), typed=typed or {}, errors=errors or {}
    )


def write_review():
    """Write a review."""
    dish = larder.dishes.get(request.args(0))
    fields = one_each(request.post_vars)
    try:
        larder.reviews.write(dish.id, fields)
    except InvalidInputError as error:
        return dish_page(dish, 422, fields, error.fields)
    session.flash = [*(session.flash or []), "Thank you for your review."]
    redirect(URL("show_dish", args=dish.id))


@not_stored
def put_in_cart():
    """Put a dish in the cart."""
    try:
        larder.carts.put(session.token, one_each(request.post_vars))
    except InvalidInputError as error:
        return cart_page(422, errors=error.fields)
    redirect(URL("show_cart"))


@not_stored
def show_cart():
    """Show the cart."""
    return cart_page()


def cart_page(status=200, typed=None, errors=None):
    """Return the values of the cart's page, with the values and errors of its order form."""
    response.status = status
    response.view = "default/show_cart.html"
    cart = larder.carts.show(session.token)
    key = larder.orders.new_key()
    form = guest_form() if cart.lines else None  # its key starts a session
    return dict(cart=cart, idempotency_key=key, form=form, typed=typed or {}, errors=errors or {})


@not_stored
def place_order():
    """Place the order."""
    fields = one_each(request.post_vars)
    try:
        order = larder.orders.place(session.token, fields)
    except InvalidInputError as error:
        return cart_page(422, fields, error.fields)
    except SoldOutError as error:
        return cart_page(409, fields, dict(cart=str(error)))
    redirect(URL("show_order", args=order.code))


@not_stored
def show_order():
    """Show one order."""
    return dict(order=larder.orders.get(request.args(0)))


@not_stored
def show_sign_in():
    """Show the sign-in form."""
    return sign_in_page(one_each(request.get_vars).get("next", ""))


def sign_in_page(goal, status=200, username="", error=""):
    """Return the values of the sign-in form."""
    response.status = status
    response.view = "default/show_sign_in.html"
    return dict(next=goal, username=username, error=error, form=guest_form())


@not_stored
def sign_in():
    """Sign in."""
    fields = one_each(request.post_vars)
    goal = fields.get("next", "")
    try:
        staff = larder.staff.sign_in(fields)
    except WrongPasswordError as error:
        return sign_in_page(goal, 401, fields.get("username", ""), str(error))
    session.renew()
    session.staff_id = staff.id
    redirect(settings.own_path(goal) or URL("kitchen", "show_kitchen"))


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
        framework=settings.framework,
        database=larder.database,
        usage=larder.usage,
    )
