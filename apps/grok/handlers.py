"""The pages of the site, one view each, in the order of features.py."""

import hashlib
import json
import mimetypes
from urllib.parse import urlencode

import grok
from grokcore.message import receive
from grokcore.view import IGrokSecurityView
from zope.browserresource.file import etag_matches, parse_etags, quote_etag
from zope.component import getAdapter, getMultiAdapter, getUtility
from zope.interface import Interface
from zope.publisher.browser import FileUpload
from zope.publisher.http import DirectResult
from zope.publisher.interfaces import BadRequest, NotFound
from zope.session.interfaces import ISession

from house import (
    Dishes,
    House,
    Kitchen,
    KitchenDish,
    KitchenOrder,
    Order,
    Orders,
    ProgramDish,
    ProgramDishes,
    ProgramsSide,
)
from interfaces import ILarder, INotStored, IPatch, IPost, IProgramView, ISettings
from problems import NoCondition, NotJSON
from shared_db import records
from shared_db.errors import InvalidInputError, SoldOutError, StaleVersionError, WrongPasswordError

grok.templatedir("templates")

# Python 3.11 knows image/webp only if the machine has a mime.types file.
mimetypes.add_type("image/webp", ".webp")


class Layout(grok.Layout):
    """The layout of a page, with the guest's cart count and flash messages."""

    grok.context(Interface)

    def update(self):
        self.response.setHeader("Content-Type", "text/html;charset=utf-8")
        self.response.setBase("")  # Zope would add a <base> to each page that is a default view

    def cart_count(self):
        return getUtility(ILarder).carts.count(ISession(self.request)["larder"].token)

    def framework(self):
        return getUtility(ISettings).framework

    def csrf_token(self):
        return ISession(self.request)["larder"].csrf_token

    def messages(self):
        """Return the flash messages; each is shown once."""
        return list(receive())


class ShowMenu(grok.Page):
    """Show the menu."""

    grok.context(House)
    grok.name("index")
    title = "The menu"

    def update(self):
        self.sections = getUtility(ILarder).dishes.menu()

    def __call__(self):
        page = super().__call__()
        tag = hashlib.sha1(page.encode(), usedforsecurity=False).hexdigest()
        return page if is_new(self, tag) else None


class SearchDishes(grok.Page):
    """Search the dishes."""

    grok.context(Dishes)
    grok.name("index")
    title = "Find a dish"

    def update(self):
        self.found = getUtility(ILarder).dishes.search(self.request.form)

    def address_of(self, query):
        return f"/dishes?{urlencode(query)}"


class DishPage(grok.Page):
    """A dish's page, with the values and the errors of its review form."""

    grok.baseclass()
    grok.context(records.Dish)
    grok.template("dish")
    typed = errors = {}

    @property
    def title(self):
        return self.context.name

    def namespace(self):
        return {
            "reviews": getUtility(ILarder).reviews.of(self.context.id),
            "staff": "staff_id" in ISession(self.request)["larder"],
        }


class ShowDish(DishPage):
    """Show one dish."""

    grok.name("index")

    def __call__(self):
        self.response.setHeader("Vary", "Accept")
        accept = self.request.getHeader("Accept", "")
        if "application/json" in accept and "text/html" not in accept:
            return dish_document(self, self.context)
        return super().__call__()


class WriteReview(DishPage):
    """Write a review."""

    grok.name("reviews")
    method = "POST"

    def update(self):
        try:
            getUtility(ILarder).reviews.write(self.context.id, self.request.form)
        except InvalidInputError as error:
            self.typed, self.errors = self.request.form, error.fields
            self.response.setStatus(422)
        else:
            self.flash("Thank you for your review.")
            self.redirect(self.url(self.context), 303)


class CartPage(grok.Page):
    """The cart's page, with the values and the errors of its order form."""

    grok.implements(INotStored)
    grok.baseclass()
    grok.template("cart")
    title = "Your cart"
    typed = errors = {}

    def namespace(self):
        larder, session = getUtility(ILarder), ISession(self.request)["larder"]
        return {
            "cart": larder.carts.show(session.token),
            "idempotency_key": larder.orders.new_key(),
        }


class PutInCart(CartPage):
    """Put a dish in the cart."""

    grok.context(House)
    grok.name("cart")
    grok.layer(IPost)
    method = "POST"

    def update(self):
        session = ISession(self.request)["larder"]
        try:
            getUtility(ILarder).carts.put(session.token, self.request.form)
        except InvalidInputError as error:
            self.errors = error.fields
            self.response.setStatus(422)
        else:
            self.redirect(self.application_url("cart"), 303)


class ShowCart(CartPage):
    """Show the cart."""

    grok.context(House)
    grok.name("cart")


class PlaceOrder(CartPage):
    """Place the order."""

    grok.context(Orders)
    grok.name("index")
    method = "POST"

    def update(self):
        session = ISession(self.request)["larder"]
        try:
            order = getUtility(ILarder).orders.place(session.token, self.request.form)
        except InvalidInputError as error:
            self.refuse(422, error.fields)
        except SoldOutError as error:
            self.refuse(409, {"cart": str(error)})
        else:
            self.redirect(self.url(self.context, order.code), 303)

    def refuse(self, status, errors):
        """Show the cart again."""
        self.typed, self.errors = self.request.form, errors
        self.response.setStatus(status)


class ShowOrder(grok.Page):
    """Show one order."""

    grok.implements(INotStored)
    grok.context(Order)
    grok.name("index")
    title = "Your order"

    def update(self):
        self.order = getUtility(ILarder).orders.get(self.context.code)


class SignInPage(grok.Page):
    """The sign-in form, with its values and its errors."""

    grok.implements(INotStored)
    grok.baseclass()
    grok.context(House)
    grok.template("signin")
    title = "Sign in"
    error = username = ""


class ShowSignIn(SignInPage):
    """Show the sign-in form."""

    grok.name("login")


class SignIn(SignInPage):
    """Sign in."""

    grok.name("login")
    grok.layer(IPost)
    method = "POST"

    def update(self):
        form = self.request.form
        try:
            staff = getUtility(ILarder).staff.sign_in(form)
        except WrongPasswordError as error:
            self.error, self.username = str(error), form.get("username", "")
            self.response.setStatus(401)
        else:
            session = ISession(self.request)["larder"]
            session["staff_id"] = staff.id
            session.renew()
            own_path = getUtility(ISettings).own_path(form.get("next", ""))
            self.redirect(own_path or self.application_url("kitchen"), 303)


class SignOut(grok.View):
    """Sign out."""

    grok.context(House)
    grok.name("logout")
    method = "POST"

    def render(self):
        ISession(self.request)["larder"].end()
        self.redirect(self.application_url(""), 303)


class ShowKitchen(grok.Page):
    """Show the kitchen."""

    # With IGrokSecurityView, Grok checks the permission when it calls the view, after the method.
    grok.implements(INotStored, IGrokSecurityView)
    grok.context(Kitchen)
    grok.name("index")
    grok.require("larder.Cook")
    title = "The kitchen"

    def update(self):
        larder = getUtility(ILarder)
        self.staff = larder.staff.get(ISession(self.request)["larder"]["staff_id"])
        self.orders = larder.orders.open()


class MoveOrder(grok.View):
    """Move an order along."""

    grok.context(KitchenOrder)
    grok.name("index")
    grok.require("larder.Cook")
    method = "POST"

    def render(self):
        status = self.request.form.get("status", "")
        getUtility(ILarder).orders.move(self.context.code, status)
        self.redirect(self.application_url("kitchen"), 303)


class ChangePhoto(grok.View):
    """Change a dish's photo."""

    grok.context(KitchenDish)
    grok.name("photo")
    grok.require("larder.Cook")
    method = "POST"

    def render(self):
        photo = self.request.form.get("photo")
        if not isinstance(photo, FileUpload):
            raise InvalidInputError({"photo": "Choose a photo first."})
        dish = getUtility(ILarder).photos.keep(self.context.dish_id, photo)
        self.flash("The new photo is up.")
        self.redirect(f"{self.application_url('dishes')}/{dish.id}", 303)


class ShowPhoto(grok.View):
    """Serve a photo."""

    grok.context(House)
    grok.name("photos")

    def publishTraverse(self, request, name):
        """Continue the traversal in the folder, whose own address would be /@@/photos."""
        return getAdapter(request, Interface, "photos").get(name)

    def render(self):
        raise NotFound(self.context, "photos", self.request)


class ExportOrders(grok.View):
    """Export the orders."""

    grok.implements(INotStored)
    grok.context(Kitchen)
    grok.name("orders.csv")
    grok.require("larder.Cook")

    def render(self):
        self.response.setHeader("Content-Type", "text/csv; charset=utf-8")
        self.response.setHeader("Content-Disposition", 'attachment; filename="orders.csv"')
        return DirectResult(text.encode() for text in getUtility(ILarder).orders.export_csv())


class ListDishes(grok.View):
    """List the dishes for programs."""

    grok.context(ProgramDishes)
    grok.name("index")

    def render(self):
        found = getUtility(ILarder).dishes.search(self.request.form)
        for rel, query in (("prev", found.previous), ("next", found.next)):
            if query is not None:
                link = f'</api/dishes?{urlencode(query)}>; rel="{rel}"'
                self.response.addHeader("Link", link)
        return as_json(self, found.as_dict())


def as_json(view, document):
    """Return a document as the reply's JSON."""
    view.response.setHeader("Content-Type", "application/json")
    return json.dumps(document)


class ShowDishToProgram(grok.View):
    """Show one dish to a program."""

    grok.context(ProgramDish)
    grok.name("index")

    def render(self):
        return dish_document(self, getUtility(ILarder).dishes.get(self.context.dish_id))


def dish_document(view, dish):
    """Return a dish as JSON, or nothing if the client has this version."""
    return as_json(view, dish.as_dict()) if is_new(view, str(dish.version)) else None


def is_new(view, tag):
    """Set the reply's tag. Return whether the client lacks this version, else answer 304."""
    etag = quote_etag(tag)
    view.response.setHeader("ETag", etag)
    if etag_matches(etag, parse_etags(view.request.getHeader("If-None-Match", ""))):
        view.response.setStatus(304)
        return False
    return True


class PlaceOrderByProgram(grok.View):
    """Place an order by program."""

    grok.implements(IProgramView)
    grok.context(ProgramsSide)
    grok.name("orders")
    method = "POST"

    def render(self):
        key = self.request.getHeader("Idempotency-Key") or None
        order = getUtility(ILarder).orders.place_from_json(document_of(self), key)
        self.response.setStatus(201)
        self.response.setHeader("Location", f"/orders/{order.code}")
        return as_json(self, order.as_dict())


def document_of(view):
    """Return the JSON of the request."""
    if not view.request.getHeader("Content-Type", "").startswith("application/json"):
        raise NotJSON
    try:
        return json.loads(view.body)
    except ValueError as error:
        raise BadRequest(str(error)) from error


class ChangeDish(grok.View):
    """Change a dish by program."""

    grok.implements(IProgramView)
    grok.context(ProgramDish)
    grok.name("index")
    grok.layer(IPatch)
    method = "PATCH"

    def render(self):
        larder = getUtility(ILarder)
        larder.staff.check_token(self.token())
        dish = larder.dishes.get(self.context.dish_id)
        versions = self.request.getHeader("If-Match")
        if not versions:
            raise NoCondition
        if not etag_matches(quote_etag(str(dish.version)), parse_etags(versions)):
            raise StaleVersionError
        dish = larder.dishes.change(dish.id, document_of(self), dish.version)
        self.response.setHeader("ETag", quote_etag(str(dish.version)))
        return as_json(self, dish.as_dict())

    def token(self):
        """Return the bearer token; Zope moves the header from the environ to this name."""
        scheme, _, token = (self.request._auth or "").partition(" ")
        return token if scheme.lower() == "bearer" else ""


class FindChangeDish(grok.Traverser):
    """Find the view of a PATCH request: Zope finds default views of GET, HEAD and POST only."""

    grok.context(ProgramDishes)
    grok.layer(IPatch)

    def traverse(self, name):
        dish = self.context.traverse(name)
        return getMultiAdapter((dish, self.request), name="index") if dish else None


class DescribeAPI(grok.View):
    """Describe the programs' side."""

    grok.context(ProgramsSide)
    grok.name("openapi.json")

    def render(self):
        return getAdapter(self.request, Interface, "static").get("openapi.json").GET()


class ShowJourney(grok.Page):
    """Tell how a request travels."""

    grok.context(House)
    grok.name("about")
    title = "How a request travels"

    def update(self):
        larder = getUtility(ILarder)
        self.browser = self.request.getHeader("User-Agent", "")
        self.server = self.request.environment.get("SERVER_SOFTWARE", "")
        self.dishes = larder.dishes.count()
        self.database = larder.database
        self.usage = larder.usage


class ReportHealth(grok.View):
    """Report health."""

    grok.context(House)
    grok.name("health")

    def render(self):
        try:
            getUtility(ILarder).check()
        except Exception:
            self.response.setStatus(503)
            return as_json(self, {"status": "down"})
        return as_json(self, {"status": "ok"})


class SendStatic(grok.View):
    """Serve a static file."""

    grok.context(House)
    grok.name("static")

    def publishTraverse(self, request, name):
        """Continue the traversal in the folder, whose own address would be /@@/static."""
        return getAdapter(request, Interface, "static").get(name)

    def render(self):
        raise NotFound(self.context, "static", self.request)
