"""The site's pages as CherryPy's tree of objects, in the order in which a guest meets them.

A resource's GET, POST and PATCH are what MethodDispatcher looks for. An address's own part, such as
a dish's id, is kept by _cp_dispatch in an object made for it: with popargs, CherryPy's decorator,
it becomes a parameter, and /dishes/1?dish_id=2 would show the second dish.
"""

import json
import mimetypes
import re
from urllib.parse import urlencode

import cherrypy
from cherrypy.lib import cptools
from cherrypy.lib.static import serve_file

from house import first_texts, form
from shared_db.errors import Invalid, SoldOut, WrongPassword

# On Python 3.11 image/webp is known only where the machine has a mime.types file.
mimetypes.add_type("image/webp", ".webp")
OWN_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")
PHOTO_NAME = re.compile(r"[0-9a-f]{32}\.(png|jpg|webp)")


def see_other(path):
    """Send the browser on to another page of this site."""
    raise cherrypy.HTTPRedirect(path, 303)


class Resource:
    """What every resource is: exposed to MethodDispatcher, perhaps with a name from its address."""

    exposed = True

    def __init__(self, name=None):
        self.name = name


class Menu(Resource):
    @cherrypy.tools.template(name="menu.html")
    @cherrypy.tools.etags(autotags=True)
    def show_menu(self, /, **query):
        """Show the menu."""
        return {"sections": cherrypy.request.larder.dishes.menu()}

    GET = show_menu


class Dishes(Resource):
    @cherrypy.tools.template(name="search.html")
    def search_dishes(self, /, **query):
        """Search the dishes."""
        return {"found": cherrypy.request.larder.dishes.search(first_texts(query))}

    GET = search_dishes

    def _cp_dispatch(self, vpath):
        return Dish(vpath.pop(0))


class Dish(Resource):
    def __init__(self, name):
        super().__init__(name)
        self.reviews = Reviews(name)

    @cherrypy.tools.template(name="dish.html")
    @cherrypy.tools.etags()
    def show_dish(self, /, **query):
        """Show one dish."""
        cherrypy.response.headers["Vary"] = "Accept"
        dish = cherrypy.request.larder.dishes.get(self.name)
        return dish_document(dish) if prefers_json() else dish_page(dish)

    GET = show_dish


def prefers_json():
    """Whether the guest would rather have JSON; whoever can take neither gets the page, not 406."""
    try:
        return cptools.accept(["text/html", "application/json"]) == "application/json"
    except cherrypy.HTTPError:
        return False


def dish_page(dish, typed=None, errors=None):
    """Return a dish's page, with what was typed into its review form and what was wrong there."""
    return {
        "dish": dish,
        "reviews": cherrypy.request.larder.reviews.of(dish.id),
        "staff": "staff_id" in cherrypy.session,
        "csrf_token": cherrypy.session.csrf_token,
        "typed": typed or {},
        "errors": errors or {},
    }


class Reviews(Resource):
    @cherrypy.tools.template(name="dish.html")
    def write_review(self, /, **fields):
        """Write a review."""
        dish = cherrypy.request.larder.dishes.get(self.name)
        try:
            cherrypy.request.larder.reviews.write(dish.id, form())
        except Invalid as error:
            cherrypy.response.status = 422
            return dish_page(dish, form(), error.fields)
        cherrypy.session.setdefault("flash", []).append("Thank you for your review.")
        see_other(f"/dishes/{dish.id}")

    POST = write_review


class Cart(Resource):
    @cherrypy.tools.template(name="cart.html")
    def put_in_cart(self, /, **fields):
        """Put a dish in the cart."""
        cart = cherrypy.session.get("cart", {})
        try:
            cherrypy.session["cart"] = cherrypy.request.larder.carts.put(cart, form())
        except Invalid as error:
            cherrypy.response.status = 422
            return cart_page(errors=error.fields)
        see_other("/cart")

    @cherrypy.tools.template(name="cart.html")
    def show_cart(self, /, **query):
        """Show the cart."""
        return cart_page()

    POST, GET = put_in_cart, show_cart


def cart_page(typed=None, errors=None):
    """Return the cart's page, with what was typed into its order form and what was wrong there."""
    cart = cherrypy.request.larder.carts.show(cherrypy.session.get("cart", {}))
    return {
        "cart": cart,
        # An empty cart shows no form, so its guest needs no session yet.
        "csrf_token": cherrypy.session.csrf_token if cart.lines else "",
        "idempotency_key": cherrypy.request.larder.orders.new_key(),
        "typed": typed or {},
        "errors": errors or {},
    }


class Orders(Resource):
    @cherrypy.tools.template(name="cart.html")
    def place_order(self, /, **fields):
        """Place the order."""
        cart = cherrypy.session.get("cart", {})
        try:
            order = cherrypy.request.larder.orders.place(cart, form())
        except Invalid as error:
            cherrypy.response.status = 422
            return cart_page(form(), error.fields)
        except SoldOut as error:
            cherrypy.response.status = 409
            return cart_page(form(), {"cart": str(error)})
        cherrypy.session["cart"] = {}
        see_other(f"/orders/{order.code}")

    POST = place_order

    def _cp_dispatch(self, vpath):
        return Order(vpath.pop(0))


class Order(Resource):
    @cherrypy.tools.template(name="order.html")
    def show_order(self, /, **query):
        """Show one order."""
        return {"order": cherrypy.request.larder.orders.get(self.name)}

    GET = show_order


class SignIn(Resource):
    @cherrypy.tools.template(name="login.html")
    def show_sign_in(self, /, **query):
        """Show the sign-in form."""
        goal = first_texts(query).get("next", "")
        return {"next": goal, "csrf_token": cherrypy.session.csrf_token}

    @cherrypy.tools.template(name="login.html")
    def sign_in(self, /, **fields):
        """Sign in."""
        goal = form().get("next", "")
        try:
            staff = cherrypy.request.larder.staff.sign_in(form())
        except WrongPassword as error:
            cherrypy.response.status = 401
            token, username = cherrypy.session.csrf_token, form().get("username", "")
            return {"next": goal, "csrf_token": token, "username": username, "error": error}
        cherrypy.session["staff_id"] = staff.id
        cherrypy.session.renew()
        see_other(goal if OWN_PATH.fullmatch(goal) else "/kitchen")

    GET, POST = show_sign_in, sign_in


class SignOut(Resource):
    def sign_out(self, /, **fields):
        """Sign out."""
        cherrypy.session.clear()
        see_other("/")

    POST = sign_out


class Kitchen(Resource):
    @cherrypy.tools.staff_only()
    @cherrypy.tools.template(name="kitchen.html")
    def show_kitchen(self, /, **query):
        """Show the kitchen."""
        return {
            "staff": cherrypy.request.larder.staff.get(cherrypy.session["staff_id"]),
            "orders": cherrypy.request.larder.orders.open(),
            "csrf_token": cherrypy.session.csrf_token,
        }

    GET = show_kitchen


class Tickets(Resource):
    exposed = False

    def _cp_dispatch(self, vpath):
        return Ticket(vpath.pop(0))


class Ticket(Resource):
    @cherrypy.tools.staff_only()
    def move_order(self, /, **fields):
        """Move an order along."""
        cherrypy.request.larder.orders.move(self.name, form().get("status", ""))
        see_other("/kitchen")

    POST = move_order


class DishesOfKitchen(Resource):
    exposed = False

    def _cp_dispatch(self, vpath):
        dish = Resource(vpath.pop(0))
        dish.exposed, dish.photo = False, DishPhoto(dish.name)
        return dish


class DishPhoto(Resource):
    @cherrypy.tools.staff_only()
    def change_photo(self, /, **fields):
        """Change a dish's photo."""
        photo = cherrypy.request.body.params.get("photo")
        if not getattr(photo, "file", None):
            raise Invalid({"photo": "Choose a photo first."})
        dish = cherrypy.request.larder.photos.keep(self.name, photo.file)
        cherrypy.session.setdefault("flash", []).append("The new photo is up.")
        see_other(f"/dishes/{dish.id}")

    POST = change_photo


class Photos(Resource):
    exposed = False

    def _cp_dispatch(self, vpath):
        return Photo(vpath.pop(0))


class Photo(Resource):
    @cherrypy.tools.etags()
    def show_photo(self, /, **query):
        """Serve a photo."""
        if not PHOTO_NAME.fullmatch(self.name):
            raise cherrypy.NotFound
        photo = serve_file(str(cherrypy.request.config["settings"].photos_dir / self.name))
        cherrypy.response.headers["ETag"] = f'"{self.name}"'  # no name ever gets other bytes
        return photo

    GET = show_photo


class OrdersFile(Resource):
    @cherrypy.tools.staff_only()
    @cherrypy.config(**{"response.stream": True})
    def export_orders(self, /, **query):
        """Export the orders."""
        cherrypy.response.headers["Content-Type"] = "text/csv; charset=utf-8"
        cherrypy.response.headers["Content-Disposition"] = 'attachment; filename="orders.csv"'
        return (text.encode() for text in cherrypy.request.larder.orders.export_csv())

    GET = export_orders


class DishesForPrograms(Resource):
    @cherrypy.tools.json_out()
    def list_dishes(self, /, **query):
        """List the dishes for programs."""
        found = cherrypy.request.larder.dishes.search(first_texts(query))
        pages = (("prev", found.previous), ("next", found.next))
        links = [f'</api/dishes?{urlencode(page)}>; rel="{rel}"' for rel, page in pages if page]
        if links:
            cherrypy.response.headers["Link"] = ", ".join(links)
        return found.as_dict()

    GET = list_dishes

    def _cp_dispatch(self, vpath):
        return DishForPrograms(vpath.pop(0))


class OrdersByProgram(Resource):
    @cherrypy.tools.json_in(content_type="application/json")
    @cherrypy.tools.json_out()
    def place_order_by_program(self, /, **query):
        """Place an order by program."""
        key = cherrypy.request.headers.get("Idempotency-Key") or None
        order = cherrypy.request.larder.orders.place_from_json(cherrypy.request.json, key)
        cherrypy.response.status = 201
        cherrypy.response.headers["Location"] = f"/orders/{order.code}"
        return order.as_dict()

    POST = place_order_by_program


class DishForPrograms(Resource):
    @cherrypy.tools.etags()
    def show_dish_to_program(self, /, **query):
        """Show one dish to a program."""
        return dish_document(cherrypy.request.larder.dishes.get(self.name))

    @cherrypy.tools.bearer()
    @cherrypy.tools.json_in(content_type="application/json")
    def change_dish(self, /, **query):
        """Change a dish by program."""
        dish = cherrypy.request.larder.dishes.get(self.name)
        if not cherrypy.request.headers.get("If-Match"):
            raise cherrypy.HTTPError(428)
        cherrypy.response.headers["ETag"] = f'"{dish.version}"'
        cptools.validate_etags()
        change = cherrypy.request.json
        return dish_document(cherrypy.request.larder.dishes.change(dish.id, change, dish.version))

    GET, PATCH = show_dish_to_program, change_dish


def dish_document(dish):
    """Return a dish as JSON, with its version as the tag."""
    cherrypy.response.headers["Content-Type"] = "application/json"
    cherrypy.response.headers["ETag"] = f'"{dish.version}"'
    return json.dumps(dish.as_dict()).encode()


class Description(Resource):
    def describe_api(self, /, **query):
        """Describe the programs' side."""
        return serve_file(str(cherrypy.request.config["settings"].static_dir / "openapi.json"))

    GET = describe_api


class Journey(Resource):
    @cherrypy.tools.template(name="about.html")
    def show_journey(self, /, **query):
        """Tell how a request travels."""
        larder = cherrypy.request.larder
        return {
            "dishes": larder.dishes.count(),
            "browser": cherrypy.request.headers.get("User-Agent", ""),
            "server": cherrypy.request.wsgi_environ.get("SERVER_SOFTWARE", ""),
            "framework": cherrypy.request.config["settings"].framework,
            "database": larder.database,
            "usage": larder.usage,
        }

    GET = show_journey


class Health(Resource):
    @cherrypy.tools.json_out()
    def report_health(self, /, **query):
        """Report health."""
        try:
            cherrypy.request.larder.check()
        except Exception:
            cherrypy.response.status = 503
            return {"status": "down"}
        return {"status": "ok"}

    GET = report_health


class Static(Resource):
    def send_static(self, /, **query):
        """Serve a static file."""
        raise cherrypy.NotFound  # tools.staticdir, which comes before, did not find it

    GET = send_static

    def _cp_dispatch(self, vpath):
        vpath.clear()
        return self


class Api(Resource):
    exposed = False


def site():
    """Return the site's root: an attribute is a part of an address, with _ for a full stop."""
    root, api, kitchen = Menu(), Api(), Kitchen()
    root.dishes, root.cart, root.orders = Dishes(), Cart(), Orders()
    root.login, root.logout, root.kitchen = SignIn(), SignOut(), kitchen
    kitchen.orders, kitchen.dishes, kitchen.orders_csv = Tickets(), DishesOfKitchen(), OrdersFile()
    root.photos, root.static, root.api = Photos(), Static(), api
    api.dishes, api.orders, api.openapi_json = DishesForPrograms(), OrdersByProgram(), Description()
    root.about, root.health = Journey(), Health()
    return root
