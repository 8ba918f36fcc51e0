"""Decorators of actions."""

from gluon import URL, current, redirect


def not_stored(action):
    """Forbid caches and browsers to store a page that shows a session's own data."""

    def marked():
        current.response.headers["Cache-Control"] = "no-store"
        return action()

    return marked


def staff_only(action):
    """Allow staff only, and redirect other guests to the sign-in form."""

    def guarded():
        if not current.session.staff_id:
            goal = dict(next=URL("kitchen", "show_kitchen"))
            redirect(URL("default", "show_sign_in", vars=goal, url_encode=False))
        return action()

    return guarded
