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
            accepted = guest_form().accepted
        except UnicodeDecodeError as error:
            raise HTTP(400) from error
        if not accepted:
            session.forget(response)
            raise HTTP(403)


def staff_only(action):
    """Let staff in, and send everybody else to the sign-in form."""

    def guarded():
        if not session.staff_id:
            goal = dict(next=URL("kitchen", "show_kitchen"))
            redirect(URL("default", "show_sign_in", vars=goal, url_encode=False))
        return action()

    return guarded
