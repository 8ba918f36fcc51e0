"""The site's pages, a controller for each branch of addresses and a method for each page."""

import re
from hashlib import sha1

import tg
from tg import TGController, abort, etag_cache, expose, redirect, request, response, session
from tg import app_globals as g

from api import ApiController, dish_document
from files import served_from
from problems import ErrorController
from rest import Resource, SeeOther
from security import csrf_protect, not_stored, staff_only
from shared_db.errors import InvalidInputError, SoldOutError, WrongPasswordError

PHOTO_NAME = re.compile(r"[0-9a-f]{32}\.(png|jpg|webp)")

# Forms and queries are read from the request: a method's arguments would mix both, and contain
# a list for a repeated name.


class DishController(TGController):
    """One dish."""

    def __init__(self, dish_id):
        self.dish_id = dish_id

    @expose("dish.xhtml", allowed_methods=["GET"])
    @expose("json")
    def index(self):
        """Show one dish."""
        response.vary = ("Accept",)
        dish = g.larder.dishes.get(self.dish_id)
        offers = request.accept.acceptable_offers(("text/html", "application/json"))
        if offers and offers[0][0] == "application/json":
            response.content_type = "application/json"  # chooses the second @expose
            return dish_document(dish)
        return dish_values(dish)

    @expose("dish.xhtml", allowed_methods=["POST"])
    @csrf_protect
    def reviews(self):
        """Write a review."""
        dish = g.larder.dishes.get(self.dish_id)
        try:
            g.larder.reviews.write(dish.id, request.POST)
        except InvalidInputError as error:
            answer_with(422)
            return dish_values(dish, typed=request.POST, errors=error.fields)
        session.flash("Thank you for your review.")
        redirect(f"/dishes/{dish.id}", redirect_with=SeeOther)


def dish_values(dish, typed=None, errors=None):
    """Return the values of a dish's page, with the values and errors of its review form."""
    reviews = g.larder.reviews.of(dish.id)
    return {"dish": dish, "reviews": reviews, "typed": typed or {}, "errors": errors or {}}


def answer_with(status):
    """Answer with this page under an error status, without TurboGears' error page."""
    response.status = status
    request.disable_error_pages()


class DishesController(TGController):
    """The pages of the dishes."""

    @expose("search.xhtml", allowed_methods=["GET"])
    def index(self):
        """Search the dishes."""
        return {"found": g.larder.dishes.search(request.GET)}

    @expose()
    def _lookup(self, dish_id, *remainder):
        return DishController(dish_id), remainder


class CartController(Resource):
    """The guest's cart."""

    @expose("cart.xhtml")
    @not_stored
    @csrf_protect
    def post(self):
        """Put a dish in the cart."""
        try:
            g.larder.carts.put(session.token, request.POST)
        except InvalidInputError as error:
            answer_with(422)
            return cart_values(errors=error.fields)
        redirect("/cart", redirect_with=SeeOther)

    @expose("cart.xhtml")
    @not_stored
    def get_all(self):
        """Show the cart."""
        return cart_values()


def cart_values(typed=None, errors=None):
    """Return the values of the cart's page, with the values and errors of its order form."""
    return {
        "cart": g.larder.carts.show(session.token),
        "idempotency_key": g.larder.orders.new_key(),
        "typed": typed or {},
        "errors": errors or {},
    }


class OrdersController(Resource):
    """The guests' orders."""

    @expose("cart.xhtml")
    @not_stored
    @csrf_protect
    def post(self):
        """Place the order."""
        try:
            order = g.larder.orders.place(session.token, request.POST)
        except InvalidInputError as error:
            answer_with(422)
            return cart_values(typed=request.POST, errors=error.fields)
        except SoldOutError as error:
            answer_with(409)
            return cart_values(typed=request.POST, errors={"cart": str(error)})
        redirect(f"/orders/{order.code}", redirect_with=SeeOther)

    @expose("order.xhtml")
    @not_stored
    def get_one(self, code):
        """Show one order."""
        return {"order": g.larder.orders.get(code)}


class LoginController(Resource):
    """The sign-in of staff."""

    @expose("login.xhtml")
    @not_stored
    def get_all(self):
        """Show the sign-in form."""
        return {"next": request.GET.get("next", ""), "username": "", "error": None}

    @expose("login.xhtml")
    @not_stored
    @csrf_protect
    def post(self):
        """Sign in."""
        goal = str(request.POST.get("next", ""))
        try:
            staff = g.larder.staff.sign_in(request.POST)
        except WrongPasswordError as error:
            answer_with(401)
            return {"next": goal, "username": request.POST.get("username", ""), "error": error}
        session["staff_id"] = staff.id
        session.renew()
        redirect(g.settings.own_path(goal) or "/kitchen", redirect_with=SeeOther)


class KitchenDishController(TGController):
    """One dish, for staff."""

    def __init__(self, dish_id):
        self.dish_id = dish_id

    @expose(allowed_methods=["POST"])
    @csrf_protect
    @staff_only
    def photo(self):
        """Change a dish's photo."""
        photo = request.POST.get("photo")
        if not hasattr(photo, "file"):
            raise InvalidInputError({"photo": "Choose a photo first."})
        dish = g.larder.photos.keep(self.dish_id, photo.file)
        session.flash("The new photo is up.")
        redirect(f"/dishes/{dish.id}", redirect_with=SeeOther)


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
    @csrf_protect
    @staff_only
    def orders(self, code):
        """Move an order along."""
        g.larder.orders.move(code, request.POST.get("status", ""))
        redirect("/kitchen", redirect_with=SeeOther)

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
    @csrf_protect
    def logout(self):
        """Sign out."""
        session.delete()
        redirect("/", redirect_with=SeeOther)

    @expose(allowed_methods=["GET"])
    def photos(self, name):
        """Serve a photo."""
        if not PHOTO_NAME.fullmatch(name):
            abort(404)
        return served_from(g.photos)

    @expose("about.xhtml", allowed_methods=["GET"])
    def about(self):
        """Tell how a request travels."""
        return {
            "dishes": g.larder.dishes.count(),
            "server": request.environ.get("SERVER_SOFTWARE", ""),
            "framework": g.settings.framework,
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
