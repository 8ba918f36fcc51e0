"""The resources of the site, in the order of features.py."""

import hashlib

import falcon

from forms import not_stored, read_json, staff_only
from shared_db.errors import InvalidInputError, SoldOutError, StaleVersionError, WrongPasswordError


def mark_version(req, resp, etag):
    """Set the reply's entity tag, and answer 304 if the client has this version."""
    resp.etag = etag
    if matches(etag, req.if_none_match):
        resp.status = falcon.HTTP_304


def matches(etag, tags):
    """Return whether a condition names this version; an asterisk stands for any version."""
    return bool(tags) and ("*" in tags or etag in tags)


class Menu:
    """The front page."""

    def __init__(self, larder, pages):
        self._larder = larder
        self._pages = pages

    def on_get(self, req, resp):
        """Show the menu."""
        resp.content_type = falcon.MEDIA_HTML
        resp.text = self._pages.get_template("menu.html").render(
            req.context.session.on_page(), sections=self._larder.dishes.menu()
        )
        mark_version(req, resp, hashlib.sha1(resp.text.encode(), usedforsecurity=False).hexdigest())


class Dishes:
    """All dishes, one dish, and its reviews."""

    def __init__(self, larder, pages):
        self._larder = larder
        self._pages = pages

    def on_get(self, req, resp):
        """Search the dishes."""
        found = self._larder.dishes.search(req.params)
        resp.content_type = falcon.MEDIA_HTML
        resp.text = self._pages.get_template("search.html").render(
            req.context.session.on_page(), found=found
        )

    def on_get_dish(self, req, resp, dish_id):
        """Show one dish."""
        resp.vary = ("Accept",)
        dish = self._larder.dishes.get(dish_id)
        if req.client_prefers(("text/html", falcon.MEDIA_JSON)) == falcon.MEDIA_JSON:
            resp.media = dish.as_dict()
            mark_version(req, resp, str(dish.version))
        else:
            self.show_dish(req, resp, dish)

    def show_dish(self, req, resp, dish, typed=(), errors=()):
        """Show a dish, with the values and the errors of its review form."""
        session = req.context.session
        resp.content_type = falcon.MEDIA_HTML
        resp.text = self._pages.get_template("dish.html").render(
            session.on_page(),
            dish=dish,
            reviews=self._larder.reviews.of(dish.id),
            staff="staff_id" in session,
            csrf_token=session.csrf_token,
            typed=dict(typed),
            errors=dict(errors),
        )

    def on_post_review(self, req, resp, dish_id):
        """Write a review."""
        dish = self._larder.dishes.get(dish_id)
        try:
            self._larder.reviews.write(dish.id, req.context.form)
        except InvalidInputError as error:
            resp.status = falcon.HTTP_422
            return self.show_dish(req, resp, dish, req.context.form, error.fields)
        req.context.session.flash("Thank you for your review.")
        raise falcon.HTTPSeeOther(f"/dishes/{dish.id}")


@falcon.before(not_stored)
class Cart:
    """The guest's cart, and the placing of an order."""

    def __init__(self, larder, pages):
        self._larder = larder
        self._pages = pages

    def on_post(self, req, resp):
        """Put a dish in the cart."""
        try:
            self._larder.carts.put(req.context.session.token, req.context.form)
        except InvalidInputError as error:
            resp.status = falcon.HTTP_422
            return self.show_cart(req, resp, errors=error.fields)
        raise falcon.HTTPSeeOther("/cart")

    def on_get(self, req, resp):
        """Show the cart."""
        self.show_cart(req, resp)

    def show_cart(self, req, resp, typed=(), errors=()):
        """Show the cart, with the values and the errors of its order form."""
        session = req.context.session
        cart = self._larder.carts.show(session.token)
        resp.content_type = falcon.MEDIA_HTML
        resp.text = self._pages.get_template("cart.html").render(
            session.on_page(),
            cart=cart,
            csrf_token=session.csrf_token if cart.lines else "",
            idempotency_key=self._larder.orders.new_key(),
            typed=dict(typed),
            errors=dict(errors),
        )

    def on_post_order(self, req, resp):
        """Place the order."""
        form = req.context.form
        try:
            order = self._larder.orders.place(req.context.session.token, form)
        except InvalidInputError as error:
            resp.status = falcon.HTTP_422
            return self.show_cart(req, resp, form, error.fields)
        except SoldOutError as error:
            resp.status = falcon.HTTP_409
            return self.show_cart(req, resp, form, {"cart": str(error)})
        raise falcon.HTTPSeeOther(f"/orders/{order.code}")


@falcon.before(not_stored)
class Orders:
    """One order."""

    def __init__(self, larder, pages):
        self._larder = larder
        self._pages = pages

    def on_get(self, req, resp, code):
        """Show one order."""
        order = self._larder.orders.get(code)
        resp.content_type = falcon.MEDIA_HTML
        resp.text = self._pages.get_template("order.html").render(
            req.context.session.on_page(), order=order
        )


@falcon.before(not_stored)
class Door:
    """The sign-in and the sign-out."""

    def __init__(self, larder, pages, settings):
        self._larder = larder
        self._pages = pages
        self._settings = settings

    def on_get(self, req, resp):
        """Show the sign-in form."""
        self.show_form(req, resp, req.get_param("next", default=""))

    def show_form(self, req, resp, goal, **values):
        """Show the form, with its values and its errors."""
        session = req.context.session
        resp.content_type = falcon.MEDIA_HTML
        resp.text = self._pages.get_template("login.html").render(
            session.on_page(), csrf_token=session.csrf_token, next=goal, **values
        )

    def on_post(self, req, resp):
        """Sign in."""
        form, session = req.context.form, req.context.session
        goal = form.get("next", "")
        try:
            staff = self._larder.staff.sign_in(form)
        except WrongPasswordError as error:
            resp.status = falcon.HTTP_401
            username = form.get("username", "")
            return self.show_form(req, resp, goal, username=username, error=str(error))
        session["staff_id"] = staff.id
        session.renew()
        raise falcon.HTTPSeeOther(self._settings.own_path(goal) or "/kitchen")

    def on_post_out(self, req, resp):
        """Sign out."""
        req.context.session.end()
        raise falcon.HTTPSeeOther("/")


@falcon.before(not_stored)
@falcon.before(staff_only)
class Kitchen:
    """Where staff work."""

    def __init__(self, larder, pages):
        self._larder = larder
        self._pages = pages

    def on_get(self, req, resp):
        """Show the kitchen."""
        session = req.context.session
        resp.content_type = falcon.MEDIA_HTML
        resp.text = self._pages.get_template("kitchen.html").render(
            session.on_page(),
            staff=self._larder.staff.get(session["staff_id"]),
            orders=self._larder.orders.open(),
            csrf_token=session.csrf_token,
        )

    def on_post_order(self, req, resp, code):
        """Move an order along."""
        self._larder.orders.move(code, req.context.form.get("status", ""))
        raise falcon.HTTPSeeOther("/kitchen")

    def on_post_photo(self, req, resp, dish_id):
        """Change a dish's photo."""
        photo = req.context.files.get("photo")
        if photo is None:
            raise InvalidInputError({"photo": "Choose a photo first."})
        dish = self._larder.photos.keep(dish_id, photo)
        req.context.session.flash("The new photo is up.")
        raise falcon.HTTPSeeOther(f"/dishes/{dish.id}")

    def on_get_export(self, req, resp):
        """Export the orders."""
        resp.content_type = falcon.MEDIA_CSV
        resp.downloadable_as = "orders.csv"
        resp.stream = (text.encode() for text in self._larder.orders.export_csv())


class Photos:
    """The dishes' photos."""

    def __init__(self, static_route):
        self._static_route = static_route

    def on_get(self, req, resp, name):
        """Serve a photo."""
        self._static_route(req, resp)


class ProgramsDishes:
    """Dishes as JSON."""

    def __init__(self, larder):
        self._larder = larder

    def on_get(self, req, resp):
        """List the dishes for programs."""
        found = self._larder.dishes.search(req.params)
        resp.media = found.as_dict()
        for rel, query in (("prev", found.previous), ("next", found.next)):
            if query is not None:
                resp.append_link(f"/api/dishes{falcon.to_query_str(query)}", rel)

    def on_get_dish(self, req, resp, dish_id):
        """Show one dish to a program."""
        dish = self._larder.dishes.get(dish_id)
        resp.media = dish.as_dict()
        mark_version(req, resp, str(dish.version))

    def on_patch_dish(self, req, resp, dish_id):
        """Change a dish by program."""
        scheme, _, token = (req.auth or "").partition(" ")
        self._larder.staff.check_token(token if scheme.lower() == "bearer" else "")
        dish = self._larder.dishes.get(dish_id)
        if not req.if_match:
            raise falcon.HTTPPreconditionRequired
        if not matches(str(dish.version), req.if_match):
            raise StaleVersionError
        dish = self._larder.dishes.change(dish.id, read_json(req), dish.version)
        resp.media = dish.as_dict()
        resp.etag = str(dish.version)


class ProgramsOrders:
    """Orders by the API."""

    def __init__(self, larder):
        self._larder = larder

    def on_post(self, req, resp):
        """Place an order by program."""
        key = req.get_header("Idempotency-Key") or None
        order = self._larder.orders.place_from_json(read_json(req), key)
        resp.status = falcon.HTTP_201
        resp.location = f"/orders/{order.code}"
        resp.media = order.as_dict()


class Description:
    """The description of the API."""

    def __init__(self, static_route):
        self._static_route = static_route

    def on_get(self, req, resp):
        """Describe the programs' side."""
        self._static_route(req, resp)


class Journey:
    """The page about the current request."""

    def __init__(self, larder, pages):
        self._larder = larder
        self._pages = pages

    def on_get(self, req, resp):
        """Tell how a request travels."""
        resp.content_type = falcon.MEDIA_HTML
        resp.text = self._pages.get_template("about.html").render(
            req.context.session.on_page(),
            dishes=self._larder.dishes.count(),
            browser=req.user_agent,
            server=req.env.get("SERVER_SOFTWARE", ""),
            database=self._larder.database,
            usage=self._larder.usage,
        )


class Health:
    """The health check."""

    def __init__(self, larder):
        self._larder = larder

    def on_get(self, req, resp):
        """Report health."""
        try:
            self._larder.check()
        except Exception:
            resp.status = falcon.HTTP_503
            resp.media = {"status": "down"}
        else:
            resp.media = {"status": "ok"}


class Static:
    """The static files."""

    def __init__(self, static_route):
        self._static_route = static_route

    def on_get(self, req, resp, name):
        """Serve a static file."""
        self._static_route(req, resp)
