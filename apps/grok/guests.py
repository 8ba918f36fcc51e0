"""The pages for guests, in the order of features.py."""

import hashlib
import re
from urllib.parse import urlencode

import grok
from zope.component import getUtility
from zope.session.interfaces import ISession

from conditional import is_held
from house import Dishes, House, Order, Orders
from interfaces import IGet, ILarder, INotStored, IPost
from negotiation import prefers_json
from programs import dish_document
from shared_db import records
from shared_db.errors import InvalidInputError, SoldOutError

PHOTO_NAME = re.compile(r"[0-9a-f]{32}\.(png|jpg|webp)")


class ShowMenu(grok.Page):
    """Show the menu."""

    grok.context(House)
    grok.name("index")
    grok.layer(IGet)
    title = "The menu"

    def update(self):
        self.sections = getUtility(ILarder).dishes.menu()

    def __call__(self):
        page = super().__call__().encode()
        tag = hashlib.sha1(page, usedforsecurity=False).hexdigest()
        return None if is_held(self.request, tag) else page


class SearchDishes(grok.Page):
    """Search the dishes."""

    grok.context(Dishes)
    grok.name("index")
    grok.layer(IGet)
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
    grok.layer(IGet)

    def __call__(self):
        self.response.setHeader("Vary", "Accept")
        if prefers_json(self.request.getHeader("Accept", "")):
            return dish_document(self.request, self.context)
        return super().__call__()


class WriteReview(DishPage):
    """Write a review."""

    grok.name("reviews")
    grok.layer(IPost)

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
    grok.layer(IGet)


class PlaceOrder(CartPage):
    """Place the order."""

    grok.context(Orders)
    grok.name("index")
    grok.layer(IPost)

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
    grok.layer(IGet)
    title = "Your order"

    def update(self):
        self.order = getUtility(ILarder).orders.get(self.context.code)
