"""The forms of the site: py4web's Form, with the rules of the larder as validation."""

from py4web import Field, abort, request
from py4web.utils.form import Form

from shared_db.errors import InvalidInputError, WrongPasswordError

from .common import larder, session


def make_form(*fields, validation=None):
    """Return py4web's form, and answer 403 to a POST without the key of the session.

    All forms of a page have one name and one key; their HTML is in the templates.
    """
    form = Form(list(fields), form_name="larder", csrf_session=session, validation=validation)
    if request.method == "POST" and not (form.accepted or form.errors):
        abort(403)
    # The texts as typed: py4web removes blanks, which belong to a form that is shown again.
    typed = form.post_vars or {}
    form.vars.update({name: typed[name] for name in form.vars if isinstance(typed.get(name), str)})
    return form


def review_form():
    """Return the form of a review."""
    return make_form(Field("author"), Field("rating"), Field("body"), validation=check_review)


def check_review(form):
    """Ask the larder whether it would accept the review."""
    try:
        larder.reviews.check(form.vars)
    except InvalidInputError as error:
        form.errors.update(error.fields)


def portions_form():
    """Return the form of a dish in the cart."""
    return make_form(Field("dish_id"), Field("quantity"))


def order_form():
    """Return the form of an order of the cart's dishes."""
    return make_form(Field("guest"), Field("idempotency_key"))


def sign_in_form():
    """Return the form of a staff member's name and password."""
    fields = Field("username"), Field("password"), Field("next")
    return make_form(*fields, validation=find_staff)


def find_staff(form):
    """Find the staff member."""
    try:
        form.vars["staff"] = larder.staff.sign_in(form.vars)
    except WrongPasswordError as error:
        form.errors["password"] = str(error)
