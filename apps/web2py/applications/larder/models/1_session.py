"""The guest's session, the key of the guest's forms, and who is staff."""

from gluon.form import Form

session.connect(request, response, db=larder.sessions)


def guest_form():
    """Return web2py's form without fields: its key, one a session, is in every form of the site.

    The keys of FORM and SQLFORM are good for one use, and each display of a form makes a new one.
    """
    return Form([], formname="larder")


def check_formkey():
    """Refuse a guest's form that came without the session's key."""
    if request.method == "POST" and request.controller in ("default", "kitchen"):
        try:
            key = one_each(request.post_vars).get("_formkey")
        except UnicodeDecodeError as error:
            raise HTTP(400) from error
        # Of a repeated key the last counts. A Form cannot compare one that is not ASCII.
        request.post_vars._formkey = key if str(key).isascii() else None
        if not guest_form().accepted:
            session.forget(response)
            raise HTTP(403)


def not_stored(action):
    """Keep a page that shows a session's own data out of every cache, and of Back."""

    def marked():
        response.headers["Cache-Control"] = "no-store"
        return action()

    return marked


def staff_only(action):
    """Let staff in, and send everybody else to the sign-in form."""

    def guarded():
        if not session.staff_id:
            goal = dict(next=URL("kitchen", "show_kitchen"))
            redirect(URL("default", "show_sign_in", vars=goal, url_encode=False))
        return action()

    return guarded
