"""The guest's session, the key of the forms, and the member of staff."""

from gluon.form import Form

session.connect(request, response, db=larder.sessions)


def guest_form():
    """Return web2py's form without fields. Its key, one per session, is in every form of the site.

    The keys of FORM and SQLFORM are valid once, and each display of a form creates a new key.
    """
    return Form([], formname="larder")


def check_formkey():
    """Reject a form without the session's key."""
    if request.method == "POST" and request.controller in ("default", "kitchen"):
        try:
            key = one_each(request.post_vars).get("_formkey")
        except UnicodeDecodeError as error:
            raise HTTP(400) from error
        # The last of repeated keys counts. A Form cannot compare a key that is not ASCII.
        request.post_vars._formkey = key if str(key).isascii() else None
        if not guest_form().accepted:
            session.forget(response)
            raise HTTP(403)


def not_stored(action):
    """Forbid caches and browsers to store a page that shows a session's own data."""

    def marked():
        response.headers["Cache-Control"] = "no-store"
        return action()

    return marked


def staff_only(action):
    """Allow staff only, and redirect other guests to the sign-in form."""

    def guarded():
        if not session.staff_id:
            goal = dict(next=URL("kitchen", "show_kitchen"))
            redirect(URL("default", "show_sign_in", vars=goal, url_encode=False))
        return action()

    return guarded
