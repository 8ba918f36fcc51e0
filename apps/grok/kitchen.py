"""The pages for staff: sign-in, kitchen, sign-out."""

import re

import grok
from zope.component import getUtility
from zope.contenttype import guess_content_type
from zope.publisher.interfaces import NotFound
from zope.session.interfaces import ISession

from conditional import is_held
from house import House, Kitchen, KitchenDish, KitchenOrder, Photo
from interfaces import IGet, ILarder, INotStored, IPost, ISettings
from reply import Texts
from shared_db.errors import InvalidInputError, WrongPasswordError

PHOTO_NAME = re.compile(r"[0-9a-f]{32}\.(png|jpg|webp)")


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
    grok.layer(IGet)


class SignIn(SignInPage):
    """Sign in."""

    grok.name("login")
    grok.layer(IPost)

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
    grok.layer(IPost)

    def render(self):
        ISession(self.request)["larder"].end()
        self.redirect(self.application_url(""), 303)


class ShowKitchen(grok.Page):
    """Show the kitchen."""

    grok.implements(INotStored)
    grok.context(Kitchen)
    grok.name("index")
    grok.layer(IGet)
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
    grok.layer(IPost)
    grok.require("larder.Cook")

    def render(self):
        status = self.request.form.get("status", "")
        getUtility(ILarder).orders.move(self.context.code, status)
        self.redirect(self.application_url("kitchen"), 303)


class ChangePhoto(grok.View):
    """Change a dish's photo."""

    grok.context(KitchenDish)
    grok.name("photo")
    grok.layer(IPost)
    grok.require("larder.Cook")

    def render(self):
        photo = self.request.files.get("photo")
        if photo is None:
            raise InvalidInputError({"photo": "Choose a photo first."})
        dish = getUtility(ILarder).photos.keep(self.context.dish_id, photo)
        self.flash("The new photo is up.")
        self.redirect(f"{self.application_url('dishes')}/{dish.id}", 303)


class ShowPhoto(grok.View):
    """Serve a photo."""

    grok.context(Photo)
    grok.name("index")
    grok.layer(IGet)

    def render(self):
        name = self.context.name
        path = getUtility(ISettings).photos_dir / name
        if not PHOTO_NAME.fullmatch(name) or not path.is_file():
            raise NotFound(self.context, name, self.request)
        if is_held(self.request, path.stem):  # the bytes under a name never change
            return None
        self.response.setHeader("Content-Type", guess_content_type(name)[0])
        return path.open("rb")  # Zope lets the server send the file


class ExportOrders(grok.View):
    """Export the orders."""

    grok.implements(INotStored)
    grok.context(Kitchen)
    grok.name("orders.csv")
    grok.layer(IGet)
    grok.require("larder.Cook")

    def render(self):
        self.response.setHeader("Content-Type", "text/csv; charset=utf-8")
        self.response.setHeader("Content-Disposition", 'attachment; filename="orders.csv"')
        return Texts(getUtility(ILarder).orders.export_csv())
