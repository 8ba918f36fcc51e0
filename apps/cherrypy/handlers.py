"""The resources of the site, in the order of features.py.

A resource has one method for each HTTP method. Its arguments are the fields of the query or of the
form, by name, and the parts of the address that popargs extracts.
"""

import json
import mimetypes

import cherrypy
from cherrypy.lib import cptools, sessions
from cherrypy.lib.static import serve_file

from shared_db.errors import InvalidInputError, SoldOutError, WrongPasswordError

# Python 3.11 knows image/webp only if the machine has a mime.types file.
mimetypes.types_map[".webp"] = "image/webp"


class Site:
    """The root of the addresses; an attribute is a part of an address, _ is a full stop.

    A resource named index answers its address only; any other resource also takes what follows its
    address as arguments.
    """

    def __init__(self):
        self.index = Menu()
        self.dishes = Dishes()
        self.cart = Cart()
        self.orders = Orders()
        self.login = SignIn()
        self.logout = SignOut()
        self.kitchen = Kitchen()
        self.photos = Photo()
        self.api = Api()
        self.about = Journey()
        self.health = Health()


@cherrypy.expose
class Menu:
    """The front page."""

    @cherrypy.tools.template(name="menu.html")
    @cherrypy.tools.etags(autotags=True)
    def GET(self):
        """Show the menu."""
        return {"sections": cherrypy.request.larder.dishes.menu()}


@cherrypy.expose
class Dishes:
    """All dishes."""

    def __init__(self):
        self._cp_dispatch = cherrypy.popargs("dish_id", handler=Dish())

    @cherrypy.tools.template(name="search.html")
    def GET(self, **query):
        """Search the dishes."""
        return {"found": cherrypy.request.larder.dishes.search(query)}


@cherrypy.expose
class Dish:
    """One dish."""

    def __init__(self):
        self.reviews = Reviews()

    @cherrypy.tools.template(name="dish.html")
    @cherrypy.tools.etags()
    def GET(self, dish_id):
        """Show one dish."""
        cherrypy.response.headers["Vary"] = "Accept"
        dish = cherrypy.request.larder.dishes.get(dish_id)
        if cptools.accept(["text/html", "application/json"]) == "text/html":
            return dish_page(dish)
        cherrypy.response.headers["Content-Type"] = "application/json"
        return json.dumps(dish_document(dish)).encode()


def dish_page(dish, typed=None, errors=None):
    """Return the values of a dish's page, with the values and errors of its review form."""
    return {
        "dish": dish,
        "reviews": cherrypy.request.larder.reviews.of(dish.id),
        "staff": "staff_id" in cherrypy.session,
        "typed": typed or {},
        "errors": errors or {},
    }


@cherrypy.expose
class Reviews:
    """The reviews of a dish."""

    @cherrypy.tools.template(name="dish.html")
    def POST(self, dish_id, **form):
        """Write a review."""
        dish = cherrypy.request.larder.dishes.get(dish_id)
        try:
            cherrypy.request.larder.reviews.write(dish.id, form)
        except InvalidInputError as error:
            cherrypy.response.status = 422
            return dish_page(dish, form, error.fields)
        cherrypy.session.setdefault("flash", []).append("Thank you for your review.")
        raise cherrypy.HTTPRedirect(f"/dishes/{dish.id}")


@cherrypy.expose
class Cart:
    """The guest's cart."""

    @cherrypy.tools.template(name="cart.html")
    def POST(self, **form):
        """Put a dish in the cart."""
        try:
            cherrypy.request.larder.carts.put(cherrypy.session.id, form)
        except InvalidInputError as error:
            cherrypy.response.status = 422
            return cart_page(errors=error.fields)
        raise cherrypy.HTTPRedirect("/cart")

    @cherrypy.tools.template(name="cart.html")
    def GET(self):
        """Show the cart."""
        return cart_page()


def cart_page(typed=None, errors=None):
    """Return the values of the cart's page, with the values and errors of its order form."""
    return {
        "cart": cherrypy.request.larder.carts.show(cherrypy.session.id),
        "idempotency_key": cherrypy.request.larder.orders.new_key(),
        "typed": typed or {},
        "errors": errors or {},
    }


@cherrypy.expose
class Orders:
    """Orders by guests."""

    def __init__(self):
        self._cp_dispatch = cherrypy.popargs("code", handler=Order())

    @cherrypy.tools.template(name="cart.html")
    def POST(self, **form):
        """Place the order."""
        try:
            order = cherrypy.request.larder.orders.place(cherrypy.session.id, form)
        except InvalidInputError as error:
            cherrypy.response.status = 422
            return cart_page(form, error.fields)
        except SoldOutError as error:
            cherrypy.response.status = 409
            return cart_page(form, {"cart": str(error)})
        raise cherrypy.HTTPRedirect(f"/orders/{order.code}")


@cherrypy.expose
class Order:
    """One order."""

    @cherrypy.tools.template(name="order.html")
    def GET(self, code):
        """Show one order."""
        return {"order": cherrypy.request.larder.orders.get(code)}


@cherrypy.expose
class SignIn:
    """The sign-in."""

    @cherrypy.tools.template(name="login.html")
    def GET(self, next=""):
        """Show the sign-in form."""
        return {"next": next}

    @cherrypy.tools.template(name="login.html")
    def POST(self, next="", **form):
        """Sign in."""
        try:
            staff = cherrypy.request.larder.staff.sign_in(form)
        except WrongPasswordError as error:
            cherrypy.response.status = 401
            return {"next": next, "username": form.get("username", ""), "error": error}
        cherrypy.session["staff_id"] = staff.id
        cherrypy.session.regenerate()
        own_path = cherrypy.request.app.config["site"]["settings"].own_path(next)
        raise cherrypy.HTTPRedirect(own_path or "/kitchen")


@cherrypy.expose
class SignOut:
    """The sign-out."""

    def POST(self):
        """Sign out."""
        cherrypy.session.delete()
        sessions.expire()
        raise cherrypy.HTTPRedirect("/")


class Kitchen:
    """The addresses for staff."""

    def __init__(self):
        self.index = OpenOrders()
        self.orders = Ticket()
        self.dishes = KitchenDish()
        self.orders_csv = OrdersFile()


@cherrypy.expose
class OpenOrders:
    """The orders to cook."""

    @cherrypy.tools.staff_only()
    @cherrypy.tools.template(name="kitchen.html")
    def GET(self):
        """Show the kitchen."""
        return {
            "staff": cherrypy.request.larder.staff.get(cherrypy.session["staff_id"]),
            "orders": cherrypy.request.larder.orders.open(),
        }


@cherrypy.expose
@cherrypy.popargs("code")
class Ticket:
    """One order, for staff."""

    @cherrypy.tools.staff_only()
    def POST(self, code, status=""):
        """Move an order along."""
        cherrypy.request.larder.orders.move(code, status)
        raise cherrypy.HTTPRedirect("/kitchen")


@cherrypy.popargs("dish_id")
class KitchenDish:
    """One dish, for staff."""

    def __init__(self):
        self.photo = DishPhoto()


@cherrypy.expose
class DishPhoto:
    """A dish's photo, for staff."""

    @cherrypy.tools.staff_only()
    def POST(self, dish_id, photo=None, **form):
        """Change a dish's photo."""
        if not getattr(photo, "file", None):
            raise InvalidInputError({"photo": "Choose a photo first."})
        dish = cherrypy.request.larder.photos.keep(dish_id, photo.file)
        cherrypy.session.setdefault("flash", []).append("The new photo is up.")
        raise cherrypy.HTTPRedirect(f"/dishes/{dish.id}")


@cherrypy.expose
@cherrypy.popargs("name")
class Photo:
    """One of the dishes' photos."""

    def GET(self, name):
        """Serve a photo."""
        return serve_file(str(cherrypy.request.app.config["site"]["settings"].photos_dir / name))


@cherrypy.expose
class OrdersFile:
    """The export of all orders."""

    @cherrypy.tools.staff_only()
    @cherrypy.config(**{"response.stream": True})
    def GET(self):
        """Export the orders."""
        cherrypy.response.headers["Content-Type"] = "text/csv"
        cherrypy.response.headers["Content-Disposition"] = 'attachment; filename="orders.csv"'
        return cherrypy.request.larder.orders.export_csv()


class Api:
    """The addresses for programs."""

    def __init__(self):
        self.dishes = ProgramsDishes()
        self.orders = OrdersByProgram()
        self.openapi_json = Description()


@cherrypy.expose
class ProgramsDishes:
    """All dishes as JSON."""

    def __init__(self):
        self._cp_dispatch = cherrypy.popargs("dish_id", handler=ProgramsDish())

    @cherrypy.tools.json_out()
    def GET(self, **query):
        """List the dishes for programs."""
        found = cherrypy.request.larder.dishes.search(query)
        pages = (("prev", found.previous), ("next", found.next))
        links = [
            f'<{cherrypy.url("/api/dishes", page, relative="server")}>; rel="{rel}"'
            for rel, page in pages
            if page
        ]
        if links:
            cherrypy.response.headers["Link"] = ", ".join(links)
        return found.as_dict()


@cherrypy.expose
class ProgramsDish:
    """One dish as JSON."""

    @cherrypy.tools.json_out()
    @cherrypy.tools.etags()
    def GET(self, dish_id):
        """Show one dish to a program."""
        return dish_document(cherrypy.request.larder.dishes.get(dish_id))

    @cherrypy.tools.bearer_only()
    @cherrypy.tools.json_in()
    @cherrypy.tools.json_out()
    def PATCH(self, dish_id):
        """Change a dish by program."""
        dish = cherrypy.request.larder.dishes.get(dish_id)
        if not cherrypy.request.headers.get("If-Match"):
            raise cherrypy.HTTPError(428)
        dish_document(dish)
        cptools.validate_etags()
        change = cherrypy.request.json
        return dish_document(cherrypy.request.larder.dishes.change(dish.id, change, dish.version))


def dish_document(dish):
    """Return a dish as JSON values, and set its version as the entity tag."""
    cherrypy.response.headers["ETag"] = f'"{dish.version}"'
    return dish.as_dict()


class OrdersByProgram:
    """The address of orders by program."""

    def __init__(self):
        self.index = ProgramsOrders()


@cherrypy.expose
class ProgramsOrders:
    """Orders by program."""

    @cherrypy.tools.json_in()
    @cherrypy.tools.json_out()
    def POST(self):
        """Place an order by program."""
        key = cherrypy.request.headers.get("Idempotency-Key") or None
        order = cherrypy.request.larder.orders.place_from_json(cherrypy.request.json, key)
        cherrypy.response.status = 201
        cherrypy.response.headers["Location"] = f"/orders/{order.code}"
        return order.as_dict()


@cherrypy.expose
class Description:
    """The description of the API."""

    def GET(self):
        """Describe the programs' side."""
        settings = cherrypy.request.app.config["site"]["settings"]
        return serve_file(str(settings.static_dir / "openapi.json"))


@cherrypy.expose
class Journey:
    """The page about the current request."""

    @cherrypy.tools.template(name="about.html")
    def GET(self):
        """Tell how a request travels."""
        larder = cherrypy.request.larder
        return {
            "dishes": larder.dishes.count(),
            "browser": cherrypy.request.headers.get("User-Agent", ""),
            "server": cherrypy.request.wsgi_environ.get("SERVER_SOFTWARE", ""),
            "database": larder.database,
            "usage": larder.usage,
        }


@cherrypy.expose
class Health:
    """The health check."""

    @cherrypy.tools.json_out()
    def GET(self):
        """Report health."""
        try:
            cherrypy.request.larder.check()
        except Exception:
            cherrypy.response.status = 503
            return {"status": "down"}
        return {"status": "ok"}
