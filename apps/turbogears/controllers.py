"""The site's pages, a controller for each branch of addresses and a method for each page."""

from hashlib import sha1

import tg
from tg import (
    RestController,
    TGController,
    etag_cache,
    expose,
    flash,
    redirect,
    request,
    response,
    session,
    validate,
)
from tg import app_globals as g
from tg.exceptions import HTTPSeeOther

from api import ApiController, dish_document
from files import served_from
from forms import ReviewForm
from problems import ErrorController, no_such_dish
from security import not_stored, staff_only
from shared_db.errors import InvalidInputError, SoldOutError, WrongPasswordError


def answer_with(status):
    """Answer with this page under an error status, without TurboGears' error page."""
    response.status = status
    request.disable_error_pages()


def dish_values(dish, typed=None, errors=None):
    """Return the values of a dish's page, with the values and errors of its review form."""
    reviews = g.larder.reviews.of(dish.id)
    return {"dish": dish, "reviews": reviews, "typed": typed or {}, "errors": errors or {}}


def reviewed_dish():
    """Return the dish in the address of its reviews."""
    return g.larder.dishes.get(request.dispatch_state.routing_args.get("dish_id"))


@expose("dish.xhtml")
def show_review_again(self, **form):
    """Show the errors of a review in its form."""
    values = dish_values(reviewed_dish(), typed=form, errors=request.validation.errors)
    answer_with(422)
    return values


class ReviewsController(RestController):
    """The reviews of one dish."""

    @expose()
    @validate(ReviewForm(), error_handler=show_review_again)
    def post(self, **form):
        """Write a review."""
        dish = reviewed_dish()
        g.larder.reviews.write(dish.id, form)
        flash("Thank you for your review.")
        redirect(f"/dishes/{dish.id}", redirect_with=HTTPSeeOther)


class DishesController(RestController):
    """The dishes."""

    reviews = ReviewsController()

    @expose("search.xhtml")
    def get_all(self, **query):
        """Search the dishes."""
        return {"found": g.larder.dishes.search(query)}

    @expose("dish.xhtml")
    @expose("json")
    @validate(error_handler=no_such_dish)
    def get_one(self, dish_id: int):
        """Show one dish."""
        response.vary = ("Accept",)
        dish = g.larder.dishes.get(dish_id)
        offers = request.accept.acceptable_offers(("text/html", "application/json"))
        if offers and offers[0][0] == "application/json":
            response.content_type = "application/json"  # chooses the second @expose
            return dish_document(dish)
        return dish_values(dish)


class CartController(RestController):
    """The guest's cart."""

    @expose("cart.xhtml")
    @not_stored
    def post(self, **form):
        """Put a dish in the cart."""
        try:
            g.larder.carts.put(session.id, form)
        except InvalidInputError as error:
            answer_with(422)
            return cart_values(errors=error.fields)
        redirect("/cart", redirect_with=HTTPSeeOther)

    @expose("cart.xhtml")
    @not_stored
    def get_all(self):
        """Show the cart."""
        return cart_values()


def cart_values(typed=None, errors=None):
    """Return the values of the cart's page, with the values and errors of its order form."""
    return {
        "cart": g.larder.carts.show(session.id),
        "idempotency_key": g.larder.orders.new_key(),
        "typed": typed or {},
        "errors": errors or {},
    }


class OrdersController(RestController):
    """The guests' orders."""

    @expose("cart.xhtml")
    @not_stored
    def post(self, **form):
        """Place the order."""
        try:
            order = g.larder.orders.place(session.id, form)
        except InvalidInputError as error:
            answer_with(422)
            return cart_values(typed=form, errors=error.fields)
        except SoldOutError as error:
            answer_with(409)
            return cart_values(typed=form, errors={"cart": str(error)})
        redirect(f"/orders/{order.code}", redirect_with=HTTPSeeOther)

    @expose("order.xhtml")
    @not_stored
    def get_one(self, code):
        """Show one order."""
        return {"order": g.larder.orders.get(code)}


class LoginController(RestController):
    """The sign-in of staff."""

    @expose("login.xhtml")
    @not_stored
    def get_all(self, next=""):
        """Show the sign-in form."""
        return {"next": next, "username": "", "error": None}

    @expose("login.xhtml")
    @not_stored
    def post(self, next="", **form):
        """Sign in."""
        try:
            staff = g.larder.staff.sign_in(form)
        except WrongPasswordError as error:
            answer_with(401)
            return {"next": next, "username": form.get("username", ""), "error": error}
        session["staff_id"] = staff.id
        session.regenerate_id()
        session.save()
        redirect(g.settings.own_path(next) or "/kitchen", redirect_with=HTTPSeeOther)


class KitchenDishController(TGController):
    """One dish, for staff."""

    def __init__(self, dish_id):
        self.dish_id = dish_id

    @expose(allowed_methods=["POST"])
    @staff_only
    def photo(self, photo=None):
        """Change a dish's photo."""
        if not hasattr(photo, "file"):
            raise InvalidInputError({"photo": "Choose a photo first."})
        dish = g.larder.photos.keep(self.dish_id, photo.file)
        flash("The new photo is up.")
        redirect(f"/dishes/{dish.id}", redirect_with=HTTPSeeOther)


class KitchenDishesController(TGController):
    """The dishes for staff."""

    @expose()
    def _lookup(self, dish_id=None, *remainder):
        return KitchenDishController(dish_id), remainder


class KitchenController(TGController):
    """The kitchen, for staff."""

    dishes = KitchenDishesController()

    @expose("kitchen.xhtml", allowed_methods=["GET"])
    @not_stored
    @staff_only
    def index(self):
        """Show the kitchen."""
        staff = g.larder.staff.get(session["staff_id"])
        return {"staff": staff, "orders": g.larder.orders.open()}

    @expose(allowed_methods=["POST"])
    @staff_only
    def orders(self, code, status=""):
        """Move an order along."""
        g.larder.orders.move(code, status)
        redirect("/kitchen", redirect_with=HTTPSeeOther)

    @expose(content_type="text/csv", allowed_methods=["GET"])
    @not_stored
    @staff_only
    def orders_csv(self):
        """Export the orders."""
        response.content_disposition = 'attachment; filename="orders.csv"'
        return (text.encode() for text in g.larder.orders.export_csv())


class Root(TGController):
    """The root controller."""

    dishes = DishesController()
    cart = CartController()
    orders = OrdersController()
    login = LoginController()
    kitchen = KitchenController()
    api = ApiController()
    error = ErrorController()

    @expose(allowed_methods=["GET"])
    def index(self):
        """Show the menu."""
        page = tg.render_template({"sections": g.larder.dishes.menu()}, "kajiki", "menu.xhtml")
        etag_cache(sha1(page.encode(), usedforsecurity=False).hexdigest())
        return page

    @expose(allowed_methods=["POST"])
    def logout(self):
        """Sign out."""
        session.delete()
        redirect("/", redirect_with=HTTPSeeOther)

    @expose(allowed_methods=["GET"])
    def photos(self, name):
        """Serve a photo."""
        return served_from(g.photos)

    @expose("about.xhtml", allowed_methods=["GET"])
    def about(self):
        """Tell how a request travels."""
        return {
            "dishes": g.larder.dishes.count(),
            "server": request.environ.get("SERVER_SOFTWARE", ""),
            "database": g.larder.database,
            "usage": g.larder.usage,
        }

    @expose("json", allowed_methods=["GET"])
    def health(self):
        """Report health."""
        try:
            g.larder.check()
        except Exception:
            response.status = 503
            return {"status": "down"}
        return {"status": "ok"}

    @expose(allowed_methods=["GET"])
    def static(self, *names):
        """Serve a static file."""
        return served_from(g.static_files)
