"""The forms' protection against forgery."""

from gluon import HTTP, current
from gluon.form import Form


def guest_form():
    """Return web2py's form without fields; the database layer checks the fields.

    Its key is valid as long as the session. The keys of FORM and SQLFORM are valid once, so that a
    page of the site could not be open in two tabs.
    """
    return Form([], formname="larder")


def check_form():
    """Reject every form without the session's key. The API, which has no session, has no forms."""
    request = current.request
    is_form = request.method == "POST" and request.controller not in ("api", "errors")
    if is_form and not guest_form().accepted:
        current.session.forget()
        raise HTTP(403)
