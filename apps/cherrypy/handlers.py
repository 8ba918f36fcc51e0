"""The resources of the site, in the order of features.py.

A resource has one method for each HTTP method. Its arguments are the fields of the query or of the
form, by name, and the parts of the address that popargs extracts (tree.py).
"""

import json
import mimetypes
import re
from urllib.parse import urlencode

import cherrypy
from cherrypy.lib import cptools
from cherrypy.lib.static import serve_file

from request import prefers_json
from shared_db.errors import InvalidInputError, SoldOutError, WrongPasswordError

# Python 3.11 knows image/webp only if the machine has a mime.types file.
mimetypes.add_type("image/webp", ".webp")
PHOTO_NAME = re.compile(r"[0-9a-f]{32}\.(png|jpg|webp)")


@cherrypy.expose
class Menu:
    """The front page."""

    @cherrypy.tools.template(name="menu.html")
    @cherrypy.tools.etags(autotags=True)
    def GET(self, **query):
        """Show the menu."""
        return {"sections": cherrypy.request.larder.dishes.menu()}


@cherrypy.expose
class Dishes:
    """All dishes."""

    @cherrypy.tools.template(name="search.html")
    def GET(self, **query):
        """Search the dishes."""
        return {"found": cherrypy.request.larder.dishes.search(query)}


@cherrypy.expose
class Dish:
    """One dish."""

    @cherrypy.tools.template(name="dish.html")
    @cherrypy.tools.etags()
    def GET(self, dish_id, **query):
        """Show one dish."""
        cherrypy.response.headers["Vary"] = "Accept"
        dish = cherrypy.request.larder.dishes.get(dish_id)
        if not prefers_json():
            return dish_page(dish)
        mark_version(dish)
        cherrypy.response.headers["Content-Type"] = "application/json"
        return json.dumps(dish.as_dict()).encode()


def mark_version(dish):
    """Set the reply's tag to the dish's version, for tools.etags and validate_etags()."""
    cherrypy.response.headers["ETag"] = f'"{dish.version}"'


def dish_page(dish, typed=None, errors=None):
    """Return the values of a dish's page, with the values and errors of its review form."""
    return {
        "dish": dish,
        "reviews": cherrypy.request.larder.reviews.of(dish.id),
        "staff": "staff_id" in cherrypy.session,
        "csrf_token": cherrypy.session.csrf_token,
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
        raise cherrypy.HTTPRedirect(f"/dishes/{dish.id}", 303)


@cherrypy.expose
class Cart:
    """The guest's cart."""

    @cherrypy.tools.template(name="cart.html")
    def POST(self, **form):
        """Put a dish in the cart."""
        try:
            cherrypy.request.larder.carts.put(cherrypy.session.token, form)
        except InvalidInputError as error:
            cherrypy.response.status = 422
            return cart_page(errors=error.fields)
        raise cherrypy.HTTPRedirect("/cart", 303)

    @cherrypy.tools.template(name="cart.html")
    def GET(self, **query):
        """Show the cart."""
        return cart_page()


def cart_page(typed=None, errors=None):
    """Return the values of the cart's page, with the values and errors of its order form."""
    cart = cherrypy.request.larder.carts.show(cherrypy.session.token)
    return {
        "cart": cart,
        # An empty cart shows no form, so no session is needed yet.
        "csrf_token": cherrypy.session.csrf_token if cart.lines else "",
        "idempotency_key": cherrypy.request.larder.orders.new_key(),
        "typed": typed or {},
        "errors": errors or {},
    }


@cherrypy.expose
class Orders:
    """Orders by guests."""

    @cherrypy.tools.template(name="cart.html")
    def POST(self, **form):
        """Place the order."""
        try:
            order = cherrypy.request.larder.orders.place(cherrypy.session.token, form)
        except InvalidInputError as error:
            cherrypy.response.status = 422
            return cart_page(form, error.fields)
        except SoldOutError as error:
            cherrypy.response.status = 409
            return cart_page(form, {"cart": str(error)})
        raise cherrypy.HTTPRedirect(f"/orders/{order.code}", 303)


@cherrypy.expose
class Order:
    """One order."""

    @cherrypy.tools.template(name="order.html")
    def GET(self, code, **query):
        """Show one order."""
        return {"order": cherrypy.request.larder.orders.get(code)}


@cherrypy.expose
class SignIn:
    """The sign-in."""

    @cherrypy.tools.template(name="login.html")
    def GET(self, next="", **query):
        """Show the sign-in form."""
        return {"next": next, "csrf_token": cherrypy.session.csrf_token}

    @cherrypy.tools.template(name="login.html")
    def POST(self, next="", **form):
        """Sign in."""
        try:
            staff = cherrypy.request.larder.staff.sign_in(form)
        except WrongPasswordError as error:
            cherrypy.response.status = 401
            token, username = cherrypy.session.csrf_token, form.get("username", "")
            return {"next": next, "csrf_token": token, "username": username, "error": error}
        cherrypy.session["staff_id"] = staff.id
        cherrypy.session.renew()
        own_path = cherrypy.request.config["settings"].own_path(next)
        raise cherrypy.HTTPRedirect(own_path or "/kitchen", 303)


@cherrypy.expose
class SignOut:
    """The sign-out."""

    def POST(self, **form):
        """Sign out."""
        cherrypy.session.delete()
        raise cherrypy.HTTPRedirect("/", 303)


@cherrypy.expose
class Kitchen:
    """Where staff work."""

    @cherrypy.tools.staff_only()
    @cherrypy.tools.template(name="kitchen.html")
    def GET(self, **query):
        """Show the kitchen."""
        return {
            "staff": cherrypy.request.larder.staff.get(cherrypy.session["staff_id"]),
            "orders": cherrypy.request.larder.orders.open(),
            "csrf_token": cherrypy.session.csrf_token,
        }


@cherrypy.expose
class Ticket:
    """One order, for staff."""

    @cherrypy.tools.staff_only()
    def POST(self, code, status="", **form):
        """Move an order along."""
        cherrypy.request.larder.orders.move(code, status)
        raise cherrypy.HTTPRedirect("/kitchen", 303)


@cherrypy.expose
class DishPhoto:
    """A dish's photo, for staff."""

    @cherrypy.tools.staff_only()
    def POST(self, dish_id, **form):
        """Change a dish's photo."""
        photo = cherrypy.request.body.params.get("photo")
        if not getattr(photo, "file", None):
            raise InvalidInputError({"photo": "Choose a photo first."})
        dish = cherrypy.request.larder.photos.keep(dish_id, photo.file)
        cherrypy.session.setdefault("flash", []).append("The new photo is up.")
        raise cherrypy.HTTPRedirect(f"/dishes/{dish.id}", 303)


@cherrypy.expose
class Photo:
    """One of the dishes' photos."""

    @cherrypy.tools.etags()
    def GET(self, name, **query):
        """Serve a photo."""
        if not PHOTO_NAME.fullmatch(name):
            raise cherrypy.NotFound
        cherrypy.response.headers["ETag"] = f'"{name}"'  # the bytes under a name never change
        return serve_file(str(cherrypy.request.config["settings"].photos_dir / name))


@cherrypy.expose
class OrdersFile:
    """The export of all orders."""

    @cherrypy.tools.staff_only()
    @cherrypy.config(**{"response.stream": True})
    def GET(self, **query):
        """Export the orders."""
        cherrypy.response.headers["Content-Type"] = "text/csv; charset=utf-8"
        cherrypy.response.headers["Content-Disposition"] = 'attachment; filename="orders.csv"'
        return (text.encode() for text in cherrypy.request.larder.orders.export_csv())


@cherrypy.expose
class ProgramsDishes:
    """All dishes as JSON."""

    @cherrypy.tools.json_out()
    def GET(self, **query):
        """List the dishes for programs."""
        found = cherrypy.request.larder.dishes.search(query)
        pages = (("prev", found.previous), ("next", found.next))
        links = [f'</api/dishes?{urlencode(page)}>; rel="{rel}"' for rel, page in pages if page]
        if links:
            cherrypy.response.headers["Link"] = ", ".join(links)
        return found.as_dict()


@cherrypy.expose
class ProgramsDish:
    """One dish as JSON."""

    @cherrypy.tools.json_out()
    @cherrypy.tools.etags()
    def GET(self, dish_id, **query):
        """Show one dish to a program."""
        dish = cherrypy.request.larder.dishes.get(dish_id)
        mark_version(dish)
        return dish.as_dict()

    @cherrypy.tools.bearer_only()
    @cherrypy.tools.json_in(content_type="application/json")
    @cherrypy.tools.json_out()
    def PATCH(self, dish_id, **query):
        """Change a dish by program."""
        dish = cherrypy.request.larder.dishes.get(dish_id)
        if not cherrypy.request.headers.get("If-Match"):
            raise cherrypy.HTTPError(428)
        mark_version(dish)
        cptools.validate_etags()
        change = cherrypy.request.json
        dish = cherrypy.request.larder.dishes.change(dish.id, change, dish.version)
        mark_version(dish)
        return dish.as_dict()


@cherrypy.expose
class ProgramsOrders:
    """Orders by the API."""

    @cherrypy.tools.json_in(content_type="application/json")
    @cherrypy.tools.json_out()
    def POST(self, **query):
        """Place an order by program."""
        key = cherrypy.request.headers.get("Idempotency-Key") or None
        order = cherrypy.request.larder.orders.place_from_json(cherrypy.request.json, key)
        cherrypy.response.status = 201
        cherrypy.response.headers["Location"] = f"/orders/{order.code}"
        return order.as_dict()


@cherrypy.expose
class Description:
    """The description of the API."""

    @cherrypy.tools.etags()
    def GET(self, **query):
        """Describe the programs' side."""
        return serve_file(str(cherrypy.request.config["settings"].static_dir / "openapi.json"))


@cherrypy.expose
class Journey:
    """The page about the current request."""

    @cherrypy.tools.template(name="about.html")
    def GET(self, **query):
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


@cherrypy.expose
class Health:
    """The health check."""

    @cherrypy.tools.json_out()
    def GET(self, **query):
        """Report health."""
        try:
            cherrypy.request.larder.check()
        except Exception:
            cherrypy.response.status = 503
            return {"status": "down"}
        return {"status": "ok"}


@cherrypy.expose
class Static:
    """The static files."""

    def GET(self, **query):
        """Serve a static file."""
        raise cherrypy.NotFound  # tools.staticdir, which runs before, has not found the file

    def _cp_dispatch(self, vpath):
        vpath.clear()
        return self
