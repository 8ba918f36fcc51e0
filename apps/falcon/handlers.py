"""The site's resources, in the order in which a guest meets them."""

import hashlib
import re

import falcon
from falcon.routing import StaticRoute

from forms import ask_for_token, last_values, open_upload, read_json, staff_only
from shared_db.errors import Invalid, SoldOut, StaleVersion, WrongPassword

OWN_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")
PHOTO_NAME = re.compile(r"[0-9a-f]{32}\.(png|jpg|webp)")

# Falcon answers HEAD only where a resource does: hence the names after the responders.


class Resource:
    """What every resource has at hand."""

    def __init__(self, larder, pages, settings):
        self.larder = larder
        self.pages = pages
        self.settings = settings

    def show(self, req, resp, name, **values):
        """Render a page, with the cart's count and the flash messages of this guest."""
        session = req.context.session
        count = sum(session.get("cart", {}).values())
        flash = session.pop("flash", [])
        resp.content_type = falcon.MEDIA_HTML
        resp.text = self.pages.get_template(name).render(cart_count=count, flash=flash, **values)


def mark_version(req, resp, etag):
    """Mark the reply with its version, or send only that to a guest who holds the rest."""
    resp.etag = etag
    if any(held in ("*", etag) for held in req.if_none_match or ()):
        resp.status = falcon.HTTP_304


def matches(req, etag):
    """Whether If-Match names this version; to Falcon the tag "*" is equal to an asterisk."""
    if req.get_header("If-Match").strip() == "*":
        return True
    return any(etag.strong_compare(tag) for tag in req.if_match)


class Menu(Resource):
    """The front page."""

    def on_get(self, req, resp):
        """Show the menu."""
        self.show(req, resp, "menu.html", sections=self.larder.dishes.menu())
        mark_version(req, resp, hashlib.sha1(resp.text.encode(), usedforsecurity=False).hexdigest())

    on_head = on_get


class Dishes(Resource):
    """All dishes, one of them, and its reviews."""

    def on_get(self, req, resp):
        """Search the dishes."""
        found = self.larder.dishes.search(last_values(req.params))
        self.show(req, resp, "search.html", found=found)

    def on_get_dish(self, req, resp, dish_id):
        """Show one dish."""
        resp.vary = ("Accept",)
        dish = self.larder.dishes.get(dish_id)
        if req.client_prefers(("text/html", falcon.MEDIA_JSON)) == falcon.MEDIA_JSON:
            resp.media = dish.as_dict()
            mark_version(req, resp, str(dish.version))
        else:
            self.show_dish(req, resp, dish)

    def show_dish(self, req, resp, dish, typed=(), errors=()):
        """Show a dish, with what was typed into its review form and what was wrong there."""
        self.show(
            req,
            resp,
            "dish.html",
            dish=dish,
            reviews=self.larder.reviews.of(dish.id),
            staff="staff_id" in req.context.session,
            csrf_token=req.context.session.csrf_token,
            typed=dict(typed),
            errors=dict(errors),
        )

    @falcon.before(ask_for_token)
    def on_post_review(self, req, resp, dish_id):
        """Write a review."""
        dish = self.larder.dishes.get(dish_id)
        try:
            self.larder.reviews.write(dish.id, req.context.form)
        except Invalid as error:
            resp.status = falcon.HTTP_422
            return self.show_dish(req, resp, dish, req.context.form, error.fields)
        req.context.session.flash("Thank you for your review.")
        raise falcon.HTTPSeeOther(f"/dishes/{dish.id}")

    on_head, on_head_dish = on_get, on_get_dish


class Cart(Resource):
    """The guest's cart."""

    @falcon.before(ask_for_token)
    def on_post(self, req, resp):
        """Put a dish in the cart."""
        cart = req.context.session.get("cart", {})
        try:
            req.context.session["cart"] = self.larder.carts.put(cart, req.context.form)
        except Invalid as error:
            resp.status = falcon.HTTP_422
            return show_cart(self, req, resp, errors=error.fields)
        raise falcon.HTTPSeeOther("/cart")

    def on_get(self, req, resp):
        """Show the cart."""
        show_cart(self, req, resp)

    on_head = on_get


def show_cart(resource, req, resp, typed=(), errors=()):
    """Show the cart, with what was typed into its order form and what was wrong there."""
    session = req.context.session
    cart = resource.larder.carts.show(session.get("cart", {}))
    resource.show(
        req,
        resp,
        "cart.html",
        cart=cart,
        # An empty cart shows no form, so its guest needs no session yet.
        csrf_token=session.csrf_token if cart.lines else "",
        idempotency_key=resource.larder.orders.new_key(),
        typed=dict(typed),
        errors=dict(errors),
    )


class Orders(Resource):
    """Orders by guests."""

    @falcon.before(ask_for_token)
    def on_post(self, req, resp):
        """Place the order."""
        form, session = req.context.form, req.context.session
        try:
            order = self.larder.orders.place(session.get("cart", {}), form)
        except Invalid as error:
            resp.status = falcon.HTTP_422
            return show_cart(self, req, resp, form, error.fields)
        except SoldOut as error:
            resp.status = falcon.HTTP_409
            return show_cart(self, req, resp, form, {"cart": str(error)})
        session["cart"] = {}
        raise falcon.HTTPSeeOther(f"/orders/{order.code}")

    def on_get_order(self, req, resp, code):
        """Show one order."""
        self.show(req, resp, "order.html", order=self.larder.orders.get(code))

    on_head_order = on_get_order


class Door(Resource):
    """The way into the kitchen, and out."""

    def on_get(self, req, resp):
        """Show the sign-in form."""
        self.show_form(req, resp, req.get_param("next", default=""))

    def show_form(self, req, resp, goal, **values):
        """Show the form, with what was typed into it and what was wrong there."""
        token = req.context.session.csrf_token
        self.show(req, resp, "login.html", csrf_token=token, next=goal, **values)

    @falcon.before(ask_for_token)
    def on_post(self, req, resp):
        """Sign in."""
        form, session = req.context.form, req.context.session
        goal = form.get("next", "")
        try:
            staff = self.larder.staff.sign_in(form)
        except WrongPassword as error:
            resp.status = falcon.HTTP_401
            username = form.get("username", "")
            return self.show_form(req, resp, goal, username=username, error=str(error))
        session["staff_id"] = staff.id
        session.renew()
        raise falcon.HTTPSeeOther(goal if OWN_PATH.fullmatch(goal) else "/kitchen")

    @falcon.before(ask_for_token)
    def on_post_out(self, req, resp):
        """Sign out."""
        req.context.session.end()
        raise falcon.HTTPSeeOther("/")

    on_head = on_get


@falcon.before(staff_only)
class Kitchen(Resource):
    """Where staff work."""

    def on_get(self, req, resp):
        """Show the kitchen."""
        session = req.context.session
        staff, orders = self.larder.staff.get(session["staff_id"]), self.larder.orders.open()
        token = session.csrf_token
        self.show(req, resp, "kitchen.html", staff=staff, orders=orders, csrf_token=token)

    @falcon.before(ask_for_token)
    def on_post_order(self, req, resp, code):
        """Move an order along."""
        self.larder.orders.move(code, req.context.form.get("status", ""))
        raise falcon.HTTPSeeOther("/kitchen")

    def on_post_photo(self, req, resp, dish_id):
        """Change a dish's photo."""
        dish = self.larder.photos.keep(dish_id, open_upload(req, "photo"))
        req.context.session.flash("The new photo is up.")
        raise falcon.HTTPSeeOther(f"/dishes/{dish.id}")

    def on_get_export(self, req, resp):
        """Export the orders."""
        resp.content_type = "text/csv; charset=utf-8"
        resp.downloadable_as = "orders.csv"
        resp.stream = (text.encode() for text in self.larder.orders.export_csv())

    on_head, on_head_export = on_get, on_get_export


class Photos(Resource):
    """The dishes' photos."""

    def on_get(self, req, resp, name):
        """Serve a photo."""
        if not PHOTO_NAME.fullmatch(name):
            raise falcon.HTTPNotFound
        StaticRoute("/photos", self.settings.photos_dir)(req, resp)

    on_head = on_get


class ProgramsDishes(Resource):
    """Dishes as JSON."""

    def on_get(self, req, resp):
        """List the dishes for programs."""
        found = self.larder.dishes.search(last_values(req.params))
        resp.media = found.as_dict()
        for rel, query in (("prev", found.previous), ("next", found.next)):
            if query is not None:
                # Not append_link(), which leaves out the quotes around the relation.
                link = f'</api/dishes{falcon.to_query_str(query)}>; rel="{rel}"'
                resp.append_header("Link", link)

    def on_get_dish(self, req, resp, dish_id):
        """Show one dish to a program."""
        dish = self.larder.dishes.get(dish_id)
        resp.media = dish.as_dict()
        mark_version(req, resp, str(dish.version))

    def on_patch_dish(self, req, resp, dish_id):
        """Change a dish by program."""
        scheme, _, token = (req.auth or "").partition(" ")
        self.larder.staff.check_token(token.strip() if scheme.lower() == "bearer" else "")
        dish = self.larder.dishes.get(dish_id)
        if not req.if_match:
            raise falcon.HTTPPreconditionRequired
        if not matches(req, falcon.ETag(dish.version)):
            raise StaleVersion
        dish = self.larder.dishes.change(dish.id, read_json(req), dish.version)
        resp.media = dish.as_dict()
        resp.etag = str(dish.version)

    on_head, on_head_dish = on_get, on_get_dish


class ProgramsOrders(Resource):
    """Orders by programs."""

    def on_post(self, req, resp):
        """Place an order by program."""
        key = req.get_header("Idempotency-Key") or None
        order = self.larder.orders.place_from_json(read_json(req), key)
        resp.status = falcon.HTTP_201
        resp.location = f"/orders/{order.code}"
        resp.media = order.as_dict()


class Description(Resource):
    """The programs' side, described."""

    def on_get(self, req, resp):
        """Describe the programs' side."""
        StaticRoute("/api", self.settings.static_dir)(req, resp)

    on_head = on_get


class Journey(Resource):
    """How a request travels."""

    def on_get(self, req, resp):
        """Tell how a request travels."""
        self.show(
            req,
            resp,
            "about.html",
            dishes=self.larder.dishes.count(),
            browser=req.user_agent or "",
            server=req.env.get("SERVER_SOFTWARE", ""),
            framework=self.settings.framework,
            database=self.larder.database,
            usage=self.larder.usage,
        )

    on_head = on_get


class Health(Resource):
    """Whether the site is well."""

    def on_get(self, req, resp):
        """Report health."""
        try:
            self.larder.check()
        except Exception:
            resp.status = falcon.HTTP_503
            resp.media = {"status": "down"}
        else:
            resp.media = {"status": "ok"}

    on_head = on_get


class Static(Resource):
    """The files that every page needs."""

    def on_get(self, req, resp, name):
        """Serve a static file."""
        StaticRoute("/static", self.settings.static_dir)(req, resp)

    on_head = on_get
